"""Imports as acts of people: upload, answer about duplicates, apply, check and approve all."""

from datetime import datetime
from hashlib import sha256
from typing import BinaryIO

from services.registry.actions.imports.judges import judge_of
from services.registry.actions.rights import RIGHTS
from services.registry.domain.imports import (
    ChoiceUnknown,
    Import,
    NotADuplicate,
    OfficialsOnly,
    Sort,
    Stage,
    Verdict,
)
from services.registry.sheets.columns import IMPORTED
from services.registry.store import import_files, imports
from services.registry.store.imports import Row
from shared import audit
from shared.auth import Principal, Scope, require
from shared.days import local_day
from shared.errors import Forbidden, NotFound, OutOfReach
from shared.mongo import Database, Tx, transact
from shared.sheets.limits import MAX_BYTES, FileEmpty, FileTooLarge, FileUnreadable
from shared.sheets.reading import OLD_EXCEL, ZIP, is_other, old_excel
from shared.sheets.workbook import check_archive

ANOTHER, SKIP = "another", "skip"


def require_import(who: Principal, kind: Sort) -> None:
    """Officials who may enter such records; a facility's account speaks for one facility only."""
    if kind not in IMPORTED:
        raise NotFound()
    if who.facility_id is not None:
        raise OfficialsOnly()
    require(who, "import.enter")
    require(who, RIGHTS[kind].enter)


def require_seen(who: Principal, one: Import) -> None:
    """Its own unit sees an import, and whoever answers for every place it touches: people, for
    what a program is granted says nothing of files that nobody approved yet."""
    if who.facility_id is None and who.only is None:
        if who.unit_id == one.uploader.unit_id or who.account_id == one.uploader.account_id:
            return
        if one.scopes and all(who.reaches(Scope(None, *pair)) for pair in one.scopes):
            return
    raise OutOfReach()


async def upload(
    file: BinaryIO,
    file_name: str,
    kind: Sort,
    *,
    import_id: str,
    who: Principal,
    now: datetime,
    db: Database,
) -> Import:
    """Keep the file and have it judged; nothing is written to any record by this."""
    action = f"{kind}.import"
    async with audit.attempt(db, who, action, import_id):
        require_import(who, kind)
        size, digest = _measured(file)
        one = Import(
            id=import_id,
            kind=kind,
            file_name=file_name[-200:] or "?",
            file_id=await import_files.keep_file(db, file_name[-200:], file),
            digest=digest,
            size=size,
            uploader=who,
            actor=who,
            stage=Stage.READING,
            version=1,
            at=now,
            updated_at=now,
        )

        async def work(tx: Tx) -> None:
            await imports.insert(tx, one)
            await audit.accepted(tx, who, action, import_id, digest=digest, size=size)

        await transact(db, work)
        return one


def _measured(file: BinaryIO) -> tuple[int, str]:
    """Size and digest; refuses at once what could not be read later."""
    head = file.read(8_192)
    if not head:
        raise FileEmpty("file")
    if is_other(head):
        raise FileUnreadable("file")
    if head.startswith(OLD_EXCEL):
        file.seek(0)
        raise old_excel(file)
    file.seek(0)
    digest, size = sha256(), 0
    while piece := file.read(1 << 20):
        digest.update(piece)
        size += len(piece)
        if size > MAX_BYTES:
            raise FileTooLarge("file", limit=MAX_BYTES // 1_000_000)
    file.seek(0)
    if head.startswith(ZIP):
        check_archive(file)
    return size, digest.hexdigest()


async def get(db: Database, import_id: str, who: Principal) -> Import:
    one = await imports.get(db, import_id)
    require_seen(who, one)
    return one


async def resolve(
    import_id: str,
    number: int,
    choice: str,
    *,
    who: Principal,
    now: datetime,
    db: Database,
) -> Row:
    """A person says whether a row is one of its candidates (its id), another, or to be left out."""
    action = "import.resolve"
    async with audit.attempt(db, who, action, import_id):
        one = await _own(db, import_id, who)
        one.resolvable()
        row = await imports.get_row(db, import_id, number)
        if row.verdict != Verdict.DUPLICATE and not row.resolution:
            raise NotADuplicate()
        if choice not in (ANOTHER, SKIP, *(c["id"] for c in row.candidates)):
            raise ChoiceUnknown("choice")
        fields = await judge_of(db, one, local_day(now)).again(
            row, "" if choice in (ANOTHER, SKIP) else choice
        )
        fields["candidates"], fields["twin"] = row.candidates, row.twin
        fields["resolution"] = choice
        if choice == SKIP:
            fields["verdict"] = Verdict.SKIPPED.value

        async def work(tx: Tx) -> None:
            fresh = await imports.get(tx, import_id)
            fresh.resolvable()
            await imports.write_rows(tx, import_id, [(number, fields)])
            counts = await imports.tally(tx, import_id, "verdict")
            # The version stays: answers of two people about two rows do not hinder one another.
            await imports.note_counts(tx, import_id, counts)
            await audit.accepted(tx, who, action, import_id, row=number, choice=choice)

        await transact(db, work)
        return await imports.get_row(db, import_id, number)


async def apply(
    import_id: str, *, version: int, who: Principal, now: datetime, db: Database
) -> Import:
    """Confirm the verdicts: a worker writes the rows, which then wait for checkers as ever."""

    async def work(tx: Tx) -> Import:
        before = await imports.get(tx, import_id)
        require_seen(who, before)
        require_import(who, before.kind)
        after = before.apply(version=version, by=who, now=now)
        await imports.put(tx, before, after)
        await audit.accepted(tx, who, "import.apply", import_id, counts=_counts(after))
        return after

    async with audit.attempt(db, who, "import.apply", import_id):
        return await transact(db, work)


async def decide(
    import_id: str,
    decision: str,
    *,
    version: int,
    who: Principal,
    now: datetime,
    db: Database,
) -> Import:
    """Check ("accept") or approve ("publish") everything an import wrote, record by record."""
    stage = Stage.ACCEPTING if decision == "accept" else Stage.PUBLISHING

    async def work(tx: Tx) -> Import:
        before = await imports.get(tx, import_id)
        require_seen(who, before)
        rights = RIGHTS[before.kind]
        if not may_decide(who, before, rights.check if decision == "accept" else rights.publish):
            raise Forbidden()
        after = before.decide(stage, version=version, by=who, now=now)
        await imports.put(tx, before, after)
        await imports.forget_decisions(tx, import_id)
        await audit.accepted(tx, who, f"import.{decision}", import_id, counts=_counts(after))
        return after

    async with audit.attempt(db, who, f"import.{decision}", import_id):
        return await transact(db, work)


def may_decide(who: Principal, one: Import, right: str) -> bool:
    return (
        bool(right)
        and who.may(right)
        and all(who.covers(right, Scope(None, *p)) for p in one.scopes)
    )


async def _own(db: Database, import_id: str, who: Principal) -> Import:
    one = await get(db, import_id, who)
    require_import(who, one.kind)
    return one


def _counts(one: Import) -> str:
    """How many rows of each verdict the act is about."""
    return ", ".join(f"{verdict} {number}" for verdict, number in sorted(one.counts.items()))
