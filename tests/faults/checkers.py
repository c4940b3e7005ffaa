"""The invariants I1 … I9: what must hold after any fault, once the system has healed by itself.

Each takes what was acknowledged (`History`) and the running `World`, and says in words what is
violated; an empty list means that it holds. They only look: nothing is mended on the way.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from typing import Any

from services.reporting.consumers import DERIVED
from services.scan.store.counts import STAMPS, stamp_key
from shared import stampcode, stampkeys
from shared.messaging import dlq
from shared.messaging.bus import BUS_ERRORS, Hosts
from shared.messaging.topology import Names
from shared.mongo import Database
from tests.faults import replay
from tests.faults.databases import databases, log_of
from tests.faults.history import History
from tests.faults.world import REPLICAS, World
from tests.polling import eventually

STALE_SECONDS = 5.0
HEALING_SECONDS = 90.0
Checker = Callable[[History, World], Awaitable[list[str]]]


async def readable(history: History, world: World) -> list[str]:
    """I1: every acknowledged stamp can be read, on every replica."""
    found = []
    for one in history.issued:
        if one.batch not in _of_each_batch(history):
            try:
                await world.codes(one.facility, one.batch, 0, one.approved - 1)
            except AssertionError as fault:
                found.append(f"the codes of batch {one.batch} cannot be had: {fault}")
    some = _of_each_batch(history)
    for batch, code in some.items():
        for replica in REPLICAS:
            verdict = await world.settled_verdict(code, replica)
            if verdict in ("unknown", "unconfirmed"):
                found.append(f"{replica} says {verdict} of {code}, a stamp of batch {batch}")
    return found


async def unique(history: History, world: World) -> list[str]:
    """I2: no two stamps have one code, those of requests that were never answered included."""
    of: dict[str, set[tuple[int, int]]] = defaultdict(set)
    for batch, serial, code in history.given:
        of[code].add((batch, serial))
    found = [f"{code} is of {sorted(those)}" for code, those in of.items() if len(those) > 1]
    requests: dict[int, set[str]] = defaultdict(set)
    for one in history.issued:
        requests[one.batch].add(one.request)
    async with databases(world.running.settings) as kept:
        log = await log_of(kept["stamps"])
        for event in log:
            if event["type"] == "stamps.batch_issued.v1":
                requests[event["data"]["batch"]].add(event["data"]["request_id"])
        async for row in kept["stamps"].collection("batches").find({}):
            requests[row["_id"]].add(row["request_id"])
            found += await _gaps(kept["stamps"], row)
    for batch, those in requests.items():
        if len(those) > 1:
            found.append(f"batch {batch} was issued to {len(those)} requests")
    return found


async def _gaps(stamps: Database, batch: dict[str, Any]) -> list[str]:
    """The intervals of a batch name each of its serials once."""
    rows = stamps.collection("segments").find({"batch": batch["_id"]}).sort("index", 1)
    after = 0
    async for segment in rows:
        for first, last, *_ in segment["intervals"]:
            if first != after:
                return [f"batch {batch['_id']}: after serial {after - 1} comes {first}"]
            after = last + 1
    if after != batch["quantity"]:
        return [f"batch {batch['_id']} has {after} serials, not {batch['quantity']}"]
    return []


async def approved(history: History, world: World) -> list[str]:
    """I3: no more is issued for a request than was approved, and no more approved than asked."""
    issued: Counter[str] = Counter()
    found = []
    async with databases(world.running.settings) as kept:
        stamps = kept["stamps"]
        async for row in stamps.collection("batches").find({}):
            issued[row["request_id"]] += row["quantity"]
        async for row in stamps.collection("requests").find({}):
            many = issued.pop(row["_id"], 0)
            granted = row["approved"] if row["state"] == "approved" else 0
            if many > granted:
                found.append(f"{many} stamps were issued of {granted} approved: {row['_id']}")
            if granted > row["quantity"]:
                found.append(f"{granted} approved of {row['quantity']} asked: {row['_id']}")
    found += [f"{n} stamps were issued for {one}, which is no request" for one, n in issued.items()]
    for one in history.issued:
        if one.approved > one.asked:
            found.append(f"{one.approved} stamps were acknowledged of {one.asked} asked")
    return found


async def never_stale(history: History, world: World) -> list[str]:
    """I4: no `genuine` for a scan begun five seconds or more after a recall was acknowledged."""
    found = []
    for order in history.orders:
        reached = history.reached(order)
        for scan in history.scans:
            since = reached.get(history.lot_of.get(scan.code, ""))
            if scan.verdict != "genuine" or since is None or scan.ended > order.lifted:
                continue
            if scan.began > since + STALE_SECONDS:
                late = scan.began - since
                where = scan.replica or "a replica"
                found.append(f"{where} said genuine of {scan.code} {late:.1f} s after its recall")
    return found


async def effect_once(history: History, world: World) -> list[str]:
    """I5: each event had its effect exactly once: all sums are those of the log, and the ledger
    has one link for each event."""
    settings = world.running.settings
    async with databases(settings) as kept:
        logs = {name: await log_of(db) for name, db in kept.items()}
        found = await replay.differences(settings, logs, kept, replay.SUMS)
        links: Counter[str] = Counter()
        async for row in kept["reporting"].collection("ledger").find({}, {"event_id": 1}):
            links[row["event_id"]] += 1
        for name, log in logs.items():
            for event in log:
                if event["type"] not in DERIVED and links[event["id"]] != 1:
                    times = links[event["id"]]
                    found.append(f"{name}'s {event['type']} is in the ledger {times} times")
    return found


async def replayable(history: History, world: World) -> list[str]:
    """I6: all read models equal a replay of the log, the memories of the replicas among them."""
    return await _shown(history, world) + await _kept(world)


async def _kept(world: World) -> list[str]:
    settings = world.running.settings
    async with databases(settings) as kept:
        logs = {name: await log_of(db) for name, db in kept.items()}
        return await replay.differences(settings, logs, kept, replay.PROJECTIONS)


async def _shown(history: History, world: World) -> list[str]:
    found = []
    for lot, code in {lot: code for code, lot in history.lot_of.items()}.items():
        ought = "recalled" if history.standing(lot) else "genuine"
        for replica in REPLICAS:
            verdict = await world.settled_verdict(code, replica, ought)
            if verdict != ought:
                found.append(f"{replica} says {verdict} of {code}, by the log it is {ought}")
    return found


async def ledger_sound(history: History, world: World) -> list[str]:
    """I7: the audit ledger verifies, as `txng audit verify` does it."""
    try:
        said = await world.running.run_module("services.reporting.verify")
    except AssertionError as fault:
        return [str(fault)]
    return [] if "The ledger is sound." in said else [said]


async def no_repair(history: History, world: World) -> list[str]:
    """I8: everything runs, is ready, and nothing waits for anybody's hand."""
    running = world.running
    names = [name for name in running.processes if name != "nginx"]
    found = [f"{name} has ended" for name in names if not running.is_alive(name)]
    # A process notices some seconds late that it lost its queue, and says it is ready until then.
    found += await _waiting(world)
    try:
        await running.until_ready(*(n for n in names if running.is_alive(n)), timeout=world.healing)
    except AssertionError as late:
        found.append("\n".join([str(late), *getattr(late, "__notes__", ())])[:2000])
    return found


