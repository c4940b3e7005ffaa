"""Files of rows of goods: sent, completed with photos and minutes, counted once or dropped."""

from collections.abc import Sequence
from datetime import datetime

from services.recall import evidence
from services.recall.actions.acting import official
from services.recall.actions.judging_files import Judged, judge, understand
from services.recall.actions.recoveries import REPORT, carried_out, keep_files, tell
from services.recall.domain.case import Case
from services.recall.domain.recovery_refusals import TooManyFilesUnnamed
from services.recall.domain.rows_file import (
    MOST_EVIDENCE,
    MOST_WAITING,
    AlreadyCounted,
    FileHasErrors,
    RowsFile,
    TooManyFilesWaiting,
    TooManyProofs,
    digest_of,
)
from services.recall.evidence import File, Ready
from services.recall.queries import cases as seeing
from services.recall.sheets import reading
from services.recall.store import evidence as files_kept
from services.recall.store import recoveries, rows_files
from shared import audit
from shared.auth import Principal
from shared.errors import OutOfReach
from shared.ids import new_id
from shared.mongo import Database, Tx, transact


async def send(
    case_id: str,
    file: File,
    proofs: Sequence[File],
    *,
    who: Principal,
    db: Database,
    at: datetime,
) -> RowsFile:
    """Keep a file to be counted later, or the one sent before that says the same, with the photos
    and minutes that its rows name. Raises what makes it no file of rows at all."""

    async def work(tx: Tx) -> RowsFile:
        await carried_out(tx, case_id, who)
        digest = digest_of(sheet.lines)
        one = await rows_files.same(tx, case_id, party_of(who), digest)
        if one is None:
            if await rows_files.waiting(tx, case_id, party_of(who)) >= MOST_WAITING:
                raise TooManyFilesWaiting("file", most=MOST_WAITING)
            one = RowsFile(
                id=file_id,
                case_id=case_id,
                name=file.name[-200:] or "?",
                party=party_of(who),
                digest=digest,
                by=official(who),
                at=at,
                lines=tuple(sheet.lines),
                rows=len(sheet.lines),
                date1904=sheet.date1904,
                unknown=sheet.unknown,
                ignored=sheet.ignored,
                passed=sheet.passed,
            )
            await rows_files.add(tx, one, file.data)
        if one.waits:
            await _keep_proofs(tx, one, ready, who, at)
        await audit.accepted(tx, who, REPORT, case_id, act="rows_file", file=one.id)
        return one

    file_id = new_id()
    async with audit.attempt(db, who, REPORT, case_id):
        await carried_out(db, case_id, who)
        # Nothing is read that could not be kept, but for a file that is: its answer was lost.
        # Reading takes more than all else here.
        is_full = await rows_files.waiting(db, case_id, party_of(who)) >= MOST_WAITING
        if is_full and not await rows_files.is_kept(db, case_id, party_of(who), file.data):
            raise TooManyFilesWaiting("file", most=MOST_WAITING)
        sheet = await reading.read(file.data, party_of(who))
        ready = await evidence.ready(proofs)
        return await transact(db, work)


async def add_proofs(
    case_id: str,
    file_id: str,
    proofs: Sequence[File],
    *,
    who: Principal,
    db: Database,
    at: datetime,
) -> None:
    """Photos and minutes that rows of the file name; one of the same name takes another's place."""

    async def work(tx: Tx) -> None:
        _, one = await _waiting(tx, case_id, file_id, who)
        await _keep_proofs(tx, one, ready, who, at)
        await audit.accepted(tx, who, REPORT, case_id, act="rows_file_proofs", file=one.id)

    async with audit.attempt(db, who, REPORT, case_id):
        await _waiting(db, case_id, file_id, who)
        ready = await evidence.ready(proofs)
        await transact(db, work)


