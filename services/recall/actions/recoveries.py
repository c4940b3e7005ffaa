"""Saying that one was told of a recall, and reporting what became of its goods."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.recall import evidence
from services.recall.actions.acting import official
from services.recall.actions.judging_rows import Books
from services.recall.domain import recovery_refusals as refusals
from services.recall.domain.amounts import Made
from services.recall.domain.case import Case
from services.recall.domain.recovery import Row, Stated
from services.recall.domain.terms import Kind, State
from services.recall.evidence import File, Ready
from services.recall.queries import cases as seeing
from services.recall.queries import recovery, spots
from services.recall.store import evidence as files_kept
from services.recall.store import recoveries
from services.recall.store.evidence import Kept
from shared import audit, once
from shared.auth import Principal, require
from shared.contracts.recall import GoodsAccounted, RecallAcknowledged
from shared.errors import NotFound, OutOfReach
from shared.ids import new_id
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact

ACKNOWLEDGE: Final = "recall.acknowledge"
REPORT: Final = recovery.REPORT


@dataclass(frozen=True, slots=True)
class Report:
    """A row as sent: `evidence` names files that the case has, `files` come with it."""

    stated: Stated
    evidence: tuple[str, ...] = ()
    files: tuple[File, ...] = ()


async def acknowledge(case_id: str, *, who: Principal, db: Database, at: datetime) -> bool:
    """A facility says that it was told; False if it has said so before. Raises NobodyToTell for a
    case that is not public yet, LiftedBefore for one that is none any more."""

    async def work(tx: Tx) -> bool:
        case = await seeing.seen_by(who, case_id, db=tx)
        require(who, ACKNOWLEDGE)
        if who.facility_id is None:
            raise OutOfReach()
        if case.state is State.LIFTED:
            raise refusals.LiftedBefore()
        if not case.is_standing:
            raise refusals.NobodyToTell()
        if not await recoveries.acknowledge(tx, case_id, who.facility_id, official(who), at):
            return False
        told = RecallAcknowledged(
            subject=f"{case_id}/{who.facility_id}",
            version=1,
            time=at,
            case_id=case_id,
            facility_id=who.facility_id,
        )
        await outbox.append(tx, told)
        await audit.accepted(tx, who, ACKNOWLEDGE, case_id)
        return True

    async with audit.attempt(db, who, ACKNOWLEDGE, case_id):
        return await transact(db, work)


async def report(
    case_id: str,
    asked: Sequence[Report],
    *,
    who: Principal,
    key: str | None,
    db: Database,
    at: datetime,
) -> tuple[str, ...]:
    """Keep rows, all of them or none; their ids. The same key of the same account keeps once.

    Raises what is wrong with a row, at its field.
    """
    ids = [new_id() for _ in asked]
    sent = once.once(who, key, "recover", case_id, *(_worded(one) for one in asked))

    async def work(tx: Tx) -> tuple[str, ...]:
        if before := await once.answered(tx, sent):
            return tuple(before["ids"])
        await recoveries.hold(tx, case_id)
        case = await carried_out(tx, case_id, who)
        for row_id, one, given in zip(ids, asked, made, strict=True):
            await _add(tx, case, row_id, one, given, who, at)
        await once.keep(tx, sent, {"ids": ids}, at)
        return tuple(ids)

    async with audit.attempt(db, who, REPORT, case_id):
        # Whoever may not report learns nothing of keys, though theirs was used for another act.
        await _reported_on(db, case_id, who)
        if before := await once.answered(db, sent):
            return tuple(before["ids"])
        # Before any picture is decoded: whoever may not report has none of theirs looked at.
        await carried_out(db, case_id, who)
        made = [await evidence.ready(one.files) for one in asked]
        return await transact(db, work)


async def keep_evidence(
    case_id: str, file: File, *, who: Principal, db: Database, at: datetime
) -> Kept:
    """A file that rows of the case may name."""

    async def work(tx: Tx) -> Kept:
        await carried_out(tx, case_id, who)
        if await files_kept.unused_of(tx, case_id, who.account_id) >= files_kept.MOST_UNNAMED:
            raise refusals.TooManyFilesUnnamed(most=files_kept.MOST_UNNAMED)
        [kept] = await keep_files(tx, case_id, (made,), who, at, used=False)
        await audit.accepted(tx, who, REPORT, case_id, act="evidence", file=kept.id)
        return kept

    async with audit.attempt(db, who, REPORT, case_id):
        await carried_out(db, case_id, who)
        [made] = await evidence.ready((file,), field="file")
        return await transact(db, work)


async def carried_out(reader: Database | Tx, case_id: str, who: Principal) -> Case:
    """The case, whose goods are being recovered, for who may report of some of them."""
    case = await _reported_on(reader, case_id, who)
    if case.kind is Kind.WARNING:
        raise refusals.NoGoodsToRecover()
    if case.state is not State.ORDERED and not await recovery.open_lots(reader, case):
        raise refusals.NotBeingCarriedOut()
    return case


async def _reported_on(reader: Database | Tx, case_id: str, who: Principal) -> Case:
    """The case as whoever may report sees it, in whatever state it is."""
    case = await seeing.seen_by(who, case_id, db=reader)
    require(who, REPORT)
    return case


async def _add(
    tx: Tx,
    case: Case,
    row_id: str,
    asked: Report,
    given: Sequence[Ready],
    who: Principal,
    at: datetime,
) -> None:
    stated = asked.stated
    books = await Books.of(tx, case, [stated.lot_id], who, at)
    lot = await books.check(tx, stated)
    row = books.row(row_id, stated, await _evidence(tx, case, asked, given, who, at))
    if stated.corrects:
        corrected = await recoveries.get(tx, case.id, stated.corrects)
        if corrected.stated.lot_id == lot.id:
            row = row.correcting(corrected, books.made[lot.id])
    before = await recoveries.add(tx, row)
    if before is not None:
        if before.stated.lot_id != lot.id:
            raise refusals.RowOfAnotherLot("lot_id")
        if not await spots.may_correct(tx, case, lot, before, who):
            raise refusals.RowUnknown("corrects")
    await recoveries.put_tally(tx, case.id, books.count(row, before))
    await tell(tx, row, books.made[lot.id], who)


async def tell(tx: Tx, row: Row, made: Made, who: Principal) -> None:
    """Others, and the ledger, of a row that is kept."""
    stated = row.stated
    await outbox.append(tx, _told(row, made))
    await audit.accepted(
        tx, who, REPORT, row.case_id, stated.reason,
        lot=stated.lot_id, fate=stated.fate, quantity=str(row.amount), unit=made.unit, row=row.id,
        corrects=stated.corrects,
    )  # fmt: skip


async def _evidence(
    tx: Tx, case: Case, asked: Report, given: Sequence[Ready], who: Principal, at: datetime
) -> tuple[str, ...]:
    """Of the files that were sent before a facility names its own alone: what a row of its own
    names, it may read."""
    known = await files_kept.named(tx, asked.evidence)
    for one in asked.evidence:
        if one not in known or known[one].case_id != case.id:
            raise NotFound("evidence")
        if who.facility_id not in (None, known[one].by.facility_id):
            await recovery.may_read(tx, case, who, one)
    await files_kept.use(tx, asked.evidence)
    kept = await keep_files(tx, case.id, given, who, at)
    return (*asked.evidence, *(one.id for one in kept))


async def keep_files(
    tx: Tx,
    case_id: str,
    given: Sequence[Ready],
    who: Principal,
    at: datetime,
    *,
    used: bool = True,
) -> tuple[Kept, ...]:
    """Files that belong to a case; `used` where they come with what names them."""
    by = official(who)
    kept = tuple(
        Kept(new_id(), case_id, one.name, one.media_type, len(one.data), at, by) for one in given
    )
    for one, ready in zip(kept, given, strict=True):
        await files_kept.add(tx, one, ready.data, used=used)
    return kept


def _told(row: Row, made: Made) -> GoodsAccounted:
    stated = row.stated
    weight = made.weight_of(row.amount)
    return GoodsAccounted(
        subject=row.id,
        version=1,
        time=row.at,
        case_id=row.case_id,
        lot_id=stated.lot_id,
        fate=stated.fate,
        handling=stated.handling or "",
        quantity=row.amount,
        unit=made.unit,
        kilograms=weight,
        day=stated.day,
        facility_id=stated.spot.facility_id,
        commune=stated.spot.commune,
        corrects=stated.corrects,
    )


def _worded(asked: Report) -> tuple[object, ...]:
    """What is asked, with its files told by their content."""
    return (asked.stated, asked.evidence, *((one.name, one.data) for one in asked.files))
