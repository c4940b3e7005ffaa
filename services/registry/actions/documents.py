"""Scanned documents: kept for a facility, read in scope, public with an approved certificate."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from services.registry.actions.rights import require_for
from services.registry.domain.documents import (
    MAX_OF_FACILITY,
    Document,
    TooManyDocuments,
)
from services.registry.domain.records import Aggregate
from services.registry.store import documents, records
from services.registry.uploads import scans
from shared import audit
from shared import once as kept
from shared.auth import Principal, require
from shared.errors import NotFound, Refusal
from shared.ids import new_id
from shared.mongo import Database, Tx, transact
from shared.once import Once

# Who may add, and who may read, a document of each kind.
ENTER: Final = {
    "certificate": "facility.enter",
    "signed": "facility.enter",
    "inspection": "inspection.record",
}
READ: Final = {
    "certificate": "facility.read",
    "signed": "facility.read",
    "inspection": "inspection.read",
}
# Decoding takes a core: more at once would only take it from those who read.
_decoding = asyncio.Semaphore(2)


@dataclass(frozen=True, slots=True)
class File:
    """A document as it is served."""

    document: Document
    body: bytes


@asynccontextmanager
async def stored(
    data: bytes,
    *,
    facility_id: str,
    kind: str,
    title: str,
    who: Principal,
    now: datetime,
    db: Database,
) -> AsyncIterator[Document]:
    """The document whose bytes are kept already; they are dropped if the act around is refused."""
    async with _decoding:
        made = await asyncio.to_thread(scans.make, data)
    files = await documents.keep_files(db, {kind: made.body})
    try:
        yield Document(
            id=new_id(),
            facility_id=facility_id,
            kind=kind,
            title=title,
            media_type=made.media_type,
            size=len(made.body),
            digest=sha256(made.body).hexdigest(),
            file=files[kind],
            by=who.account_id,
            by_name=who.name,
            at=now,
        )
    except Refusal:
        await documents.drop_files(db, files)
        raise


async def add(tx: Tx, document: Document) -> None:
    """The row of a stored document; raises TooManyDocuments."""
    if await documents.count(tx, document.facility_id) >= MAX_OF_FACILITY:
        raise TooManyDocuments("file", limit=MAX_OF_FACILITY)
    await documents.insert(tx, document)


async def upload(
    data: bytes,
    *,
    facility_id: str,
    kind: str,
    title: str,
    who: Principal,
    now: datetime,
    db: Database,
    once: Once | None = None,
) -> Document:
    """Keep a document for a facility; the same key keeps it once."""
    async with audit.attempt(db, who, "document.upload", facility_id):
        facility = await records.get(db, Aggregate.FACILITY, facility_id)
        require_for(who, ENTER[kind], facility)
        async with stored(
            data, facility_id=facility_id, kind=kind, title=title, who=who, now=now, db=db
        ) as document:

            async def work(tx: Tx) -> Document:
                before = await kept.answered(tx, once)
                if before is not None:
                    return await documents.get(tx, before["id"])
                await add(tx, document)
                await kept.keep(tx, once, {"id": document.id}, now)
                await audit.accepted(
                    tx, who, "document.upload", document.id, facility=facility_id, kind=kind
                )
                return document

            found = await transact(db, work)
    if found.id != document.id:
        await documents.drop_files(db, {kind: document.file})
    return found


async def read(document_id: str, *, who: Principal | None, db: Database) -> File:
    """A document that the asker may see; for everybody else there is none."""
    document = await documents.get(db, document_id)
    if not document.public:
        if who is None:
            raise NotFound()
        facility = await records.get(db, Aggregate.FACILITY, document.facility_id)
        require_for(who, READ[document.kind], facility)
    return File(document, await documents.read_file(db, document.file))


async def note_list_export(who: Principal, which: str, *, db: Database) -> None:
    """Who took the list of certificates that end is recorded before the first byte leaves."""
    require(who, "facility.read")

    async def work(tx: Tx) -> None:
        await audit.accepted(tx, who, "document.export", which)

    await transact(db, work)


async def remove_signed(
    document_id: str, *, reason: str, who: Principal, now: datetime, db: Database
) -> None:
    """Take a signed paper off the record: the wrong one was attached."""

    async def work(tx: Tx) -> Document:
        document = await documents.get(tx, document_id)
        facility = await records.get(tx, Aggregate.FACILITY, document.facility_id)
        require_for(who, ENTER["signed"], facility)
        if document.kind != "signed":
            raise NotFound()
        await documents.remove(tx, document_id)
        await audit.accepted(
            tx, who, "document.remove", document_id, reason, facility=document.facility_id
        )
        return document

    async with audit.attempt(db, who, "document.remove", document_id):
        document = await transact(db, work)
    await documents.drop_files(db, {document.kind: document.file})
