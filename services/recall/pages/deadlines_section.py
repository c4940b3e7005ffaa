"""A case's deadlines on its page: what is due, by whom, until when; and below, what was."""

from typing import Any

from services.recall.domain.case import Case
from services.recall.domain.deadlines import Clock
from services.recall.pages import deadline_words
from services.recall.queries import deadlines
from shared.auth import Principal
from shared.ids import now
from shared.mongo import Database


async def running(db: Database, who: Principal, case: Case) -> dict[str, Any] | None:
    """They ask for an act, so they stand above."""
    found = [one for one in await deadlines.of_case(who, case, db=db) if one.is_running]
    return _told(found, case)


async def over(db: Database, who: Principal, case: Case) -> dict[str, Any] | None:
    found = [one for one in await deadlines.of_case(who, case, db=db) if not one.is_running]
    return _told(found, case)


def _told(found: list[Clock], case: Case) -> dict[str, Any] | None:
    own = case.announced_by(case.owner.facility_id)
    return {"clocks": found, "at": now(), "own": own, "words": deadline_words} if found else None
