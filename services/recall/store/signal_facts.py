"""Facts of early warning with what they fall under, and what recall knows to tell that."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields, replace
from datetime import datetime, timedelta
from typing import Any, Final
from zlib import crc32

from pymongo import ASCENDING, UpdateOne

from services.recall.domain.signals.fact import Fact
from services.recall.domain.signals.rules import LONGEST_DAYS, rules
from services.recall.domain.terms import Place
from services.recall.store.newest import Reader, by_id, each, put_newest
from shared.mongo import Database, Document, Tx, Unasked

FACTS = "signal_facts"
# Lots and facilities as this queue heard them: others' read models may be ahead of it or behind.
LOTS, PLACES = "signal_lots", "signal_places"
# Subjects of rules that are to be looked at.
MARKS: Final = Unasked("signal_marks")
SINCE: Final = Unasked("signal_since")
MEETINGS: Final = Unasked("signal_meetings")
_PLACES_TO_MEET: Final = 512
_KEPT: Final = {one.name for one in fields(Fact)}


async def prepare(db: Database) -> None:
    rows = db.collection(FACTS)
    await rows.create_index([("keys", ASCENDING), ("at", ASCENDING)])
    await rows.create_index([("lot_id", ASCENDING)])
    await rows.create_index([("facility_id", ASCENDING), ("_id", ASCENDING)])
    await rows.create_index(
        [("what", ASCENDING)], name="tests", partialFilterExpression={"kind": "test"}
    )
    await rows.create_index("kept_until", expireAfterSeconds=0)
    await db.collection(LOTS).create_index([("facility_id", 1), ("produced_on", 1)])
    await db.collection(LOTS).create_index([("facility_id", 1), ("_id", 1)])
    await db.collection(SINCE).update_one(
        {"_id": "since"}, [{"$set": {"at": {"$ifNull": ["$at", "$$NOW"]}}}], upsert=True
    )


async def watched_since(db: Database) -> datetime:
    """When early warning began here."""
    row = await db.collection(SINCE).find_one({"_id": "since"})
    assert row is not None
    found: datetime = row["at"]
    return found


async def note(
    tx: Tx, facts: Sequence[Fact], *, now: datetime, until: datetime | None = None
) -> None:
    """Keep those that are newer than what is here, and mark what they fall and fell under.

    `until`: what they tell is gone from then on; else they go once they say nothing to any rule.
    What is told after that is kept only where it corrects what is here.
    """
    before = await by_id(tx, FACTS, {fact.id for fact in facts})
    told = [_document(fact, until) for fact in facts]
    told = [row for row in told if row["kept_until"] > now or row["_id"] in before]
    kept = await put_newest(tx, FACTS, told)
    marked = {key for row in kept for key in row["keys"]}
    marked |= {key for row in kept for key in before.get(row["_id"], {}).get("keys", ())}
    marked |= await compared_with(tx, {row["what"] for row in kept if row["kind"] == "test"})
    await mark(tx, marked)


async def note_true(tx: Tx, facts: Sequence[Fact], *, now: datetime) -> None:
    """Of facts that hold no longer those alone that somebody was told of."""
    here = await known(tx, [one.id for one in facts])
    await note(tx, [one for one in facts if one.active or one.id in here], now=now)


async def note_now(tx: Tx, facts: Sequence[Fact], *, now: datetime) -> None:
    """Facts that follow from all that is kept of these goods: whoever tells of them waits for the
    others (`meet`), so the last word is as things are, whatever versions it rests on. Of facts that
    do not hold those alone that somebody was told of."""
    here = await by_id(tx, FACTS, {fact.id for fact in facts})
    told = []
    for fact in facts:
        if fact.id not in here:
            told += [fact] if fact.active else []
            continue
        before = fact_of(here[fact.id])
        if replace(fact, version=before.version) != before:
            told.append(replace(fact, version=before.version + 1))
    await note(tx, told, now=now)


async def take_back(tx: Tx, ids: Sequence[str]) -> None:
    """These are no facts after all, for as long as they are kept."""
    here = await by_id(tx, FACTS, ids)
    wanted = {"_id": {"$in": sorted(here)}, "active": True}
    await tx.collection(FACTS).update_many(wanted, {"$set": {"active": False}})
    await mark(tx, {key for row in here.values() if row["active"] for key in row["keys"]})


async def known(reader: Reader, ids: Iterable[str]) -> set[str]:
    """Those of these facts that are there."""
    return set(await by_id(reader, FACTS, ids))


async def note_again(tx: Tx, facts: Iterable[Fact]) -> None:
    """These fall under something else than before, by what became known of their lot."""
    for fact in facts:
        row = await tx.collection(FACTS).find_one({"_id": fact.id})
        changes = {
            "inputs": list(fact.inputs),
            "product_id": fact.product_id,
            "keys": list(fact.keys),
        }
        if row is None or all(row[name] == value for name, value in changes.items()):
            continue
        await tx.collection(FACTS).update_one({"_id": fact.id}, {"$set": changes})
        await mark(tx, {*row["keys"], *fact.keys} | await compared_with(tx, {fact.what}))


async def meet(tx: Tx, ids: Iterable[str]) -> None:
    """Make whoever tells of these lots and facilities at the same moment wait for one another.

    A result that does not see its lot yet, and the lot that does not see the result, could
    otherwise both commit, and nobody would ever say what the result has in common with others.
    """
    numbers = sorted({crc32(id_.encode()) % _PLACES_TO_MEET for id_ in ids})
    writes = [UpdateOne({"_id": n}, {"$inc": {"turns": 1}}, upsert=True) for n in numbers]
    if writes:
        await tx.collection(MEETINGS).bulk_write(writes, ordered=True)


async def mark(tx: Tx, keys: Iterable[str]) -> None:
    """They are looked at again, after this transaction's facts."""
    writes = [UpdateOne({"_id": k}, {"$inc": {"turns": 1}}, upsert=True) for k in sorted(set(keys))]
    if writes:
        await tx.collection(MARKS).bulk_write(writes, ordered=False)


