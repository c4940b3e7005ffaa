"""Declares every queue of every service on the broker, so that no event is ever unroutable.

Run as `python -m deploy.topology`; repeating it changes nothing.
"""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from shared.messaging.bus import BUS_ERRORS, Hosts, delete_queue
from shared.messaging.dlq import queues
from shared.messaging.topology import Mute, Names, declare_exchanges, declare_queue
from shared.settings import Settings

T = TypeVar("T")
WAIT_SECONDS = 60.0


async def declare(settings: Settings) -> list[str]:
    """Declares the exchanges and all queues with their bindings; returns the queues' names."""
    names = Names(settings.bus_prefix)
    connection = await Hosts(settings.amqp_hosts).connect("txng.topology")
    try:
        channel = await connection.channel()
        await declare_exchanges(channel, names)
        known = queues()
        for queue in known.values():
            await declare_queue(channel, names, queue.name, queue.patterns)
        return [names.queue(name) for name in known]
    except Mute as mute:
        await delete_queue(connection, mute.queue)
        raise
    finally:
        await connection.close()


async def declare_when_possible(settings: Settings) -> list[str]:
    """The same, waiting up to a minute for a broker that is still starting or very busy."""
    return await _when_possible(declare, settings)


async def remove_when_possible(settings: Settings) -> None:
    """`remove`, begun anew for up to a minute where the broker breaks off."""
    await _when_possible(remove, settings)


async def _when_possible(act: Callable[[Settings], Awaitable[T]], settings: Settings) -> T:
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            return await act(settings)
        except Mute:  # It is deleted, so the next turn makes it.
            continue
        except BUS_ERRORS:
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.5)


async def remove(settings: Settings) -> None:
    """Deletes what `declare` made, if anything: for tests that shared a broker."""
    names = Names(settings.bus_prefix)
    connection = await Hosts(settings.amqp_hosts).connect("txng.topology")
    try:
        channel = await connection.channel()
        try:
            await channel.declare_exchange(names.exchange, passive=True)
        except BUS_ERRORS:  # No such exchange: nothing was ever declared under this prefix.
            return
        for name in queues():
            await channel.queue_delete(names.queue(name))
            await channel.queue_delete(names.parked(name))
        for publisher in {name.split(".", 1)[0] for name in queues()}:
            await channel.queue_delete(names.questions_to(publisher))
        for exchange in (names.exchange, names.live, names.parked_exchange, names.questions):
            await channel.exchange_delete(exchange)
    finally:
        await connection.close()


def main() -> int:
    declared = asyncio.run(declare_when_possible(Settings()))
    sys.stdout.write(f"{len(declared)} queues declared\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
