"""Reads that a signed-in account made, in the ledger: who opened which records, and how often.

A read costs the request a few counters in memory. They are written to the database every few
seconds, into one row for account, address and hour, whichever process answered; when the hour is
over the row becomes one entry (ADR 18). What a process held in memory when it was killed is lost.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from prometheus_client import Counter
from pymongo import ASCENDING, UpdateOne

from shared import audit
from shared.auth import Principal
from shared.contracts.acts import Actor
from shared.days import local_day, local_midnight
from shared.folding import AT_ONCE, EVERYTHING_ELSE, HOUR, MOST, hour_of, record
from shared.mongo import Database, Document, Tx, Unasked, is_outage, transact

log = structlog.get_logger()

ROWS: Final = Unasked("accepted_reads")
ACCEPTED: Final = "accepted"
FLUSH_EVERY_SECONDS: Final = 2.0
# A row is told so long after its time, when every process has written what it held.
GRACE: Final = timedelta(seconds=30)
# Records that one row names; of those beyond it is only told that there were more.
MOST_RECORDS: Final = 1_000
# What a process holds while the database is away; reads beyond are counted as lost, and of records
# beyond their row says that there were more.
MOST_HELD_ROWS: Final = 2_000
MOST_HELD_RECORDS: Final = 50_000
LOST: Final = Counter("reads_not_recorded_total", "Accepted reads that no memory was left for.")

Key = tuple[str, datetime, str]


@dataclass(frozen=True, slots=True)
class Opened:
    """A read: the address (ids left out), the records named in it, and the facilities whose they
    are. `own`: all of it is the asker's own facility's."""

    address: str
    records: tuple[str, ...]
    facilities: tuple[str, ...] = ()
    own: bool = False


@dataclass(slots=True)
class _Held:
    """What is not written yet of one row; `more`: records that no memory was left for."""

    actor: Actor
    since: datetime
    until: datetime
    first: datetime
    last: datetime
    subject: str
    own: bool
    count: int = 0
    more: bool = False
    read: dict[str, None] = field(default_factory=dict)


class AcceptedReads:
    """What one process counts. `kept`: how long rows stay after they were told, for services that
    tell people who opened their record; by default they go."""

    def __init__(self, db: Database, kept: timedelta | None = None) -> None:
        self._db = db
        self._kept = kept
        self._held: dict[Key, _Held] = {}
        self._records = 0

    def note(self, who: Principal, opened: Opened, at: datetime) -> None:
        """Count it; never waits and never fails."""
        key = (who.account_id, *_window(opened, at))
        held = self._held.get(key)
        if held is None:
            if len(self._held) >= MOST_HELD_ROWS:
                LOST.inc()
                return
            held = self._held[key] = _new(who, opened, key[1], at)
        held.count += 1
        held.last = at
        held.subject = (opened.records or opened.facilities or ("-",))[-1]
        self._name(held, (*opened.records, *opened.facilities))

    def _name(self, held: _Held, records: Iterable[str]) -> None:
        """One more than a row names, so that it is known that there were more."""
        for one in records:
            if one not in held.read and len(held.read) <= MOST_RECORDS:
                if self._records >= MOST_HELD_RECORDS:
                    held.more = True
                    return
                held.read[one] = None
                self._records += 1

    async def flush(self) -> None:
        """Write what is held; if that fails it is held on."""
        held, self._held, self._records = self._held, {}, 0
        if not held:
            return
        changes = [_change(key, one) for key, one in held.items()]
        try:
            await transact(self._db, lambda tx: tx.collection(ROWS).bulk_write(changes))
        except BaseException:
            self._take_back(held)
            raise

    def _take_back(self, held: Mapping[Key, _Held]) -> None:
        later, self._held = self._held, dict(held)
        self._records = sum(len(one.read) for one in held.values())
        for key, one in later.items():
            before = self._held.get(key)
            if before is None and len(self._held) >= MOST_HELD_ROWS:
                LOST.inc(one.count)
                continue
            if before is None:
                self._held[key] = before = replace(one, count=0, read={})
            before.count += one.count
            before.last, before.subject = one.last, one.subject
            before.more |= one.more
            self._name(before, one.read)

    async def keep_flushing(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(FLUSH_EVERY_SECONDS)
            try:
                await self.flush()
            except Exception as error:
                if not is_outage(error):
                    log.exception("reads could not be written")

    async def close_due(self, db: Database, at: datetime) -> int:
        """Tell of rows whose time is over, an account's hour at a time; of how many hours."""
        due = {"told": False, "until": {"$lt": at - GRACE}}
        group: Sequence[Document] = [
            {"$match": due},
            {"$group": {"_id": {"account_id": "$account_id", "since": "$since"}}},
            {"$limit": AT_ONCE},
        ]
        found = [row["_id"] async for row in await db.collection(ROWS).aggregate(list(group))]
        for one in found:
            wanted = {**one, **due}
            await transact(db, lambda tx, wanted=wanted: self._close(tx, wanted))  # type: ignore[misc]
        return len(found)

    async def _close(self, tx: Tx, wanted: Document) -> None:
        rows = [row async for row in tx.collection(ROWS).find(wanted).sort("count", -1)]
        for row in _at_most(rows):
            facts = {
                "address": row["address"],
                "times": str(row["count"]),
                "from": row["first"].isoformat(),
            }
            facts |= {"own": "yes"} if row["own"] else {}
            facts |= {"more": "yes"} if row["more"] else {}
            actor = Actor(**row["actor"])
            await record(
                tx, actor, row["last"], ACCEPTED, facts, records=row["read"], at=row["last_at"]
            )
        ids = {"_id": {"$in": [row["_id"] for row in rows]}}
        if self._kept is None:
            await tx.collection(ROWS).delete_many(ids)
            return
        told = {"told": True, "gone_at": wanted["since"] + self._kept}
        await tx.collection(ROWS).update_many(ids, {"$set": told})


