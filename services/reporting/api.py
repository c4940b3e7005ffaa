"""The JSON API of reporting: figures and the audit ledger."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel

from services.reporting import queries
from services.reporting.waiting import inspections_for, participation
from shared.errors import Forbidden
from shared.ids import now
from shared.web.session import ApiPrincipal

router = APIRouter(prefix="/api/reporting/v1", tags=["reporting"])
# As the ledger counts; a greater number is none that MongoDB knows.
Seq = Annotated[int, Path(ge=1, le=2**63 - 1)]
Word = Annotated[str, Query(max_length=100)]


class StatisticsView(BaseModel):
    """`totals` counts stamps issued, activated and revoked, batches issued, requests approved and
    rejected, and scans, all of the asker's area or facility.

    Notices, recalls and `scans_by_verdict` are always the whole province's.
    """

    facilities: int
    products: int
    lots: int
    accounts: int
    active_notices: int
    recalls: int
    totals: dict[str, int]
    scans_by_verdict: dict[str, int]


class WorkView(BaseModel):
    """`to_check`, `to_publish`: records that wait for the account's check and approval.

    `sent_back`: drafts of the own facility that came back to be mended.
    `to_answer`: receipts of the own facility's goods that wait for its word.
    `applications`: those waiting for a decision in one's area, the first one since when.
    `stamps_…`, of those that the authority prints: batches of the area to be printed, batches in
    the stock of the own unit to be handed over; hand-overs that the own unit or facility has to
    receive, and to answer where they differ. All four null: they could not be counted in time.
    """

    to_check: int
    to_publish: int
    sent_back: int
    to_answer: int
    applications: int
    applications_since: datetime | None
    stamps_to_print: int | None
    stamps_to_hand_over: int | None
    stamps_to_receive: int | None
    stamps_to_answer: int | None


class ShareView(BaseModel):
    """`share` is who takes part of all that are known of, null where there are none."""

    facility_class: str
    known: int
    invited: int
    registering: int
    participating: int
    total: int
    share: float | None


class InspectedView(BaseModel):
    """`violations` were found in this year's; `open` and `overdue` (minutes) count all years."""

    passed: int
    conditional: int
    failed: int
    total: int
    violations: int
    open: int
    overdue: int


class LinkView(BaseModel):
    seq: int
    event_id: str
    type: str
    subject: str
    time: str
    number: int | None
    hash: str
    act: dict[str, str] | None = None
    body: str | None = None


class AuditPage(BaseModel):
    items: list[LinkView]
    total: int
    page: int


class LedgerView(BaseModel):
    """`faults` is empty while the ledger is sound; `verified_at` None before the first walk."""

    links: int
    signed_to: int
    signed_at: datetime | None
    verified_at: datetime | None
    verified_links: int
    faults: list[str]


@router.get("/statistics")
async def statistics(request: Request, who: ApiPrincipal) -> StatisticsView:
    """Counts of the asker's area; a facility's accounts see their own."""
    found = await queries.statistics_for(who, db=request.app.state.db)
    return StatisticsView.model_validate(found, from_attributes=True)


@router.get("/work")
async def work(request: Request, who: ApiPrincipal) -> WorkView:
    """What waits for the account; nothing for who may decide nothing."""
    found = await queries.work_for(who, db=request.app.state.db)
    return WorkView.model_validate(found, from_attributes=True)


@router.get("/participation")
async def participating(request: Request, who: ApiPrincipal) -> list[ShareView]:
    """How many known facilities take part, by class, in the asker's area (R58)."""
    found = await participation(who, db=request.app.state.db)
    return [ShareView.model_validate(one, from_attributes=True) for one in found]


@router.get("/inspections")
async def inspections(request: Request, who: ApiPrincipal) -> InspectedView:
    """Inspections of this year by result, in the asker's area or of the own facility (R35)."""
    found = await inspections_for(who, db=request.app.state.db, now=now())
    if found is None:
        raise Forbidden()
    return InspectedView.model_validate(found, from_attributes=True)


@router.get("/audit")
async def audit(
    request: Request,
    who: ApiPrincipal,
    action: Word = "",
    outcome: Word = "",
    subject: Word = "",
    account_id: Word = "",
    type: Word = "",
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
) -> AuditPage:
    """Links of the ledger, newest first."""
    chosen = queries.AuditFilter(action, outcome, subject, account_id, type)
    rows, total = await queries.audit_page(who, chosen, db=request.app.state.db, page=page)
    return AuditPage(items=[_link(row, body=False) for row in rows], total=total, page=page)


@router.get("/audit/state")
async def ledger_state(request: Request, who: ApiPrincipal) -> LedgerView:
    """How long the ledger is, up to where it is signed, and what the last walk found."""
    state = await queries.ledger_state(who, db=request.app.state.db)
    signed, verified = state.checkpoint or {}, state.verification or {}
    return LedgerView(
        links=state.links,
        signed_to=signed.get("seq", 0),
        signed_at=signed.get("at"),
        verified_at=verified.get("at"),
        verified_links=verified.get("links", 0),
        faults=verified.get("faults", []),
    )


@router.get("/audit/{seq}")
async def audit_link(seq: Seq, request: Request, who: ApiPrincipal) -> LinkView:
    """One link with the event as it was received."""
    return _link(await queries.audit_link(who, seq, db=request.app.state.db), body=True)


def _link(row: dict[str, Any], *, body: bool) -> LinkView:
    return LinkView(
        seq=row["_id"],
        event_id=row["event_id"],
        type=row["type"],
        subject=row.get("subject", ""),
        time=row.get("time", ""),
        number=row["number"],
        hash=row["hash"],
        act=row.get("act"),
        body=row["body"] if body else None,
    )
