"""identity's JSON API, /api/identity/v1."""

from fastapi import APIRouter

from services.identity.api import accounts, applications, factor, me, tokens, units

PREFIX = "/api/identity/v1"

router = APIRouter(prefix=PREFIX)
for part in (tokens, factor, me, applications, accounts, units):
    router.include_router(part.router)
