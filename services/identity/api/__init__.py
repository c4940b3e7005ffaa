"""identity's JSON API, /api/identity/v1."""

from fastapi import APIRouter

from services.identity.api import (
    accounts,
    applications,
    assigning,
    claims,
    clients,
    factor,
    me,
    tokens,
    units,
)

PREFIX = "/api/identity/v1"

router = APIRouter(prefix=PREFIX)
for part in (tokens, claims, factor, me, applications, accounts, assigning, clients, units):
    router.include_router(part.router)
