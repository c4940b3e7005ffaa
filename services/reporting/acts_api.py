"""The JSON API of acts: one's own, and those of the accounts in scope."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel

from services.reporting import acts
from services.reporting.acts import Act, Found, Sought
from services.reporting.api import Seq, Word
from services.reporting.store.acts import MOST, PAGE
from shared.web.fields import Day
from shared.web.session import ApiPrincipal

router = APIRouter(prefix="/api/reporting/v1", tags=["acts"])
AccountId = Annotated[str, Path(pattern=r"^[0-9A-Za-z][0-9A-Za-z._-]{0,63}$")]
PageNumber = Annotated[int, Query(ge=1, le=MOST // PAGE)]


def sought(
    action: Word = "", outcome: Word = "", since: Day | None = None, until: Day | None = None
) -> Sought:
    """`outcome`: accepted, refused or a refusal's code; days in Vietnam, both included."""
    return Sought(action, outcome, since, until)


Narrowed = Annotated[Sought, Depends(sought)]


class ActView(BaseModel):
    """`act`, `refusal` and `object` are words in the asker's language; `place` is the unit or
    facility it was done from, `address` what a read asked for, `times` how often (`since` the first
    time, `at` the last): of a read that opened several records, all of them together. `records`: of
    a read, the ids of what was opened, and of the facilities whose it is (asked about one record,
    who does not read the whole ledger is told of that one); `more`: there were others, too many to
    name."""

    seq: int
    at: datetime | None
    account_id: str
    who: str
    place: str
    service: str
    action: str
    act: str
    subject: str
    object: str
    outcome: str
    refusal: str
    reason: str
    address: str
    times: int
    trace_id: str
    since: datetime | None
    records: list[str]
    more: bool


class ActsPage(BaseModel):
    """`total` stops at 10,001: there are more than anybody leafs through."""

    items: list[ActView]
    total: int
    page: int


@router.get("/acts/mine")
async def my_acts(
    request: Request, who: ApiPrincipal, narrowed: Narrowed, page: PageNumber = 1
) -> ActsPage:
    """What the asker did and was refused, newest first."""
    return acts_page(await acts.mine(who, narrowed, db=request.app.state.db, page=page))


@router.get("/acts")
async def acts_in_scope(
    request: Request, who: ApiPrincipal, narrowed: Narrowed, page: PageNumber = 1
) -> ActsPage:
    """Acts and refusals of the accounts in the scope of a system account, newest first."""
    return acts_page(await acts.within_scope(who, narrowed, db=request.app.state.db, page=page))


@router.get("/acts/{seq}")
async def one_act(seq: Seq, request: Request, who: ApiPrincipal) -> ActView:
    """One act, by its number in the ledger."""
    return _view(await acts.one(who, seq, db=request.app.state.db))


@router.get("/accounts/{account_id}/acts")
async def acts_of_account(
    account_id: AccountId,
    request: Request,
    who: ApiPrincipal,
    narrowed: Narrowed,
    page: PageNumber = 1,
) -> ActsPage:
    """Acts and refusals of one account: one's own, or one in scope."""
    db = request.app.state.db
    return acts_page(await acts.of_account(who, account_id, narrowed, db=db, page=page))


def acts_page(found: Found) -> ActsPage:
    return ActsPage(items=[_view(one) for one in found.acts], total=found.total, page=found.page)


def _view(one: Act) -> ActView:
    row, told = one.row, one.told
    return ActView(
        seq=told.seq,
        at=told.at,
        account_id=row["act"]["account_id"],
        who=told.who,
        place=told.place,
        service=row["source"],
        action=row["act"]["action"],
        act=told.act,
        subject=row["subject"],
        object=told.object,
        outcome=row["act"]["outcome"],
        refusal=told.refusal,
        reason=told.reason,
        address=told.address,
        times=told.times,
        trace_id=told.trace_id,
        since=told.since,
        records=row.get("records", []),
        more=told.more,
    )
