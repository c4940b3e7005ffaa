"""identity's pages: signing in, one's own account, and the console of units and accounts."""

from fastapi import APIRouter

from services.identity.pages import (
    accounts,
    activity,
    applications,
    apply,
    assigning,
    carrying,
    claiming,
    clients,
    factor_removal,
    handing,
    handover,
    issuing,
    me,
    own_factor,
    paper_form,
    passwords,
    personal,
    proving,
    rights,
    second_step,
    session,
    units,
)

router = APIRouter(include_in_schema=False)
PARTS = (
    session,
    second_step,
    passwords,
    paper_form,  # Before the pages of tracking codes, where it would be taken for one.
    apply,
    me,
    own_factor,
    proving,
    carrying,
    claiming,
    issuing,
    applications,
    activity,
    assigning,
    clients,
    handover,
    personal,
    rights,
    handing,
    factor_removal,  # Before the acts of accounts, whose addresses have a place for any word.
    accounts,
    units,
)
for part in PARTS:
    router.include_router(part.router)
