"""Suspicions as stored: a document for each stamp, and how much each source is still believed."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any, Final

from pymongo import DESCENDING, ReplaceOne, UpdateOne

from services.scan.domain.suspicion import SHOWN, Suspicion
from services.scan.domain.tally import Stamp
from services.scan.store import facilities, unreadable
from services.scan.store.counters import NUMBER
from shared.contracts.scan import Finding
from shared.days import local_day
from shared.mongo import Database, Document, Tx

SUSPICIONS, SOURCES = "suspicions", "scan_sources"
# As long as the hashes mean anything, and a day for late segments.
SOURCE_DAYS = 3
READ_MILLISECONDS = 400
# A replica holds no more in its memory; so many never come up but by somebody's design.
MOST_SHOWN = 200_000
PAGE = 30
_SHOWN: Final = sorted(SHOWN)
# Sources asked for at once.
PART = 5_000


async def prepare(db: Database) -> None:
    suspicions = db.collection(SUSPICIONS)
    await suspicions.create_index("revision")
    await suspicions.create_index([("state", 1), ("changed_at", DESCENDING)])
    await suspicions.create_index([("product_id", 1), ("day", 1)])
    await suspicions.create_index("facility_id")
    seconds = int(timedelta(days=SOURCE_DAYS).total_seconds())
    await facilities.prepare(db)
    await db.collection(SOURCES).create_index("at", expireAfterSeconds=seconds)


async def of(where: Tx | Database, stamps: Iterable[Stamp]) -> dict[Stamp, Suspicion]:
    wanted = {"_id": {"$in": [f"{batch}/{serial}" for batch, serial in stamps]}}
    found = [_read(one) async for one in where.collection(SUSPICIONS).find(wanted)]
    return {(one.batch, one.serial): one for one in found}


async def known(tx: Tx, stamps: Iterable[Stamp]) -> tuple[dict[Stamp, Suspicion], frozenset[Stamp]]:
    """The suspicions of these stamps, and the stamps whose suspicion cannot be read."""
    keys = {f"{batch}/{serial}": (batch, serial) for batch, serial in stamps}
    found: dict[Stamp, Suspicion] = {}
    illegible: set[Stamp] = set()
    async for row in tx.collection(SUSPICIONS).find({"_id": {"$in": list(keys)}}):
        one, stamp = unreadable.read(SUSPICIONS, row, _read), keys[row["_id"]]
        if one is None:
            illegible.add(stamp)
        else:
            found[stamp] = one
    return found, frozenset(illegible)


async def put(tx: Tx, suspicions: Sequence[Suspicion], revision: int) -> None:
    """Write them as of this passing of the gate: readers ask for what came after the last."""
    writes = [
        ReplaceOne({"_id": one.id}, _document(one, revision), upsert=True) for one in suspicions
    ]
    if writes:
        await tx.collection(SUSPICIONS).bulk_write(writes, ordered=False)


async def suspected_of(tx: Tx, product_id: str, day: str) -> int:
    """How many stamps of a product became suspected by scans of a day, whatever became of them."""
    wanted = {"product_id": product_id, "day": day, "state": {"$ne": "held_back"}}
    return await tx.collection(SUSPICIONS).count_documents(wanted)


async def numbers(db: Database, own: Document) -> dict[str, int]:
    """How many suspicions stand in each state."""
    pipeline: list[Document] = [{"$match": own}, {"$group": {"_id": "$state", "n": {"$sum": 1}}}]
    rows = await db.collection(SUSPICIONS).aggregate(pipeline)
    return {row["_id"]: int(row["n"]) async for row in rows}


async def page_of(db: Database, wanted: Document, page: int) -> list[Suspicion]:
    """One page, the last changed first; without those of it that cannot be read."""
    rows = db.collection(SUSPICIONS).find(wanted).sort([("changed_at", -1), ("_id", 1)])
    part = rows.skip((page - 1) * PAGE).limit(PAGE)
    found = [unreadable.read(SUSPICIONS, row, _read) async for row in part]
    return [one for one in found if one is not None]


async def communes(db: Database, wanted: Document) -> Counter[str]:
    """How often findings name each commune."""
    pipeline: list[Document] = [
        {"$match": wanted},
        {"$unwind": "$findings"},
        {"$unwind": "$findings.communes"},
        {"$group": {"_id": "$findings.communes", "n": {"$sum": 1}}},
    ]
    rows = await db.collection(SUSPICIONS).aggregate(pipeline)
    return Counter({row["_id"]: int(row["n"]) async for row in rows})


async def shown(db: Database) -> tuple[int, list[Stamp]]:
    """The newest revision, and every stamp that buyers are warned of as of it or later."""
    revision = await newest(db)
    rows = db.collection(SUSPICIONS).find({"state": {"$in": _SHOWN}}, {"_id": 1})
    found = [_stamp_of(row) async for row in rows.limit(MOST_SHOWN)]
    return revision, [stamp for stamp in found if stamp is not None]


async def newest(db: Database) -> int:
    """The revision of what changed last; 0 before anything was suspected."""
    found = await db.collection(SUSPICIONS).find_one(
        {"revision": NUMBER.sound}, {"revision": 1}, sort=[("revision", -1)]
    )
    return int(found["revision"]) if found else 0


async def changed_after(db: Database, revision: int) -> list[tuple[int, Stamp, bool]]:
    """What changed after a revision, oldest first: its revision, the stamp, whether it is shown."""
    rows = db.collection(SUSPICIONS).find(
        {"revision": {**NUMBER.sound, "$gt": revision}},
        {"revision": 1, "state": 1},
        max_time_ms=READ_MILLISECONDS,
    )
    found = [(row, _stamp_of(row)) async for row in rows.sort("revision", 1).limit(MOST_SHOWN)]
    return [
        (int(row["revision"]), stamp, row.get("state") in _SHOWN)
        for row, stamp in found
        if stamp is not None
    ]


def _stamp_of(row: Document) -> Stamp | None:
    """By its id alone: what else there is of it, replicas need not be able to read."""
    batch, _, serial = str(row["_id"]).partition("/")
    return (int(batch), int(serial)) if batch.isdecimal() and serial.isdecimal() else None


async def spent_by(
    tx: Tx, sources: Iterable[tuple[str, int]]
) -> dict[tuple[str, int], set[str] | None]:
    """Against which stamps each of these sources, of a day each, has already been counted; None
    where that cannot be read."""
    keys = {f"{day}/{source}": (day, source) for day, source in sources}
    spent: dict[tuple[str, int], set[str] | None] = {}
    wanted = sorted(keys)
    for start in range(0, len(wanted), PART):
        part = {"_id": {"$in": wanted[start : start + PART]}}
        async for row in tx.collection(SOURCES).find(part, {"stamps": 1}):
            spent[keys[row["_id"]]] = unreadable.read(SOURCES, row, _stamps)
    return spent


def are_remembered(day: str, now: datetime) -> bool:
    """Whether all sources of a day are still known with what they were counted against: none is
    let go earlier than so long after the day began."""
    return local_day(now) - date.fromisoformat(day) < timedelta(days=SOURCE_DAYS)


async def spend(tx: Tx, spent: Iterable[tuple[str, int, str]], at: datetime) -> None:
    """Note that on a day a source was counted against a stamp."""
    stamps: dict[str, list[str]] = defaultdict(list)
    for day, source, stamp in spent:
        stamps[f"{day}/{source}"].append(stamp)
    writes = [
        UpdateOne(
            {"_id": key},
            {"$addToSet": {"stamps": {"$each": against}}, "$setOnInsert": {"at": at}},
            upsert=True,
        )
        for key, against in stamps.items()
    ]
    if writes:
        await tx.collection(SOURCES).bulk_write(writes, ordered=False)


def _document(one: Suspicion, revision: int) -> dict[str, Any]:
    document = asdict(one)
    document["findings"] = [finding.model_dump(mode="json") for finding in one.findings]
    return {"_id": one.id, **document, "revision": revision}


def _stamps(row: Document) -> set[str]:
    if not isinstance(row["stamps"], list):
        raise TypeError("no list")
    return set(row["stamps"])


_FORM: Final[dict[type, tuple[str, ...]]] = {
    int: ("batch", "serial", "points", "version", "cleared"),
    str: ("facility_id", "product_id", "lot_id", "state", "day", "cleared_to"),
    datetime: ("first_at", "changed_at"),
}


def _read(document: Document) -> Suspicion:
    """Raises whatever the document lacks; TypeError where something is of another type, which
    would fail only when it is judged by."""
    values = {key: value for key, value in document.items() if key not in ("_id", "revision")}
    values["findings"] = tuple(Finding.model_validate(one) for one in values["findings"])
    found = Suspicion(**values)
    for kind, names in _FORM.items():
        for name in names:
            if not isinstance(getattr(found, name), kind):
                raise TypeError(name)
    return found
