"""Whom a facility being entered or reviewed may repeat, as its page tells."""

from typing import Final, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel

from services.registry.actions import doubles
from services.registry.actions.rights import RIGHTS, require_for
from services.registry.api.views import RecordId
from services.registry.domain.records import Aggregate
from services.registry.store import records
from shared.web.session import ApiPrincipal

router = APIRouter()
Reason = Literal["same_tax_number", "same_tax_number_elsewhere", "similar_name"]
_REASONS: Final[dict[str, Reason]] = {
    doubles.SAME_NUMBER: "same_tax_number",
    doubles.ELSEWHERE: "same_tax_number_elsewhere",
    doubles.SIMILAR: "similar_name",
}


class DoubleView(BaseModel):
    """`public`: beyond the caller's scope, told as everybody reads it."""

    id: str
    code: str
    name: str
    address: str
    reason: Reason
    public: bool


class DoublesView(BaseModel):
    items: list[DoubleView]


@router.get("/facilities/{record_id}/doubles")
async def read_doubles(record_id: RecordId, who: ApiPrincipal, request: Request) -> DoublesView:
    """Facilities that this one may be, the surest first; none where there is no likely one.

    By tax number always, by name and address within the commune while it is under review. A
    facility of another's scope is told only to officials, and only where it is published.
    """
    db = request.app.state.db
    record = await records.get(db, Aggregate.FACILITY, record_id)
    require_for(who, RIGHTS[Aggregate.FACILITY].read, record)
    items = [
        DoubleView(
            id=one.id,
            code=one.code,
            name=one.name,
            address=one.address,
            reason=_REASONS[one.why],
            public=one.public,
        )
        for one in await doubles.of_record(db, who, record)
    ]
    return DoublesView(items=items)
