"""Trace events of all lots in scope, searched."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from services.registry.store import trace_events as store
from shared.auth import require
from shared.days import day_begins
from shared.web.fields import Day
from shared.web.session import ApiPrincipal

router = APIRouter()
Word = Annotated[str, Query(max_length=64)]


class TraceEventView(BaseModel):
    """`source` is lot, area, transformation, shipment or keeping, and `of` its id.

    `step` is a step of a diary, a kind of transformation (split, merge, process, collect), shipped,
    received, sale, loss, or of a keeping: storing, sorting, displaying, examining.
    """

    id: str
    source: str
    of: str
    step: str
    kind: str
    at: datetime
    facility_id: str
    facility: str
    place: str
    code: str
    name: str
    quantity: str
    unit: str


class TraceEventList(BaseModel):
    """`next` is the `after` of the next page, "" on the last."""

    items: list[TraceEventView]
    next: str


@router.get("/events")
async def search(
    who: ApiPrincipal,
    request: Request,
    q: Annotated[str, Query(max_length=200)] = "",
    step: Word = "",
    facility_id: Word = "",
    since: Day | None = None,
    until: Day | None = None,
    after: Annotated[str, Query(max_length=300)] = "",
) -> TraceEventList:
    """The latest first, 25 a page; `since` and `until` are days in Vietnam, both included.

    `q`: whole words of lot codes, supplies, places, facilities; all of them must be there.
    """
    require(who, "lot.read")
    wanted = store.Wanted(
        text=q,
        step=step,
        facility_id=facility_id,
        since=day_begins(since),
        until=day_begins(until, later=1),
    )
    found, following = await store.search(request.app.state.db, who, wanted, after=after)
    items = [TraceEventView.model_validate(one, from_attributes=True) for one in found]
    return TraceEventList(items=items, next=following)
