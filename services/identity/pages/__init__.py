"""identity's pages: signing in, one's own account, and the console of units and accounts."""

from fastapi import APIRouter

from services.identity.pages import (
    accounts,
    activity,
    applications,
    apply,
    carrying,
    issuing,
    me,
    passwords,
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
    accounts,
    units,
):
    router.include_router(part.router)
