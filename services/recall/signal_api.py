"""The JSON API of early warning: signals with their evidence, decisions, and the rules."""

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel

from services.recall.actions import signals as acts
from services.recall.domain.signals.rules import Rule
from services.recall.queries import signals as queries
from services.recall.signal_inputs import DecisionBody, Narrowing
from shared.ids import now
from shared.once import once
from shared.web.idempotency import IdempotencyKey
from shared.web.session import ApiPrincipal

router = APIRouter(prefix="/api/recall/v1/signals", tags=["recall"])
SignalId = Annotated[str, Path(max_length=64, pattern="^[0-9A-Za-z-]+$")]


class FactView(BaseModel):
    """One thing that went wrong, and the event that told it; `source` is the id of the lot, report
    or stamp ("batch/serial") that shows it, by `kind`."""

    id: str
    kind: str
    at: datetime
    event_id: str
    facility_id: str
    product_id: str
    lot_id: str
    commune: str
    label: str
    stamp: str
    source: str


class DecisionView(BaseModel):
    by: str
    authority: str
    at: datetime
    words: str
    suspicion_id: str
    case_id: str


class SignalView(BaseModel):
    """`count` of `needed` different ones bear it out; `subject` is what they have in common, after
    the rule's key. `whole` is false where some of it lies outside the asker's area."""

    id: str
    version: int
    rule: str
    subject: str
    label: str
    input: str
    starts_on: date
    state: str
    severity: str
    count: int
    needed: int
    communes: list[str]
    last_at: datetime
    raised_at: datetime
    whole: bool
    decision: DecisionView | None

    @classmethod
    def of(cls, row: queries.Row) -> "SignalView":
        return cls(**_told(row))


class SignalDetail(SignalView):
    """`facts` are those in the asker's area; `elsewhere` counts the others."""

    facts: list[FactView]
    elsewhere: int


class SignalList(BaseModel):
    """A page of 25; `total` is how many there are in this state, `numbers` in each."""

    items: list[SignalView]
    total: int
    numbers: dict[str, int]


class RuleView(BaseModel):
    """A rule as the file has it, and what became of its signals in the asker's area; `precision`
    is the share of decided ones that were not dismissed."""

    rule: Rule
    raised: int
    open: int
    decided: int
    dismissed: int
    subsided: int
    precision: float | None


class RuleList(BaseModel):
    items: list[RuleView]
    watched_since: datetime


@router.get("")
async def list_signals(
    request: Request,
    who: ApiPrincipal,
    asked: Narrowing,
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> SignalList:
    """Signals that touch the asker's area, what happened last first. `state` is open, suspicion,
    inspection, recall, dismissed or subsided; "" is any."""
    db = request.app.state.db
    rows, numbers, total = await queries.listed(who, asked.narrowed(), db=db, page=page)
    return SignalList(items=[SignalView.of(row) for row in rows], total=total, numbers=numbers)


@router.get("/rules")
async def list_rules(request: Request, who: ApiPrincipal) -> RuleList:
    """What is watched, and how often each rule was right."""
    db = request.app.state.db
    items = [
        RuleView(
            rule=one.rule,
            raised=one.raised,
            open=one.open,
            decided=one.decided,
            dismissed=one.dismissed,
            subsided=one.subsided,
            precision=one.precision,
        )
        for one in await queries.by_rule(who, db=db)
    ]
    return RuleList(items=items, watched_since=await queries.since(db))


@router.get("/{signal_id}")
async def get_signal(signal_id: SignalId, request: Request, who: ApiPrincipal) -> SignalDetail:
    return _detail(await queries.one(who, signal_id, db=request.app.state.db))


@router.post("/{signal_id}/decision")
async def decide(
    signal_id: SignalId,
    sent: DecisionBody,
    request: Request,
    who: ApiPrincipal,
    key: IdempotencyKey = None,
) -> SignalDetail:
    """Dismiss it, open a suspicion, or ask for an inspection. A recall is ordered as any other, of
    what the signal names: that decides it too. The same Idempotency-Key decides once."""
    db, at = request.app.state.db, now()
    asked = once(who, key, "signal", signal_id, sent.model_dump())
    if sent.goods is None or sent.decision == "dismissed":
        await acts.dismiss(
            signal_id, sent.words, version=sent.version, who=who, db=db, at=at, asked=asked
        )
    else:
        await acts.suspect(
            signal_id,
            sent.words,
            sent.goods,
            version=sent.version,
            until=sent.until,
            who=who,
            db=db,
            at=at,
            asked=asked,
        )
    return _detail(await queries.one(who, signal_id, db=db))


def _detail(row: queries.Row) -> SignalDetail:
    facts = [FactView.model_validate(one, from_attributes=True) for one in row.signal.facts]
    return SignalDetail(**_told(row), facts=facts, elsewhere=row.elsewhere)


def _told(row: queries.Row) -> dict[str, object]:
    one = row.signal
    decision = one.decision
    names = ("id", "version", "label", "state", "severity", "count", "needed")
    return {
        **{name: getattr(one, name) for name in names},
        "rule": one.rule_key,
        "subject": one.key.partition("|")[2],
        "input": row.input,
        "starts_on": one.start,
        "communes": sorted({place.commune for place in one.places}),
        "last_at": one.last_at,
        "raised_at": one.raised_at,
        "whole": row.whole,
        "decision": DecisionView.model_validate(decision, from_attributes=True)
        if decision
        else None,
    }
