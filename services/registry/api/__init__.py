"""The JSON API below /api/registry/v1: one router of all kinds of records."""

from fastapi import APIRouter

from services.registry.api import (
    articles,
    catalogues,
    circulation,
    diaries,
    documents,
    entering,
    examinations,
    genealogy,
    imports,
    inquiries,
    inspections,
    keepings,
    known,
    media,
    reading,
    received,
    recordings,
    reviewing,
    shipping,
    standards,
    standing,
    testing,
    trace_events,
    tracing,
    transforming,
)

router = APIRouter(prefix="/api/registry/v1")
# Fixed words come before `{kind}`, which would take them for one.
for part in (
    catalogues,
    standards,
    imports,
    documents,
    articles,
    inquiries,
    inspections,
    circulation,
    known,
    media,
    recordings,
    diaries,
    trace_events,
    tracing,
    testing,
    examinations,
    genealogy,
    received,
    transforming,
    shipping,
    keepings,
    standing,
    entering,
    reviewing,
    reading,
):
    router.include_router(part.router)
