"""The history of each case: who did what to it, when, why, and which parts of its notice that
published; written with the act itself."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime

from pymongo import ASCENDING, UpdateOne
from pymongo.write_concern import WriteConcern

from services.recall.domain.terms import Official
from shared.contracts.event import Event
from shared.contracts.recall import NoticePublished
from shared.ids import new_id
from shared.mongo import Database, Document, Tx

ENTRIES = "entries"
# Marks acts whose receipts nobody has found complete, or late, so far (store/watches.py).
UNWATCHED = "unwatched"


@dataclass(frozen=True, slots=True)
class Published:
    """One version of one part of a notice, and the event that tells of it."""

    notice: str
    version: int
    active: bool
    event: str
    decided_at: datetime


def published(events: Iterable[Event]) -> tuple[Published, ...]:
    """What an act's events publish; others than notices are left out."""
    return tuple(
        Published(event.subject, event.version, event.active, event.id, event.time)
        for event in events
        if isinstance(event, NoticePublished)
    )


@dataclass(frozen=True, slots=True)
class Entry:
    """`act`: asked, ordered, confirmed, declined, grown, spread, lift_requested, lift_declined,
    lifted, closed. `by` is None for what happened by itself; `lots` those that joined.

    `published` are the act's parts of the notice, and `acknowledged_at` the instant at which the
    act was answered: None where it happened by itself or nobody was left to be told.
    """

    case_id: str
    case_version: int
    act: str
    at: datetime
    by: Official | None = None
    text: str = ""
    lots: Sequence[str] = field(default=())
    published: Sequence[Published] = field(default=())
    acknowledged_at: datetime | None = None


async def prepare(db: Database) -> None:
    rows = db.collection(ENTRIES)
    await rows.create_index([("case", ASCENDING), ("case_version", ASCENDING)])
    await rows.create_index(
        [(UNWATCHED, ASCENDING)], name=UNWATCHED, partialFilterExpression={UNWATCHED: True}
    )
    await _take_in_publications(db)


async def add(tx: Tx, entry: Entry) -> None:
    await tx.collection(ENTRIES).insert_one(
        {
            "_id": new_id(),
            "case": entry.case_id,
            "case_version": entry.case_version,
            "act": entry.act,
            "at": entry.at,
            "account_id": entry.by.account_id if entry.by else "",
            "name": entry.by.name if entry.by else "",
            "text": entry.text,
            "lots": list(entry.lots),
            "published": [asdict(one) for one in entry.published],
            "acknowledged_at": None,
            **({UNWATCHED: True} if entry.published else {}),
        }
    )


async def acknowledge(db: Database, case_id: str, case_version: int, at: datetime) -> None:
    """Note when an act was answered: a figure for people, which need not outlive a server."""
    rows = db.collection(ENTRIES).with_options(write_concern=WriteConcern(1))
    wanted = {"case": case_id, "case_version": case_version}
    await rows.update_one(wanted, {"$set": {"acknowledged_at": at}})


async def of_case(db: Database, case_id: str) -> list[Entry]:
    """Oldest first."""
    cursor = db.collection(ENTRIES).find({"case": case_id}).sort("case_version", ASCENDING)
    return [_entry(row) async for row in cursor]


async def publishing(db: Database, wanted: Document) -> list[Entry]:
    """Those that published something, oldest first, without the lots that joined: thousands, which
    whoever looks every second has no use for."""
    found = {**wanted, "published.0": {"$exists": True}}
    cursor = db.collection(ENTRIES).find(found, {"lots": 0}).sort("case_version", ASCENDING)
    return [_entry(row) async for row in cursor]


def _entry(row: Document) -> Entry:
    return Entry(
        case_id=row["case"],
        case_version=row["case_version"],
        act=row["act"],
        at=row["at"],
        by=Official(row["account_id"], row["name"]) if row["account_id"] else None,
        text=row["text"],
        lots=tuple(row.get("lots", ())),
        published=tuple(Published(**one) for one in row.get("published", ())),
        acknowledged_at=row.get("acknowledged_at"),
    )


async def _take_in_publications(db: Database) -> None:
    """Once: what acts published was kept in a collection of its own before."""
    former = db.collection("publications")
    told: dict[tuple[str, int], list[Document]] = {}
    async for row in former.find():
        told.setdefault((row["case"], row["case_version"]), []).append(row)
    if not told:
        return
    names = Published.__slots__
    await db.collection(ENTRIES).bulk_write(
        [
            UpdateOne(
                {"case": case, "case_version": version},
                {
                    "$set": {
                        "published": [{name: row[name] for name in names} for row in rows],
                        "acknowledged_at": rows[0]["acknowledged_at"],
                    }
                },
            )
            for (case, version), rows in told.items()
        ]
    )
    await former.drop()
