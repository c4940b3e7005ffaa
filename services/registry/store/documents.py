"""Scanned documents: a row for each, its bytes in GridFS beside the pictures."""

from collections.abc import Sequence
from dataclasses import asdict

from services.registry.domain.documents import Document
from services.registry.store import media
from shared.errors import NotFound
from shared.mongo import Database, Tx
from shared.mongo import Document as Row

DOCUMENTS = "documents"

keep_files = media.keep_files
drop_files = media.drop_files
read_file = media.read_file


async def prepare(db: Database) -> None:
    await db.collection(DOCUMENTS).create_index([("facility_id", 1), ("kind", 1), ("at", -1)])


async def insert(tx: Tx, document: Document) -> None:
    row = asdict(document)
    row["_id"] = row.pop("id")
    await tx.collection(DOCUMENTS).insert_one(row)


async def get(source: Database | Tx, document_id: str) -> Document:
    """The document; raises NotFound."""
    row = await source.collection(DOCUMENTS).find_one({"_id": document_id})
    if row is None:
        raise NotFound()
    return _document(row)


async def of_facility(db: Database, facility_id: str, kind: str) -> list[Document]:
    """Newest first."""
    wanted = {"facility_id": facility_id, "kind": kind}
    cursor = db.collection(DOCUMENTS).find(wanted).sort("at", -1).limit(500)
    return [_document(row) async for row in cursor]


async def of_ids(db: Database, ids: Sequence[str]) -> list[Document]:
    """Those that there are, in this order."""
    cursor = db.collection(DOCUMENTS).find({"_id": {"$in": [one for one in ids if one]}})
    found = {row["_id"]: _document(row) async for row in cursor}
    return [found[one] for one in ids if one in found]


async def count(tx: Tx, facility_id: str) -> int:
    return await tx.collection(DOCUMENTS).count_documents({"facility_id": facility_id})


async def all_belong(tx: Tx, ids: set[str], facility_id: str, kind: str) -> bool:
    """Whether every one exists, is this facility's own and of this kind."""
    found = await tx.collection(DOCUMENTS).count_documents(
        {"_id": {"$in": list(ids)}, "facility_id": facility_id, "kind": kind}
    )
    return found == len(ids)


async def show_only(tx: Tx, ids: set[str], facility_id: str) -> None:
    """Of a facility's certificates exactly these are public: what was taken down is gone."""
    rows = tx.collection(DOCUMENTS)
    certificates = {"facility_id": facility_id, "kind": "certificate"}
    await rows.update_many(
        {**certificates, "_id": {"$nin": list(ids)}, "public": True}, {"$set": {"public": False}}
    )
    await rows.update_many({**certificates, "_id": {"$in": list(ids)}}, {"$set": {"public": True}})


async def remove(tx: Tx, document_id: str) -> None:
    await tx.collection(DOCUMENTS).delete_one({"_id": document_id})


def _document(row: Row) -> Document:
    return Document(id=row["_id"], **{key: row[key] for key in row if key != "_id"})
