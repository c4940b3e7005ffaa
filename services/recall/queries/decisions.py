"""The decision behind a case, and its file for officials and the facility that ordered."""

from services.recall.domain.case import Case
from services.recall.domain.decision import Paper
from services.recall.queries import cases
from services.recall.store import decisions
from shared.auth import Principal
from shared.errors import Forbidden
from shared.mongo import Database


def may_read_paper(who: Principal, case: Case) -> bool:
    """Everybody told of a case reads number, day and body; the paper may name people."""
    return who.facility_id is None or who.facility_id == case.ordered_by.facility_id


async def paper_seen_by(who: Principal, case_id: str, *, db: Database) -> tuple[Paper, bytes]:
    """Raises Forbidden, NotFound."""
    case = await cases.seen_by(who, case_id, db=db)
    if not may_read_paper(who, case):
        raise Forbidden()
    return await decisions.paper_of(db, case_id)
