"""How a case ends: lifted by two people, or closed with its goods handled."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from services.recall.actions.acting import official
from services.recall.domain.case import Case
from services.recall.domain.refusals import RecoveredTooMuch
from services.recall.domain.terms import Closing, Handling
from services.recall.store import cases, entries, genealogy, propagation
from services.recall.store.entries import Entry, Published, published
from shared import audit
from shared.auth import Principal, require, require_fresh
from shared.ids import now
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact

LIFT, CLOSE = "recall.lift", "recall.close"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a closing states; `recovered` in `unit`, None where nothing was measured."""

    finding: str
    handling: Handling
    recovered: Decimal | None = None
    unit: str = ""


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
    """End the case; its notices stay. Raises RecoveredTooMuch if more came back than was made."""

    async def work(tx: Tx) -> Case:
        case = await cases.get(tx, case_id)
        require(who, CLOSE, cases.scope_of(case.owner))
        await _check_recovered(tx, case, outcome)
        closing = Closing(
            finding=outcome.finding,
            handling=outcome.handling,
            recovered=outcome.recovered,
            unit=outcome.unit,
            by=official(who),
            at=at,
        )
        case, events = case.close(closing)
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
            handling=outcome.handling,
            recovered=closing.recovered_text,
        )
        return case

    async with audit.attempt(db, who, CLOSE, case_id):
        return await transact(db, work)


async def _check_recovered(tx: Tx, case: Case, outcome: Outcome) -> None:
    """Goods measured in the unit of the lots cannot come back in a larger quantity than made."""
    if outcome.recovered is None:
        return
    lots = (await genealogy.lots(tx, case.lots)).values()
    made = sum((lot.quantity for lot in lots if lot.unit == outcome.unit), Decimal(0))
    if made and outcome.recovered > made:
        raise RecoveredTooMuch("recovered", given=outcome.recovered, made=made, unit=outcome.unit)


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