async def prepare(db: Database) -> None:
    rows = db.collection(ROWS)
    await rows.create_index(
        "key", name="one_open_row", unique=True, partialFilterExpression={"told": False}
    )
    await rows.create_index([("told", ASCENDING), ("until", ASCENDING)])
    await rows.create_index([("account_id", ASCENDING), ("since", ASCENDING)])
    await rows.create_index("gone_at", expireAfterSeconds=0)


def _window(opened: Opened, at: datetime) -> tuple[datetime, str]:
    """When the row begins that a read is counted in, and the address it bears. One's own
    facility's records are what most reads are of: of these a row holds a day, all addresses
    together."""
    if opened.own:
        return local_midnight(local_day(at)), EVERYTHING_ELSE
    return hour_of(at), opened.address


def _new(who: Principal, opened: Opened, since: datetime, at: datetime) -> _Held:
    until = since + (timedelta(days=1) if opened.own else HOUR)
    return _Held(audit.actor_of(who), since, until, at, at, "-", opened.own)


def _change(key: Key, held: _Held) -> UpdateOne:
    """As a pipeline: a row keeps the records it was told of first, and no more than MOST_RECORDS.
    What comes once the row was told makes another, which is told in its turn."""
    account_id, since, address = key
    of = "own" if held.own else address
    added = {"$setDifference": [{"$literal": list(held.read)}, {"$ifNull": ["$read", []]}]}
    whole = {"$concatArrays": [{"$ifNull": ["$read", []]}, added]}
    facts: Document = {
        "account_id": {"$literal": account_id},
        "actor": {"$literal": held.actor.model_dump()},
        "address": {"$literal": address},
        "own": held.own,
        "since": since,
        "until": held.until,
        "told": False,
        "first": {"$min": ["$first", held.first]},
        "last_at": {"$max": ["$last_at", held.last]},
        "last": {"$literal": held.subject},
        "count": {"$add": [{"$ifNull": ["$count", 0]}, held.count]},
        "more": {"$or": ["$more", held.more, {"$gt": [{"$size": whole}, MOST_RECORDS]}]},
        "read": {"$slice": [whole, MOST_RECORDS]},
    }
    name = f"{account_id} {since:%Y%m%d%H} {of}"
    return UpdateOne({"key": name, "told": False}, [{"$set": facts}], upsert=True)


def _at_most(rows: list[Document]) -> Iterable[dict[str, Any]]:
    """The rows as they are told: of more than MOST addresses the rest is one."""
    if len(rows) <= MOST + 1:
        return rows
    rest = rows[MOST:]
    names: dict[str, None] = {}
    for row in rest:
        names.update(dict.fromkeys(row["read"]))
    newest = max(rest, key=lambda row: row["last_at"])
    together = {
        **newest,
        "address": EVERYTHING_ELSE,
        "own": False,
        "count": sum(row["count"] for row in rest),
        "first": min(row["first"] for row in rest),
        "read": list(names)[:MOST_RECORDS],
        "more": any(row["more"] for row in rest) or len(names) > MOST_RECORDS,
    }
    return [*rows[:MOST], together]
