"""Correcting a standing case: at once by one person, or, where consumers are told less, by two."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime

from services.recall import catalogue
from services.recall.actions import correcting_reach, titles
from services.recall.actions.acting import official
from services.recall.actions.endings import LIFT
from services.recall.domain import correcting, refusals
from services.recall.domain.case import Case
from services.recall.domain.correcting import Change
from services.recall.domain.target import Target
from services.recall.domain.terms import Cap, Correction, Kind, Level, Official, Said, Wording
from services.recall.store import cases, corrections, entries, genealogy, propagation
from services.recall.store.corrections import Corrected
from services.recall.store.entries import Entry, published
from shared import audit, once
from shared.auth import Principal, require, require_fresh
from shared.errors import EditConflict
from shared.ids import now
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact

CORRECT = "recall.correct"


@dataclass(frozen=True, slots=True)
class Asked:
    """A correction as a person types it; None stays as it is. `revision` is that of the case as
    the person saw it; `add` and `remove` are ids or codes of lots."""

    revision: int
    why: str
    kind: Kind | None = None
    level: Level | None = None
    reason_key: str | None = None
    target: Target | None = None
    reason: str | None = None
    instruction: str | None = None
    reason_en: str | None = None
    instruction_en: str | None = None
    reason_zh: str | None = None
    instruction_zh: str | None = None
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


async def correct(
    case_id: str,
    asked: Asked,
    *,
    who: Principal,
    cap: Cap,
    key: str | None,
    db: Database,
    at: datetime,
) -> Case:
    """Correct the case, or ask a second person to agree; the same key is one correction.

    Raises EditConflict where somebody else corrected it meanwhile.
    """
    sent = once.once(who, key, "correct", case_id, asked)

    async def work(tx: Tx) -> tuple[Case, bool]:
        if await once.answered(tx, sent):
            return await cases.get(tx, case_id), False
        case = await _for(tx, case_id, who, at)
        if case.revision != asked.revision:
            raise EditConflict()
        correction = await _wanted(tx, case, asked, who)
        await once.keep(tx, sent, {"id": case.id}, at)
        change = await _change(tx, case, correction, who)
        if change.needs_another(cap):
            waiting = correcting.ask(case, correction, who=official(who), now=at)
            await cases.put(tx, waiting)
            await _note(tx, waiting, "correction_asked", who, asked.why, at, change)
            return waiting, False
        return await _make(tx, case, change, asked.why, official(who), None, who, at), True

    async with audit.attempt(db, who, CORRECT, case_id):
        case, is_made = await transact(db, work)
    if is_made:
        propagation.note_acknowledged(db, case.id, case.version, now())
    return case


async def confirm(case_id: str, *, who: Principal, db: Database, at: datetime) -> Case:
    """The second person's yes; what it changes is found anew. Where consumers are told less, it
    is for those who may lift."""

    async def work(tx: Tx) -> Case:
        case = await _for(tx, case_id, who, at)
        wanted = correcting.asked_of(case, official(who))
        change = await _change(tx, case, wanted, None)
        if change.narrows:
            require(who, LIFT, cases.scope_of(case.owner))
        by = case.correction.requested_by if case.correction else official(who)
        return await _make(tx, case, change, wanted.why, by, official(who), who, at)

    async with audit.attempt(db, who, CORRECT, case_id):
        case = await transact(db, work)
    propagation.note_acknowledged(db, case.id, case.version, now())
    return case


async def decline(case_id: str, reason: str, *, who: Principal, db: Database, at: datetime) -> Case:
    """The case goes on saying what it says; also the one who asked may take it back."""

    async def work(tx: Tx) -> Case:
        case = await _for(tx, case_id, who, None)
        case = correcting.decline(case, now=at)
        await cases.put(tx, case)
        await _note(tx, case, "correction_declined", who, reason, at)
        return case

    async with audit.attempt(db, who, CORRECT, case_id):
        return await transact(db, work)


async def _for(tx: Tx, case_id: str, who: Principal, at: datetime | None) -> Case:
    """The case, if this person may correct it; with `at` a fresh proof is asked for."""
    case = await cases.get(tx, case_id)
    require(who, CORRECT, cases.scope_of(case.owner))
    if who.facility_id is not None and case.ordered_by.facility_id != who.facility_id:
        raise refusals.CorrectionNotYours()
    if at is not None:
        require_fresh(who, CORRECT, at)
    if not case.is_standing:
        raise refusals.NotStanding()
    return case


async def _wanted(tx: Tx, case: Case, asked: Asked, who: Principal) -> Correction:
    """What the case would say, whole. A reason that is chosen anew must be the asker's to give."""
    target = asked.target or case.target
    kind = asked.kind or case.kind
    key = case.reason_key if asked.reason_key is None else asked.reason_key
    if key != case.reason_key or kind is not case.kind:
        because = catalogue.given(key or catalogue.OTHER, who)
        because.must_fit(kind, case.legal_basis)
        key = because.key
    texts = {
        one.name: given
        for one in fields(Wording)
        if (given := getattr(asked, one.name, None)) is not None
    }
    wording = replace(case.wording, **texts)
    if not wording.reason or not wording.instruction:
        raise refusals.WordsMissing("instruction" if wording.reason else "reason")
    if kind is not case.kind or target != case.target:
        wording = replace(wording, **await _titles(tx, case, kind, target, who))
    level = asked.level or case.level
    said = Said(kind, level, key, wording, target)
    # By their ids, so that the second person confirms the same lots that the first meant.
    joining = await correcting_reach.called(tx, asked.add, who)
    leaving = await correcting_reach.taken_out(tx, case, asked.remove, target)
    return Correction(
        said, asked.why, tuple(lot.id for lot in joining), tuple(lot.id for lot in leaving)
    )


