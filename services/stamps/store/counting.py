"""How many serials of a segment are in each state, kept beside its intervals in the same write.

Stamps of a product are summed from these, without reading what thousands of segments are cut into.
An earlier release that runs beside this one changes intervals and not the counts, so these tell of
which version they are; what is not of the segment's is counted anew.
"""

import asyncio
from typing import Any, Final

import structlog
from pymongo import ASCENDING

from services.stamps.domain.intervals import Segment
from services.stamps.domain.life import STATES
from shared.indexes import retire
from shared.mongo import Database, is_outage

log = structlog.get_logger()

SECONDS: Final = 3_600.0
# Where nothing was found: what an earlier release wrote since is counted anew when it is asked for.
SECONDS_IN_LINE: Final = 86_400.0
AT_ONCE: Final = 1_000
COUNTED_AT_ONCE: Final = 50
REST_SECONDS: Final = 0.5
READ_MILLISECONDS: Final = 20_000
VERSIONS: Final = {"version": 1, "counted.version": 1}
UNCOUNTED: Final[dict[str, Any]] = {"$expr": {"$ne": ["$counted.version", "$version"]}}


def counted(segment: Segment) -> dict[str, int]:
    """The serials in each state that there are any in, and of which version of the segment."""
    found = {"version": segment.version}
    for first, last, _, state in segment.intervals:
        found[state] = found.get(state, 0) + last - first + 1
    return found


def size(interval: str) -> dict[str, Any]:
    """How many serials an interval of a stored segment has."""
    first, last = ({"$arrayElemAt": [interval, at]} for at in (0, 1))
    return {"$add": [{"$subtract": [last, first]}, 1]}


async def prepare(db: Database) -> None:
    """An index that answers alone what stamps of a product there are in each state."""
    states = [(f"counted.{state}", ASCENDING) for state in STATES]
    await db.collection("segments").create_index(
        [
            ("product_id", ASCENDING),
            ("version", ASCENDING),
            ("counted.version", ASCENDING),
            *states,
        ],
        name="counted_of_product",
    )
    await retire(db.collection("segments"), "product_id_1")


async def settle(db: Database) -> int:
    """Count what an earlier release wrote; how many segments that were.

    A part at a time, with rests, so that none waits long for the database or keeps it from others.
    """
    segments, settled, past = db.collection("segments"), 0, ""
    while True:
        wanted = {"_id": {"$gt": past}}
        found = segments.find(wanted, VERSIONS, max_time_ms=READ_MILLISECONDS)
        rows = [row async for row in found.sort("_id", ASCENDING).limit(AT_ONCE)]
        late = [one["_id"] for one in rows if one.get("counted") != {"version": one["version"]}]
        for at in range(0, len(late), COUNTED_AT_ONCE):
            settled += await _count(db, late[at : at + COUNTED_AT_ONCE])
        if len(rows) < AT_ONCE:
            break
        past = rows[-1]["_id"]
        await asyncio.sleep(REST_SECONDS)
    if settled:
        log.info("stamps by state are counted", segments=settled)
    return settled


async def keep_settling(db: Database) -> None:
    """Until cancelled: an earlier release may still run beside this one for a while."""
    while True:
        pause = SECONDS
        try:
            if not await settle(db):
                pause = SECONDS_IN_LINE
        except Exception as error:
            if not is_outage(error):
                log.exception("stamps by state could not be counted")
        await asyncio.sleep(pause)


async def _count(db: Database, keys: list[str]) -> int:
    counts = {state: _in_state(state) for state in STATES}
    answer = await db.collection("segments").update_many(
        {"_id": {"$in": keys}, **UNCOUNTED},
        [{"$set": {"counted": {"version": "$version", **counts}}}],
    )
    return answer.modified_count


def _in_state(state: str) -> dict[str, Any]:
    theirs = {"$eq": [{"$arrayElemAt": ["$$one", 3]}, state]}
    found = {"$filter": {"input": "$intervals", "as": "one", "cond": theirs}}
    return {"$sum": {"$map": {"input": found, "as": "one", "in": size("$$one")}}}
