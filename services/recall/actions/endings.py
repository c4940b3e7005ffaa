"""How a case ends: lifted by two people, or closed with its goods handled."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from services.recall.actions import closings, owner_requests
from services.recall.actions.acting import official
from services.recall.actions.closings import Counted, Figures
from services.recall.actions.complaints import authority_of
from services.recall.domain.case import Case
from services.recall.domain.recovery_refusals import FiguresFromRows
from services.recall.domain.terms import Closing, Handling
from services.recall.store import cases, entries, propagation
from services.recall.store.entries import Entry, Published, published
from shared import audit
from shared.auth import Principal, require, require_fresh
from shared.ids import now
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact

LIFT, CLOSE = "recall.lift", "recall.close"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a closing states; `handling` and `recovered` (in `unit`) are not kept of a warning."""

    finding: str
    handling: Handling | None = None
    recovered: Decimal | None = None
    unit: str = ""

    @property
    def measured(self) -> tuple[Decimal | None, str]:
        return self.recovered, self.unit


async def request_lift(
    case_id: str, reason: str, *, who: Principal, db: Database, at: datetime
) -> Case:
    async def work(tx: Tx) -> Case:
        case = await cases.get(tx, case_id)
        require(who, LIFT, cases.scope_of(case.owner))
        require_fresh(who, LIFT, at)
        case = case.request_lift(reason, who=official(who), now=at)
        await cases.put(tx, case)
        await _note(tx, case, "lift_requested", who, reason, at)
        return case

    async with audit.attempt(db, who, LIFT, case_id):
        return await transact(db, work)


async def confirm_lift(case_id: str, *, who: Principal, db: Database, at: datetime) -> Case:
    """The second person's yes: every part of the notice is cleared."""

    async def work(tx: Tx) -> Case:
        case = await cases.get(tx, case_id)
        require(who, LIFT, cases.scope_of(case.owner))
        require_fresh(who, LIFT, at)
        case, events = case.confirm_lift(who=official(who), now=at)
        await cases.put(tx, case, case.parts)
        await outbox.append(tx, *events)
        reason = case.lift.reason if case.lift else ""
        await _note(tx, case, "lifted", who, reason, at, published(events))
        return case

    async with audit.attempt(db, who, LIFT, case_id):
        case = await transact(db, work)
    propagation.note_acknowledged(db, case.id, case.version, now())
    return case


async def decline_lift(
    case_id: str, reason: str, *, who: Principal, db: Database, at: datetime
) -> Case:
    async def work(tx: Tx) -> Case:
        case = await cases.get(tx, case_id)
        require(who, LIFT, cases.scope_of(case.owner))
        case = case.decline_lift(now=at)
        await cases.put(tx, case)
        await _note(tx, case, "lift_declined", who, reason, at)
        return case

    async with audit.attempt(db, who, LIFT, case_id):
        return await transact(db, work)


async def close_case(
    case_id: str, outcome: Outcome, *, who: Principal, db: Database, at: datetime
) -> Case:
    """End the case with its sums as they are now; its notices stay.

    Raises SumsUnexplained while what was made of a lot is not accounted for.
    """

    async def work(tx: Tx) -> Case:
        case = await cases.get(tx, case_id)
        require(who, CLOSE, cases.scope_of(case.owner))
        figures = await _accounted(tx, case, outcome, counted)
        recovered, unit = (figures.recovered, figures.unit) if figures else outcome.measured
        closing = Closing(
            outcome.finding,
            outcome.handling,
            recovered,
            unit,
            official(who),
            at,
            await authority_of(tx, who),
            figures.parts if figures else (),
        )
        case, events = case.close(closing)
        if figures:
            await closings.freeze(tx, case, figures)
        await owner_requests.settle(tx, case.id, who, at)
        await cases.put(tx, case)
        await outbox.append(tx, *events)
        await entries.add(
            tx,
            Entry(case.id, case.version, "closed", at, by=official(who), text=outcome.finding),
        )
        await audit.accepted(
            tx,
            who,
            CLOSE,
            case.id,
            outcome.finding,
            handling=closing.handling,
            recovered=closing.recovered_text,
        )
        return case

    async with audit.attempt(db, who, CLOSE, case_id):
        # Nothing is added up for whoever may not close it.
        require(who, CLOSE, cases.scope_of((await cases.get(db, case_id)).owner))
        counted = await Counted.look(db, case_id)
        return await transact(db, work)


async def _accounted(tx: Tx, case: Case, outcome: Outcome, counted: Counted) -> Figures | None:
    """What the rows come to; None where no lots are to be accounted for. Raises SumsUnexplained,
    FiguresFromRows."""
    figures = await counted.sure(tx, case)
    if figures is None:
        return None
    figures.must_be_explained()
    if outcome.recovered is not None:
        raise FiguresFromRows("recovered")
    return figures


async def _note(
    tx: Tx,
    case: Case,
    act: str,
    who: Principal,
    reason: str,
    at: datetime,
    told: Sequence[Published] = (),
) -> None:
    await entries.add(
        tx, Entry(case.id, case.version, act, at, official(who), reason, published=told)
    )
    await audit.accepted(tx, who, LIFT, case.id, reason, act=act)