async def _titles(tx: Tx, case: Case, kind: Kind, target: Target, who: Principal) -> dict[str, str]:
    if not case.target.may_become(target):
        raise refusals.CorrectedToAnother("target")
    subject = await correcting_reach.subject_of(tx, target, who)
    return {
        "title": titles.title(kind, subject, "vi"),
        "title_en": titles.title(kind, subject, "en"),
        "title_zh": titles.title(kind, subject, "zh"),
    }


async def _change(tx: Tx, case: Case, correction: Correction, who: Principal | None) -> Change:
    """What the correction changes as things are now; until the commit no lot can arrive."""
    await genealogy.decide(tx)
    reach = await correcting_reach.after(tx, case, correction, who)
    return correcting.change_of(case, correction, reach)


async def _make(
    tx: Tx,
    case: Case,
    change: Change,
    why: str,
    by: Official,
    confirmed: Official | None,
    who: Principal,
    at: datetime,
) -> Case:
    corrected, parts, events = correcting.correct(
        case, change, why, by=by, confirmed=confirmed, now=at
    )
    await cases.put(tx, corrected, parts)
    await outbox.append(tx, *events)
    await corrections.add(
        tx,
        Corrected(
            case_id=case.id,
            case_version=corrected.version,
            at=at,
            by=by,
            confirmed_by=confirmed,
            why=why,
            before=change.before,
            after=change.after,
            added=change.added,
            removed=change.removed,
            changed=change.names,
        ),
    )
    await _note(tx, corrected, "corrected", who, why, at, change, published(events))
    return corrected


async def _note(
    tx: Tx,
    case: Case,
    act: str,
    who: Principal,
    reason: str,
    at: datetime,
    change: Change | None = None,
    told: Sequence[entries.Published] = (),
) -> None:
    lots = change.added if change and act == "corrected" else ()
    await entries.add(
        tx,
        Entry(case.id, case.version, act, at, official(who), reason, lots=lots, published=told),
    )
    figures = (
        {}
        if change is None
        else {
            "changed": ", ".join(change.names),
            "added": len(change.added),
            "removed": len(change.removed),
            "narrows": change.narrows,
        }
    )
    await audit.accepted(tx, who, CORRECT, case.id, reason, act=act, **figures)
