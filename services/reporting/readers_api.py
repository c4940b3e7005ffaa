"""The JSON API of who read a record."""

from typing import Annotated

from fastapi import APIRouter, Path, Request

from services.reporting import readers
from services.reporting.acts_api import ActsPage, Narrowed, PageNumber, acts_page
from shared.web.session import ApiPrincipal

router = APIRouter(prefix="/api/reporting/v1", tags=["acts"])
# As services give their ids: letters and digits, of batches of stamps and links their numbers.
RecordId = Annotated[str, Path(pattern=r"^[0-9A-Za-z][0-9A-Za-z._-]{0,63}$")]


@router.get("/records/{record_id}/readers")
async def readers_of_record(
    record_id: RecordId,
    request: Request,
    who: ApiPrincipal,
    narrowed: Narrowed,
    page: PageNumber = 1,
) -> ActsPage:
    """Who read a record or what belongs to it, and who was refused it, newest first. `who` and
    `account_id` are empty of people whom the asker does not manage: `place` tells their unit."""
    db = request.app.state.db
    told = await readers.of_record(who, record_id, narrowed, db=db, page=page)
    return acts_page(told.found)
