"""What the owner of recalled goods asked, for whom it is to read."""

from services.recall.domain.case import Case
from services.recall.domain.owner_request import OwnerRequest
from services.recall.queries import cases
from services.recall.store import owner_requests
from shared.auth import Principal
from shared.errors import Forbidden
from shared.mongo import Database


def read_by(who: Principal, case: Case) -> bool:
    """Officials and the owner: what is said of the whole recall tells of other facilities."""
    return who.facility_id in (None, case.owner.facility_id)


async def seen_by(who: Principal, case_id: str, *, db: Database) -> tuple[Case, list[OwnerRequest]]:
    """Oldest first; raises Forbidden for whoever was only sent some of the goods."""
    case = await cases.seen_by(who, case_id, db=db)
    if not read_by(who, case):
        raise Forbidden()
    return case, await owner_requests.of_case(db, case_id)
