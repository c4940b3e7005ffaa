"""identity's pages: signing in, one's own account, and the console of units and accounts."""

from fastapi import APIRouter

from services.identity.pages import (
    accounts,
    activity,
    applications,
    apply,
    assigning,
    carrying,
    handover,
    issuing,
    me,
    passwords,
    personal,
    session,
    units,
)

router = APIRouter(include_in_schema=False)
for part in (
    session,
    passwords,
    apply,
    me,
    carrying,
    issuing,
    applications,
    activity,
    assigning,
    handover,
    personal,
    accounts,
    units,
):
    router.include_router(part.router)
