"""Files of rows of goods as they were sent, with what they were read as."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from pymongo import ASCENDING, DESCENDING
from pymongo.errors import DuplicateKeyError

from services.recall.domain.rows_file import FileUnknown, Line, RowsFile
from services.recall.domain.terms import Official
from services.recall.store.newest import Reader
from shared.errors import EditConflict
from shared.mongo import Database, Document, Tx

FILES = "rows_files"
# What was never counted goes after so long.
KEPT: Final = timedelta(days=30)
LISTED: Final = 50


async def prepare(db: Database) -> None:
    files = db.collection(FILES)
    # The same file of the same party is one, however often it is sent.
    await files.create_index(
        [("case", ASCENDING), ("party", ASCENDING), ("digest", ASCENDING)], unique=True
    )
    await files.create_index("goes_at", expireAfterSeconds=0)


async def add(tx: Tx, one: RowsFile, data: bytes) -> None:
    try:
        await tx.collection(FILES).insert_one(
            {**_document(one), "data": data, "bytes": _bytes(data), "goes_at": one.at + KEPT}
        )
    except DuplicateKeyError as error:
        raise EditConflict() from error


async def add_proofs(tx: Tx, one: RowsFile, proofs: Mapping[str, str]) -> None:
    """Files that its rows may name, beside those that it has."""
    kept = [{"name": name, "id": id_} for name, id_ in {**one.proofs, **proofs}.items()]
    await tx.collection(FILES).update_one({"_id": one.id}, {"$set": {"proofs": kept}})


async def counted(tx: Tx, one: RowsFile, by: Official, at: datetime) -> None:
    change = {"counted_at": at, "counted_by": by.name}
    await tx.collection(FILES).update_one(
        {"_id": one.id}, {"$set": change, "$unset": {"goes_at": ""}}
    )


async def remove(tx: Tx, one: RowsFile) -> None:
    await tx.collection(FILES).delete_one({"_id": one.id, "counted_at": None})


async def get(reader: Reader, case_id: str, file_id: str) -> RowsFile:
    found = await reader.collection(FILES).find_one({"_id": file_id, "case": case_id}, {"data": 0})
    if found is None:
        raise FileUnknown()
    return _file(found)


async def same(reader: Reader, case_id: str, party: str, digest: str) -> RowsFile | None:
    """What this party sent before that says the same."""
    wanted = {"case": case_id, "party": party, "digest": digest}
    found = await reader.collection(FILES).find_one(wanted, {"data": 0})
    return _file(found) if found else None


async def is_kept(reader: Reader, case_id: str, party: str, data: bytes) -> bool:
    """Whether this party sent this very file before, to the byte."""
    wanted = {"case": case_id, "party": party, "bytes": _bytes(data)}
    return await reader.collection(FILES).find_one(wanted, {"_id": 1}) is not None


async def data_of(db: Database, one: RowsFile) -> bytes:
    """The file as it came."""
    found = await db.collection(FILES).find_one({"_id": one.id}, {"data": 1})
    if found is None:
        raise FileUnknown()
    return bytes(found["data"])


async def of_party(reader: Reader, case_id: str, party: str) -> list[RowsFile]:
    """Those that wait, then those that were counted, each newest first, without their rows."""
    found: list[RowsFile] = []
    for counted_at in (None, {"$ne": None}):
        wanted = {"case": case_id, "party": party, "counted_at": counted_at}
        cursor = reader.collection(FILES).find(wanted, {"data": 0, "lines": 0})
        found += [_file(row) async for row in cursor.sort("_id", DESCENDING).limit(LISTED)]
    return found[:LISTED]


async def waiting(reader: Reader, case_id: str, party: str) -> int:
    wanted = {"case": case_id, "party": party, "counted_at": None}
    return len([1 async for _ in reader.collection(FILES).find(wanted, {"_id": 1})])


def _bytes(data: bytes) -> str:
    return sha256(data).hexdigest()


def _document(one: RowsFile) -> Document:
    return {
        "_id": one.id,
        "case": one.case_id,
        "name": one.name,
        "party": one.party,
        "digest": one.digest,
        "account_id": one.by.account_id,
        "by_name": one.by.name,
        "by_facility": one.by.facility_id,
        "at": one.at,
        "lines": [[line.number, dict(line.cells)] for line in one.lines],
        "rows": len(one.lines),
        "date1904": one.date1904,
        "unknown": list(one.unknown),
        "ignored": list(one.ignored),
        "passed": one.passed,
        # A name may hold what no field of a document may be called.
        "proofs": [{"name": name, "id": id_} for name, id_ in one.proofs.items()],
        "counted_at": None,
        "counted_by": "",
    }


def _file(row: Document) -> RowsFile:
    return RowsFile(
        id=row["_id"],
        case_id=row["case"],
        name=row["name"],
        party=row["party"],
        digest=row["digest"],
        by=Official(row["account_id"], row["by_name"], row["by_facility"]),
        at=row["at"],
        lines=tuple(Line(number, cells) for number, cells in row.get("lines", ())),
        rows=row["rows"],
        date1904=row["date1904"],
        unknown=tuple(row["unknown"]),
        ignored=tuple(row.get("ignored", ())),
        passed=row.get("passed", 0),
        proofs={one["name"]: one["id"] for one in row["proofs"]},
        counted_at=row["counted_at"],
        counted_by=row["counted_by"],
    )
