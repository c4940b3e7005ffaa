"""The suspicions that led to a case, and what inspections found of the goods since, on its page."""

from typing import Any

from services.recall.domain.case import Case
from services.recall.pages.suspicion_words import words
from services.recall.queries import suspicions as queries
from shared.auth import Principal
from shared.ids import now
from shared.mongo import Database


async def section(db: Database, who: Principal, case: Case) -> dict[str, Any] | None:
    """None for facilities, and where nothing in the asker's area led here."""
    found = await queries.behind_case(who, case, db=db)
    if not found:
        return None
    borne_out = [(one, await queries.evidence(one, db=db, at=now())) for one in found]
    return {"found": borne_out, **words()}
