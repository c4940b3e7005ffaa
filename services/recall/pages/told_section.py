"""On a case's page: how many were told of it, and who was not."""

from typing import Any

from services.recall.domain.case import Case
from services.recall.domain.terms import PUBLIC
from services.recall.pages.deliveries import why
from services.recall.queries import deliveries
from shared.auth import Principal
from shared.mongo import Database

TEMPLATE = "told_section.html"


async def load(db: Database, who: Principal, case: Case) -> dict[str, Any] | None:
    """Nothing before a case is public: nobody is told of it then."""
    if case.state not in PUBLIC:
        return None
    told = await deliveries.of_case(who, case, db=db)
    return None if told is None else {"told": told, "why": why, "case_id": case.id}
