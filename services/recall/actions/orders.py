"""Ordering a recall, and the second person's yes or no to a large one."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from services.recall import catalogue
from services.recall.actions import decisions, reach, signals, suspicions, titles
from services.recall.actions.acting import official
from services.recall.domain.case import Case
from services.recall.domain.decision import Given
from services.recall.domain.reasons import OTHER, Reason, Words
from services.recall.domain.refusals import WordsMissing
from services.recall.domain.target import Target
from services.recall.domain.terms import (
    Cap,
    Extent,
    Kind,
    LegalBasis,
    Level,
    Official,
    Order,
    State,
    Wording,
)
from services.recall.store import cases, entries, genealogy, propagation
from services.recall.store import suspicions as suspected
from services.recall.store.entries import Entry, published
from services.recall.store.newest import Reader
from shared import audit, once
from shared.auth import Principal, require, require_fresh
from shared.contracts.event import Event
from shared.crashpoints import crash_point
from shared.ids import new_id, now
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact
from shared.turns import turn

ORDER = "recall.order"


@dataclass(frozen=True, slots=True)
class Asked:
    """An order as a person types it; the title follows from the target, what is left empty from
    the reason of the catalogue. `suspicion` or `signal` is the one from whose page it is ordered,
    if any."""

    kind: Kind
    target: Target
    reason: str
    instruction: str
    legal_basis: LegalBasis | None = None
    reason_en: str = ""
    instruction_en: str = ""
    reason_zh: str = ""
    instruction_zh: str = ""
    level: Level | None = None
    reason_key: str = OTHER
    decision: Given | None = None
    suspicion: str = ""
    signal: str = ""


async def order_recall(
    asked: Asked, *, who: Principal, cap: Cap, key: str | None, db: Database, at: datetime
) -> Case:
    """Order, in one transaction; the same key by the same account gives the first case again."""
    fresh_id = new_id()
    sent = once.once(who, key, "order", asked)

    async def work(tx: Tx) -> tuple[Case, bool]:
        if before := await once.answered(tx, sent):
            return await cases.get(tx, before["id"]), False
        subject, extent = await found.sure(tx)
        case, events = Case.order(
            fresh_id,
            drafted(asked, subject, because, official(who)),
            extent,
            who=official(who),
            authority=subject.authority,
            cap=cap,
            now=at,
        )
        await cases.add(tx, case)
        if asked.suspicion:
            await suspected.mean(tx, case.id, asked.suspicion)
        if asked.signal:
            await signals.mean(tx, case.id, asked.signal, who, at)
        await once.keep(tx, sent, {"id": case.id}, at)
        await _record(tx, case, events, act="ordered" if events else "asked", who=who, at=at)
        if asked.decision is not None:
            await decisions.give_with(tx, case, asked.decision, who, at)
        crash_point("recall.order.before_commit")
        return case, True

    async with audit.attempt(db, who, ORDER, asked.target.key):
        if before := await once.answered(db, sent):
            return await cases.get(db, before["id"])
        found = await Found.look(db, asked.target, who, at)
        because = catalogue.given(asked.reason_key, who)
        async with _turn(db) as waited:
            found = await found.still(db) if waited else found
            case, is_new = await transact(db, work)
    crash_point("recall.order.after_commit")
    if is_new and case.state is State.ORDERED:
        propagation.note_acknowledged(db, case.id, case.version, now())
    return case


async def confirm_order(case_id: str, *, who: Principal, db: Database, at: datetime) -> Case:
    """A second person lets a large order through; its reach is traced anew."""

    async def work(tx: Tx) -> Case:
        case = await cases.get(tx, case_id)
        _, extent = await found.sure(tx)
        case, events = case.confirm(extent, who=official(who), now=at)
        await cases.put(tx, case, case.parts)
        await _record(tx, case, events, act="confirmed", who=who, at=at)
        crash_point("recall.order.before_commit")
        return case

    async with audit.attempt(db, who, ORDER, case_id):
        waiting = await cases.get(db, case_id)
        require(who, ORDER, cases.scope_of(waiting.owner))
        found = await Found.look(db, waiting.target, who, at)
        async with _turn(db) as waited:
            found = await found.still(db) if waited else found
            case = await transact(db, work)
    crash_point("recall.order.after_commit")
    propagation.note_acknowledged(db, case.id, case.version, now())
    return case


@dataclass(frozen=True, slots=True)
class Found:
    """A target and its extent, looked up before the transaction: the way to a hundred thousand
    lots is long, and a transaction must be short. The subject's turns tell whether it still holds
    in it."""

    target: Target
    who: Principal
    at: datetime
    subject: reach.Subject
    extent: Extent

    @classmethod
    async def look(cls, db: Database, target: Target, who: Principal, at: datetime) -> Self:
        return cls(target, who, at, *await _reached(db, target, who, at))

    async def still(self, db: Database) -> Self:
        """As found, or looked up again where something arrived while others had their turns."""
        if await genealogy.turns_now(db) == self.subject.turns:
            return self
        return await self.look(db, self.target, self.who, self.at)

    async def sure(self, tx: Tx) -> tuple[reach.Subject, Extent]:
        """As found, or as it is now if lots came meanwhile; until the commit none can come."""
        if await genealogy.decide(tx, self.subject.turns):
            return self.subject, self.extent
        await genealogy.decide(tx)
        return await _reached(tx, self.target, self.who, self.at)


async def _reached(
    reader: Reader, target: Target, who: Principal, at: datetime
) -> tuple[reach.Subject, Extent]:
    subject = await reach.find_subject(reader, target, who, ORDER)
    require_fresh(who, ORDER, at)
    return subject, (await reach.of_subject(reader, subject)).extent


async def decline_order(
    case_id: str, reason: str, *, who: Principal, db: Database, at: datetime
) -> Case:
    """A waiting order comes to nothing."""

    async def work(tx: Tx) -> Case:
        case = await cases.get(tx, case_id)
        require(who, ORDER, cases.scope_of(case.owner))
        case = case.decline(who=official(who), now=at)
        await cases.put(tx, case)
        await entries.add(
            tx, Entry(case.id, case.version, "declined", at, by=official(who), text=reason)
        )
        await suspicions.case_declined(tx, case, by=who.name, at=at)
        await audit.accepted(tx, who, "recall.decline", case.id, reason)
        return case

    async with audit.attempt(db, who, "recall.decline", case_id):
        return await transact(db, work)


def _turn(db: Database) -> AbstractAsyncContextManager[bool]:
    """All orders write to the guard, so in one process they wait here and not in conflicts."""
    return turn(db.name, "reach")


def drafted(asked: Asked, subject: reach.Subject, because: Reason, who: Official) -> Order:
    """The order in the words that people would read. Raises WordsMissing where neither the asker
    nor the catalogue says anything, ReasonDoesNotFit, LevelDoesNotFit, VoluntaryOnly."""
    reason = _translated(because.reason, asked.reason)
    instruction = _translated(because.instruction, asked.instruction)
    wording = Wording(
        title=titles.title(asked.kind, subject, "vi"),
        reason=reason.vi,
        instruction=instruction.vi,
        title_en=titles.title(asked.kind, subject, "en"),
        reason_en=asked.reason_en or reason.en,
        instruction_en=asked.instruction_en or instruction.en,
        title_zh=titles.title(asked.kind, subject, "zh"),
        reason_zh=asked.reason_zh or reason.zh,
        instruction_zh=asked.instruction_zh or instruction.zh,
    )
    if not wording.reason or not wording.instruction:
        raise WordsMissing("instruction" if wording.reason else "reason")
    level = asked.level or because.level_for(asked.kind)
    order = Order(asked.kind, subject.target, wording, asked.legal_basis, level, because.key)
    because.must_fit(order.kind, order.basis_for(who))
    order.must_fit()
    return order


def _translated(known: Words, own: str) -> Words:
    """The catalogue's words, or one's own. Translations of the catalogue's say nothing of one's
    own: readers of other languages are then shown the Vietnamese, never something else."""
    if not own or _plain(own) == _plain(known.vi):
        return known
    return Words(vi=own, en="", zh="")


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


async def _record(
    tx: Tx, case: Case, events: tuple[Event, ...], *, act: str, who: Principal, at: datetime
) -> None:
    """The act's events, history entry and audit record, in its own transaction."""
    await outbox.append(tx, *events)
    reason = case.wording.reason
    told = published(events)
    await entries.add(
        tx, Entry(case.id, case.version, act, at, official(who), reason, published=told)
    )
    await audit.accepted(
        tx,
        who,
        ORDER,
        case.id,
        reason,
        act=act,
        kind=case.kind,
        level=case.level,
        reason_key=case.reason_key,
        target=case.target.key,
        legal_basis=case.legal_basis,
        lots=len(case.lots),
        stamps=case.stamps,
        state=case.state,
    )