async def _waiting(world: World) -> list[str]:
    """What is parked, what waits in queues that nobody empties, what was never sent."""
    settings, names = world.running.settings, Names(world.running.settings.bus_prefix)
    found: list[str] = []

    async def emptied() -> None:
        found.clear()
        try:
            connection = await Hosts(settings.amqp_hosts).connect("test")
        except BUS_ERRORS as error:
            raise AssertionError("no broker answers") from error
        try:
            channel = await connection.channel()
            for name in dlq.queues():
                parked = await channel.declare_queue(names.parked(name), passive=True)
                queue = await channel.declare_queue(names.queue(name), passive=True)
                if many := parked.declaration_result.message_count:
                    found.append(f"{many} messages of {name} are parked")
                if many := queue.declaration_result.message_count:
                    found.append(f"{many} messages wait in {name}")
                if not queue.declaration_result.consumer_count:
                    found.append(f"nobody consumes {name}")
        except BUS_ERRORS as error:
            raise AssertionError("a queue does not answer") from error
        finally:
            await connection.close()
        async with databases(settings) as kept:
            for name, db in kept.items():
                unsent = {"state": {"$ne": "sent"}}
                if many := await db.collection("outbox").count_documents(unsent):
                    found.append(f"{many} events of {name} were never sent")
        assert not found, "; ".join(found)

    try:
        await eventually(emptied, world.healing)
    except AssertionError as late:
        return found or [str(late)]
    return []


async def counted_once(history: History, world: World) -> list[str]:
    """I9: every answered scan is counted once; one that was sent and never answered may be too."""
    answered = history.answered()
    ring = stampcode.Keyring.load(world.running.settings.secrets_dir / stampkeys.FILE)
    keys: dict[str, int] = {}
    for code in answered.keys() | history.cut_off.keys():
        stamp = stampcode.decode(ring, code)
        assert stamp is not None, code
        keys[code] = stamp_key((stamp[1], stamp[2]))
    found: list[str] = []

    async def counted() -> None:
        found.clear()
        async with databases(world.running.settings) as kept:
            rows = kept["scan"].collection(STAMPS).find({"_id": {"$in": list(keys.values())}})
            counts = {row["_id"]: int(row["count"]) async for row in rows}
        for code, key in keys.items():
            least, most = answered[code], answered[code] + history.cut_off[code]
            if not least <= counts.get(key, 0) <= most:
                found.append(f"{code} was answered {least} times, counted {counts.get(key, 0)}")
        assert not found

    try:
        await eventually(counted, min(world.healing, 20))
    except AssertionError:
        return found
    return []


CHECKERS: dict[str, Checker] = {
    "I1": readable,
    "I2": unique,
    "I3": approved,
    "I4": never_stale,
    "I5": effect_once,
    "I6": replayable,
    "I7": ledger_sound,
    "I8": no_repair,
    "I9": counted_once,
}


async def violations(world: World) -> list[str]:
    """What all of them say, each with the number of its invariant.

    Healing is waited for first; those that scan go before those that look at what was counted.
    """
    history = world.history
    if said := await no_repair(history, world):
        return [f"I8: {one}" for one in said]
    found = [f"I1: {one}" for one in await readable(history, world)]
    found += [f"I6: {one}" for one in await _shown(history, world)]
    await world.quiet()
    found += [f"I6: {one}" for one in await _kept(world)]
    rest = ("I2", "I3", "I4", "I5", "I7", "I9")
    each = await asyncio.gather(*(CHECKERS[name](history, world) for name in rest))
    return found + [f"{name}: {one}" for name, of in zip(rest, each, strict=True) for one in of]


def _of_each_batch(history: History) -> dict[int, str]:
    return {batch: code for batch, _, code in history.given}
