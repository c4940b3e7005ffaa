"""How large what was issued has become: bytes in the databases and on disk, intervals a batch."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.messaging import outbox
from shared.mongo import Database
from tests.scale.shapes import median_intervals
from tests.scale.system import System


@dataclass(frozen=True)
class Shape:
    """What scan's database holds: its segments, their intervals, and the stamps of the batches."""

    batches: int
    stamps: int
    segments: int
    intervals: int
    median: int
    hundreds: int


@dataclass(frozen=True)
class Size:
    """Bytes on disk (storage as compressed, and indexes) and the number of documents."""

    name: str
    documents: int
    storage: int
    indexes: int

    @property
    def total(self) -> int:
        return self.storage + self.indexes


async def shape(system: System) -> Shape:
    batches = await _first(
        system.stamps, "batches", {"_id": None, "n": {"$sum": 1}, "stamps": {"$sum": "$quantity"}}
    )
    counted = await system.scan.collection("segments").aggregate(
        [{"$group": {"_id": {"$size": "$published.first"}, "n": {"$sum": 1}}}]
    )
    counts = {row["_id"]: row["n"] async for row in counted}
    return Shape(
        batches=batches["n"],
        stamps=batches["stamps"],
        segments=sum(counts.values()),
        intervals=sum(size * n for size, n in counts.items()),
        median=median_intervals(counts),
        hundreds=sum(n for size, n in counts.items() if size >= 200),
    )


async def sizes(system: System) -> list[Size]:
    """The two databases, the outbox of stamps apart from what else is in its own."""
    await system.stamps.client.admin.command("fsync")
    rows = await _of_collection(system.stamps, outbox.ROWS)
    whole = await _of_database(system.stamps)
    rest = Size(
        "stamps, without its outbox",
        whole.documents - rows.documents,
        whole.storage - rows.storage,
        whole.indexes - rows.indexes,
    )
    segments = await _of_collection(system.scan, "segments")
    return [rest, rows, await _of_database(system.scan), segments]


def disk_bytes(folder: Path) -> int:
    """What the files below a folder take on the disk."""
    return sum(p.stat().st_blocks * 512 for p in folder.rglob("*") if p.is_file())


async def _of_database(db: Database) -> Size:
    told = await db.handle.command("dbStats")
    documents, storage, indexes = told["objects"], told["storageSize"], told["indexSize"]
    return Size(db.service, int(documents), int(storage), int(indexes))


async def _of_collection(db: Database, name: str) -> Size:
    told = await db.handle.command("collStats", name)
    title = f"{db.service}.{name}"
    return Size(title, int(told["count"]), int(told["storageSize"]), int(told["totalIndexSize"]))


async def _first(db: Database, collection: str, group: dict[str, Any]) -> dict[str, Any]:
    found: list[dict[str, Any]] = [
        row async for row in await db.collection(collection).aggregate([{"$group": group}])
    ]
    return found[0]
