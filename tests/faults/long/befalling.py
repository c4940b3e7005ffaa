"""How each fault of a schedule is done, and undone as a machine undoes it: by starting again."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import msgspec

from shared.messaging import dlq
from shared.messaging.bus import BUS_ERRORS, Hosts, Publisher
from shared.messaging.topology import Names
from shared.mongo import is_outage
from tests.faults.databases import databases, log_of
from tests.faults.long.schedule import Fault
from tests.faults.machines import Machines
from tests.faults.rig.alarms import alarm
from tests.faults.rig.limits import no_more_descriptors
from tests.faults.rig.proxy import Proxy
from tests.faults.world import World

SLOW_SECONDS = 0.3


@dataclass
class Stage:
    """What faults befall: the system, its servers, and the ways of some processes to the bus."""

    world: World
    machines: Machines
    ways: dict[str, list[Proxy]]
    # What each process is started with: its own way to the bus.
    env: dict[str, dict[str, str]] = field(default_factory=dict)

    def start(self, name: str) -> None:
        """As the supervisor does with what has ended; the checkers wait until it is ready."""
        if not self.world.running.is_alive(name):
            self.world.running.launch(name, env=self.env.get(name, {}))


async def befall(stage: Stage, fault: Fault, seed: int) -> None:
    """The fault, for as long as it lasts, and the end of it."""
    async with AsyncExitStack() as undone:
        await undone.enter_async_context(_done(stage, fault, seed))
        await asyncio.sleep(fault.seconds)


@asynccontextmanager
async def _done(stage: Stage, fault: Fault, seed: int) -> AsyncIterator[None]:
    kind, what = fault.kind, fault.what
    if kind in ("killed", "frozen", "crashes", "restarted", "no descriptors"):
        async with _process(stage, kind, what):
            yield
    elif "node" in kind or kind == "memory alarm":
        async with _broker(stage, kind, what):
            yield
    elif kind.startswith(("primary", "secondary")):
        async with _database(stage, kind):
            yield
    elif kind in ("reset", "black hole", "slow"):
        for way in stage.ways[what]:
            if kind == "slow":
                way.delay = SLOW_SECONDS
            else:
                way.reset() if kind == "reset" else way.swallow()
        yield
        for way in stage.ways[what]:
            way.delay = 0.0
            way.pass_on()
    else:
        await _with_patience(stage, kind, what, seed)
        yield


@asynccontextmanager
async def _process(stage: Stage, kind: str, what: str) -> AsyncIterator[None]:
    running = stage.world.running
    name, _, point = what.partition("@")
    if kind == "frozen":
        running.freeze(name)
        yield
        running.thaw(name)
    elif kind == "no descriptors":
        with no_more_descriptors(running.pid(name)):
            yield
    else:
        await (running.kill(name) if kind == "killed" else running.terminate(name, 30))
        if point:
            env = {**stage.env.get(name, {}), "TXNG_CRASH_AT": point}
            running.launch(name, env=env)
        elif kind == "restarted":
            stage.start(name)
        yield
        if point and running.is_alive(name):
            await running.terminate(name, 30)  # It never came by that point.
        stage.start(name)


@asynccontextmanager
async def _broker(stage: Stage, kind: str, what: str) -> AsyncIterator[None]:
    nodes = stage.machines.rabbitmq.nodes
    if kind == "memory alarm":
        raised = alarm(stage.machines.rabbitmq.one_alive(), "memory")
        await asyncio.to_thread(raised.__enter__)
        yield
        await asyncio.to_thread(raised.__exit__, None, None, None)
        return
    first = int(what.removeprefix("node "))
    hit = [nodes[first]] if "a node" in kind else [nodes[first], nodes[(first + 1) % len(nodes)]]
    for node in hit:
        if kind == "a node is frozen":
            node.freeze()
        else:
            await asyncio.to_thread(node.kill)
    yield
    for node in hit:
        if kind == "a node is frozen":
            node.thaw()
        else:
            node.launch()
    if kind != "a node is frozen":
        await asyncio.gather(*(asyncio.to_thread(node.await_ready) for node in hit))


@asynccontextmanager
async def _database(stage: Stage, kind: str) -> AsyncIterator[None]:
    members = stage.machines.mongod
    primary = await asyncio.to_thread(members.primary)
    if kind == "primary steps down":
        await asyncio.to_thread(members.step_down)
        yield
        return
    hit = primary
    if kind == "secondary killed":
        hit = next(one for one in members.members if one is not primary)
    if kind == "primary frozen":
        hit.freeze()
        yield
        hit.thaw()
    else:
        await asyncio.to_thread(hit.kill)
        yield
        await asyncio.to_thread(hit.start)


async def _with_patience(stage: Stage, kind: str, what: str, seed: int) -> None:
    """What needs bus and database waits until other faults let it."""
    for _ in range(30):
        try:
            if kind == "told again":
                await _tell_again(stage, random.Random(seed))
            else:
                await _spoil(stage, kind, what)
            return
        except Exception as error:
            if not (is_outage(error) or isinstance(error, BUS_ERRORS)):
                raise
            await asyncio.sleep(0.5)


async def _tell_again(stage: Stage, chance: random.Random) -> None:
    """Everything that recall and stamps ever told, in any order, by both ways."""
    settings = stage.world.running.settings
    bus = Publisher(Hosts(settings.amqp_hosts), Names(settings.bus_prefix), "again")
    async with databases(settings) as kept:
        events = [event for name in ("recall", "stamps") for event in await log_of(kept[name])]
    chance.shuffle(events)
    for event in events[:300]:
        await bus.publish(event["type"], msgspec.json.encode(event), event["id"])
    await bus.drop()


async def _spoil(stage: Stage, kind: str, what: str) -> None:
    """A queue is deleted, or is no longer bound to anything."""
    settings = stage.world.running.settings
    names = Names(settings.bus_prefix)
    connection = await Hosts(settings.amqp_hosts).connect("test")
    try:
        channel = await connection.channel()
        if kind == "queue deleted":
            await asyncio.wait_for(channel.queue_delete(names.queue(what)), 10)
        else:
            queue = await channel.get_queue(names.queue(what), ensure=False)
            for pattern in dlq.queues()[what].patterns:
                await asyncio.wait_for(queue.unbind(names.exchange, routing_key=pattern), 10)
    finally:
        await connection.close()