async def count(case_id: str, file_id: str, *, who: Principal, db: Database, at: datetime) -> int:
    """Count all rows of a file, or none; how many. Of a file that was counted nothing counts again.

    Raises FileHasErrors: what they are is said by `judged`.
    """

    async def work(tx: Tx) -> int:
        await recoveries.hold(tx, case_id)
        case = await carried_out(tx, case_id, who)
        one = await seen_by(tx, case, file_id, who)
        if not one.waits:
            return one.rows
        found = await judge(tx, case, one, meant, who, at)
        if found.wrong:
            raise FileHasErrors("file", count=len(found.wrong))
        await _keep(tx, found, who)
        await rows_files.counted(tx, one, official(who), at)
        return len(found.rows)

    async with audit.attempt(db, who, REPORT, case_id):
        case = await carried_out(db, case_id, who)
        one = await seen_by(db, case, file_id, who)
        # Names are read before: only what may change meanwhile is judged while others wait.
        meant = await understand(db, case, one, who)
        return await transact(db, work)


async def drop(case_id: str, file_id: str, *, who: Principal, db: Database) -> None:
    """Take away a file that was not counted."""

    async def work(tx: Tx) -> None:
        _, one = await _waiting(tx, case_id, file_id, who)
        await rows_files.remove(tx, one)
        await audit.accepted(tx, who, REPORT, case_id, act="rows_file_dropped", file=one.id)

    async with audit.attempt(db, who, REPORT, case_id):
        await transact(db, work)


async def judged(
    case: Case, one: RowsFile, *, who: Principal, db: Database, at: datetime
) -> Judged:
    """How the file would be counted now."""
    return await judge(db, case, one, await understand(db, case, one, who), who, at)


def party_of(who: Principal) -> str:
    """Whose file it is: everybody of a facility, or of a unit, goes on with what one began."""
    if who.facility_id is not None:
        return f"facility:{who.facility_id}"
    return f"unit:{who.unit_id}" if who.unit_id else f"account:{who.account_id}"


async def seen_by(reader: Database | Tx, case: Case, file_id: str, who: Principal) -> RowsFile:
    one = await rows_files.get(reader, case.id, file_id)
    if one.party != party_of(who):
        raise OutOfReach()
    return one


async def _waiting(
    reader: Database | Tx, case_id: str, file_id: str, who: Principal
) -> tuple[Case, RowsFile]:
    case = await carried_out(reader, case_id, who)
    one = await seen_by(reader, case, file_id, who)
    if not one.waits:
        raise AlreadyCounted("file")
    return case, one


async def _keep_proofs(
    tx: Tx, one: RowsFile, ready: Sequence[Ready], who: Principal, at: datetime
) -> None:
    if not ready:
        return
    if len({*one.proofs, *(file.name for file in ready)}) > MOST_EVIDENCE:
        raise TooManyProofs("files", most=MOST_EVIDENCE)
    unused = await files_kept.unused_of(tx, one.case_id, who.account_id)
    if unused + len(ready) > files_kept.MOST_UNNAMED:
        raise TooManyFilesUnnamed("files", most=files_kept.MOST_UNNAMED)
    kept = await keep_files(tx, one.case_id, ready, who, at, used=False)
    await rows_files.add_proofs(tx, one, {file.name: file.id for file in kept})


async def _keep(tx: Tx, found: Judged, who: Principal) -> None:
    await recoveries.add_all(tx, found.rows)
    await files_kept.use(tx, [id_ for row in found.rows for id_ in row.evidence])
    for row in found.rows:
        await tell(tx, row, found.books.made[row.stated.lot_id], who)
    for lot_id in {row.stated.lot_id for row in found.rows}:
        await recoveries.put_tally(tx, found.books.case.id, found.books.tallies[lot_id])


async def visible(reader: Database, case_id: str, file_id: str, who: Principal) -> RowsFile:
    """A file of a case, in whatever state that is, for its own people."""
    case = await seeing.seen_by(who, case_id, db=reader)
    return await seen_by(reader, case, file_id, who)
