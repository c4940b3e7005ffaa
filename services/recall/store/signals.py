"""Signals of early warning with the facts that bear them out."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import date, datetime, timedelta
from typing import Any, Final, TypeVar, cast

from pymongo import ASCENDING, DESCENDING

from services.recall.domain.complaint import Step
from services.recall.domain.signals.signal import DECIDED, Decision, Signal
from services.recall.domain.terms import Place
from services.recall.store.newest import Reader
from services.recall.store.signal_facts import fact_of
from shared.auth import Principal
from shared.errors import EditConflict, NotFound
from shared.mongo import Database, Document, Tx

T = TypeVar("T")
SIGNALS = "signals"
# From which signal's page a case was ordered.
MEANT = "case_signals"
PAGE_SIZE: Final = 25
# What was decided is kept as long as other decisions about suspicions; what fell away by itself,
# as long as somebody may look for it.
KEPT_AFTER: Final = timedelta(days=730)
KEPT_SUBSIDED: Final = timedelta(days=30)
_KEPT: Final = {one.name for one in fields(Signal)}
# Lists show no facts; of these the lots of some tell what an input is called.
_LIGHT: Final = {"facts": {"$slice": -5}, "ids": 0, "joined": 0}


async def prepare(db: Database) -> None:
    rows = db.collection(SIGNALS)
    await rows.create_index([("key", ASCENDING)])
    await rows.create_index([("state", ASCENDING), ("last_at", DESCENDING)])
    await rows.create_index([("places.commune", ASCENDING), ("state", ASCENDING)])
    await rows.create_index([("places.facility_id", ASCENDING)])
    await rows.create_index("aim")
    await rows.create_index("decision.case_id", sparse=True)
    await rows.create_index("decision.suspicion_id", sparse=True)
    await rows.create_index([("commune", ASCENDING)], sparse=True)
    await rows.create_index("kept_until", expireAfterSeconds=0)
    await db.collection(MEANT).create_index("kept_until", expireAfterSeconds=0)


async def get(reader: Reader, signal_id: str) -> Signal:
    """Raises NotFound."""
    row = await reader.collection(SIGNALS).find_one({"_id": signal_id})
    if row is None:
        raise NotFound()
    return _signal(row)


async def of_key(reader: Reader, key: str) -> list[Signal]:
    """All signals of a subject, in whatever state."""
    return [_signal(row) async for row in reader.collection(SIGNALS).find({"key": key})]


async def open_about(reader: Reader, kind: str, target: str, before: datetime) -> list[Signal]:
    """Open ones of which a recall would be aimed there, raised before this moment."""
    wanted = {"aim": f"{kind}:{target}", "state": "open", "raised_at": {"$lte": before}}
    return [_signal(row) async for row in reader.collection(SIGNALS).find(wanted)]


async def led_to(reader: Reader, case_ids: Sequence[str]) -> set[str]:
    """The subjects of signals that these cases decided."""
    rows = reader.collection(SIGNALS).find(
        {"decision.case_id": {"$in": list(case_ids)}}, {"key": 1}
    )
    return {row["key"] async for row in rows}


async def behind(reader: Reader, suspicion_id: str) -> str:
    """The signal whose decision opened this suspicion; "" where an official did so otherwise."""
    wanted = {"decision.suspicion_id": suspicion_id}
    row = await reader.collection(SIGNALS).find_one(wanted, {"_id": 1})
    return row["_id"] if row else ""


async def that_opened(reader: Reader, suspicion_id: str) -> Signal | None:
    """The same, with all that bears it out."""
    wanted = {"decision.suspicion_id": suspicion_id}
    row = await reader.collection(SIGNALS).find_one(wanted)
    return _signal(row) if row else None


async def mean(tx: Tx, case_id: str, signal_id: str, at: datetime) -> None:
    """The case is ordered from the page of a signal, which need not be of the same target."""
    last = at + KEPT_AFTER
    row = {"_id": case_id, "signal_id": signal_id, "kept_until": last}
    await tx.collection(MEANT).insert_one(row)


async def meant_by(reader: Reader, case_id: str) -> Signal | None:
    row = await reader.collection(MEANT).find_one({"_id": case_id})
    if row is None:
        return None
    found = await reader.collection(SIGNALS).find_one({"_id": row["signal_id"]})
    return None if found is None else _signal(found)


async def put(tx: Tx, before: Signal | None, after: Signal) -> None:
    """Raises EditConflict if somebody else acted meanwhile."""
    rows, body = tx.collection(SIGNALS), _document(after)
    if before is None:
        await rows.insert_one(body)
        return
    result = await rows.replace_one({"_id": before.id, "version": before.version}, body)
    if not result.matched_count:
        raise EditConflict()


async def move(tx: Tx, facility_id: str, commune: str, sector: str) -> None:
    """The facility lies elsewhere now: what was decided about it follows too (ADR 20)."""
    moved = {"places.$[one].commune": commune, "places.$[one].sector": sector}
    await tx.collection(SIGNALS).update_many(
        {"places.facility_id": facility_id, "state": {"$in": [*DECIDED, "subsided"]}},
        {"$set": moved},
        array_filters=[{"one.facility_id": facility_id}],
    )


def visible_to(who: Principal, commune: str = "") -> Document:
    """What touches the asker's area, in this commune where one is named: facilities by commune and
    sector; goods whose facility nobody knows, and what is about the commune itself, by that alone.
    The same as `sees` says of one signal."""
    here = _communes(who, commune)
    known = {"facility_id": {"$ne": ""}, **here}
    if who.sector != "*":
        known["sector"] = who.sector
    touched = {"places": {"$elemMatch": {"$or": [known, {"facility_id": "", **here}]}}}
    if who.sector == "*":
        return {"$or": [touched, here]} if here else {}
    return touched


def _communes(who: Principal, commune: str) -> Document:
    if "*" in who.communes:
        return {"commune": commune} if commune else {}
    wanted = [one for one in who.communes if commune in ("", one)]
    return {"commune": {"$in": wanted}}


async def listed(db: Database, wanted: Document, page: int, size: int) -> list[Signal]:
    """One page with the last few of their facts, what happened last first."""
    rows = db.collection(SIGNALS).find(wanted, _LIGHT)
    rows = rows.sort([("last_at", DESCENDING), ("_id", ASCENDING)])
    return [_signal(row) async for row in rows.skip((page - 1) * size).limit(size)]


async def count(db: Database, wanted: Document) -> int:
    return await db.collection(SIGNALS).count_documents(wanted)


async def communes(db: Database, wanted: Document) -> set[str]:
    """Where these happened, and which ones some are about."""
    rows = db.collection(SIGNALS)
    found = [
        *await rows.distinct("places.commune", wanted),
        *await rows.distinct("commune", wanted),
    ]
    return {code for code in found if code}


async def numbers(db: Database, wanted: Document) -> dict[tuple[str, str], int]:
    """How many there are, by rule and state."""
    by = {"rule": "$rule", "state": "$state"}
    pipeline: list[dict[str, Any]] = [
        {"$match": wanted},
        {"$group": {"_id": by, "n": {"$sum": 1}}},
    ]
    rows = await db.collection(SIGNALS).aggregate(pipeline)
    return {(row["_id"]["rule"], row["_id"]["state"]): int(row["n"]) async for row in rows}


def _document(signal: Signal) -> Document:
    body: Document = asdict(signal)
    body["_id"] = body.pop("id")
    body["start"] = signal.start.isoformat()
    body["rule"] = signal.rule_key
    if signal.commune:
        body["commune"] = signal.commune
    if signal.target is not None:
        body["aim"] = f"{signal.target.kind}:{signal.target.id}"
    if signal.state == "subsided":
        body["kept_until"] = signal.changed_at + KEPT_SUBSIDED
    elif not signal.is_open:
        body["kept_until"] = signal.changed_at + KEPT_AFTER
    return body


def _signal(row: Document) -> Signal:
    """By the names known here: a newer program may keep more."""
    body = {name: row[name] for name in _KEPT & row.keys()}
    body["start"] = date.fromisoformat(row["start"])
    body["facts"] = tuple(fact_of(one) for one in row.get("facts", ()))
    body["ids"] = tuple(row.get("ids", ()))
    # Of the time before these were kept it is as if all of it had just come.
    body["joined"] = tuple(row.get("joined", (row["version"],) * len(body["ids"])))
    body["firm"] = row.get("firm", row["version"])
    body["places"] = tuple(_known(Place, one) for one in row["places"])
    body["steps"] = tuple(_known(Step, one) for one in row["steps"])
    body["decision"] = _known(Decision, row["decision"]) if row["decision"] else None
    return Signal(id=row["_id"], **body)


def _known(kind: type[T], row: Document) -> T:
    names = {one.name for one in fields(cast("Any", kind))}
    return kind(**{name: value for name, value in row.items() if name in names})