async def marked(db: Database, limit: int, after: str) -> list[str]:
    """Subjects to look at, in the order of their keys."""
    rows = db.collection(MARKS).find({"_id": {"$gt": after}}, {"_id": 1}).sort("_id", ASCENDING)
    return [row["_id"] async for row in rows.limit(limit)]


async def unmark(tx: Tx, key: str) -> bool:
    """Whoever takes the mark looks at the subject; False where somebody else has done so. A fact
    that is being added at the same moment makes one of the two wait for the other."""
    return bool((await tx.collection(MARKS).delete_one({"_id": key})).deleted_count)


async def under(reader: Reader, key: str, now: datetime) -> list[Fact]:
    """All facts of a subject that say something yet, whether or not the others were removed."""
    wanted = {"keys": key, "kept_until": {"$gt": now}}
    return [fact_of(row) async for row in reader.collection(FACTS).find(wanted)]


async def tests_of(reader: Reader, what: str, now: datetime) -> list[Fact]:
    """All results of a parameter that say something yet, passed ones too."""
    wanted = {"kind": "test", "what": what, "kept_until": {"$gt": now}}
    return [fact_of(row) async for row in reader.collection(FACTS).find(wanted)]


async def compared_with(reader: Reader, whats: Iterable[str]) -> set[str]:
    """What failed results of these parameters fall under: each result says how rare that is."""
    rows = each(reader, FACTS, whats, field="what", also={"kind": "test", "active": True})
    rule = {one.key for one in rules().values() if one.compare}
    return {key async for row in rows for key in row["keys"] if key.partition("|")[0] in rule}


async def some(reader: Reader, ids: Iterable[str], now: datetime) -> list[Fact]:
    """Those of these facts that say something yet."""
    rows = each(reader, FACTS, ids, also={"kept_until": {"$gt": now}})
    return [fact_of(row) async for row in rows]


async def of_lots(reader: Reader, lot_ids: Iterable[str]) -> list[Fact]:
    return [fact_of(row) async for row in each(reader, FACTS, lot_ids, field="lot_id")]


async def keys_after(
    reader: Reader, facility_id: str, after: str = "", *, most: int
) -> dict[str, list[str]]:
    """What so many of a facility's facts fall under, by their ids and in that order."""
    wanted = {"facility_id": facility_id, "_id": {"$gt": after}}
    rows = reader.collection(FACTS).find(wanted, {"keys": 1}).sort("_id", ASCENDING)
    return {row["_id"]: row["keys"] async for row in rows.limit(most)}


async def put_lots(tx: Tx, rows: Sequence[Document]) -> list[Document]:
    return await put_newest(tx, LOTS, rows)


async def lots(reader: Reader, ids: Iterable[str]) -> dict[str, Document]:
    return await by_id(reader, LOTS, ids)


async def lots_from(
    reader: Reader, facility_id: str, day: str, *, after: str = "", most: int
) -> list[Document]:
    """Lots of a facility that were produced on this day, in ISO 8601, or after: so many at the
    most, in the order of their ids."""
    wanted = {"facility_id": facility_id, "produced_on": {"$gte": day}, "_id": {"$gt": after}}
    rows = reader.collection(LOTS).find(wanted).sort("_id", ASCENDING)
    return [row async for row in rows.limit(most)]


async def number_from(reader: Reader, facility_id: str, day: str, *, most: int) -> int:
    """How many such lots there are, counted no further than `most`."""
    wanted = {"facility_id": facility_id, "produced_on": {"$gte": day}}
    return await reader.collection(LOTS).count_documents(wanted, limit=most)


async def put_places(tx: Tx, rows: Sequence[Document]) -> list[Document]:
    return await put_newest(tx, PLACES, rows)


async def facilities(reader: Reader, ids: Iterable[str]) -> dict[str, Document]:
    return await by_id(reader, PLACES, ids)


async def places(reader: Reader, facts: Iterable[Fact]) -> tuple[Place, ...]:
    """Where it happened, each place once: facilities where they lie now; where nobody knows whose
    goods they were, the commune that was named."""
    named, nobodys = set(), set()
    for fact in facts:
        named.add(fact.facility_id)
        if not fact.facility_id:
            nobodys.add(fact.commune)
    known = await facilities(reader, named - {""})
    found = [
        Place(id_, known[id_]["commune"], known[id_]["sector"])
        if id_ in known
        else Place(id_, "", "")
        for id_ in sorted(named - {""})
    ]
    return (*found, *(Place("", commune, "") for commune in sorted(nobodys)))


def _document(fact: Fact, until: datetime | None) -> Document:
    body: dict[str, Any] = asdict(fact)
    body["_id"] = body.pop("id")
    body["inputs"] = list(fact.inputs)
    body["keys"] = list(fact.keys)
    gone = fact.at + timedelta(days=LONGEST_DAYS)
    body["kept_until"] = min(gone, until) if until else gone
    return body


def fact_of(row: Document) -> Fact:
    """Out of a document of its own or a signal's, by the names known here: a newer program may keep
    more."""
    body = {name: row[name] for name in _KEPT & row.keys()}
    body["inputs"] = tuple(row["inputs"])
    return Fact(**{"id": row.get("_id"), **body})
