"""`txng dlq list|show|replay`: what was parked, why, and back into its queue with it."""

import argparse
import asyncio
import importlib
import pkgutil
import sys

import aio_pika
import msgspec
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage

import services
from shared.messaging.bus import Hosts
from shared.messaging.topology import Names
from shared.messaging.wiring import Queue
from shared.settings import Settings


def queues() -> dict[str, Queue]:
    """Every queue of every service's wiring table (`QUEUES` in its consumers module)."""
    found: dict[str, Queue] = {}
    for service in pkgutil.iter_modules(services.__path__):
        name = f"services.{service.name}.consumers"
        try:
            module = importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name != name:
                raise
            continue
        found.update({queue.name: queue for queue in module.QUEUES})
    return found


async def counts(channel: AbstractChannel, names: Names) -> dict[str, int]:
    """How many messages are parked, per queue."""
    result = {}
    for name in queues():
        parked = await channel.declare_queue(names.parked(name), passive=True)
        result[name] = int(parked.declaration_result.message_count or 0)
    return result


async def take(channel: AbstractChannel, names: Names, name: str) -> list[AbstractIncomingMessage]:
    """All parked messages of a queue, unacknowledged: they go back unless acknowledged."""
    parked = await channel.declare_queue(names.parked(name), passive=True)
    messages = []
    while (message := await parked.get(fail=False)) is not None:
        messages.append(message)
    return messages


async def replay(channel: AbstractChannel, names: Names, name: str) -> int:
    """Send every parked message back to the queue it fell out of; how many."""
    messages = await take(channel, names, name)
    for message in messages:
        await channel.default_exchange.publish(
            aio_pika.Message(
                message.body,
                delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
                headers={"txng-replayed": "1"},
            ),
            names.queue(name),
            mandatory=True,
        )
        await message.ack()
    return len(messages)


async def run(arguments: argparse.Namespace) -> int:
    settings = Settings()
    names = Names(settings.bus_prefix)
    connection = await Hosts(settings.amqp_hosts).connect("txng.dlq")
    try:
        channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
        if arguments.command == "list":
            for name, count in (await counts(channel, names)).items():
                _say(f"{count:6}  {name}")
            return 0
        if arguments.queue not in queues():
            _say(f"There is no queue {arguments.queue}; `txng dlq list` names them.")
            return 2
        if arguments.command == "show":
            for message in await take(channel, names, arguments.queue):
                _say(_describe(message))
            return 0
        _say(f"{await replay(channel, names, arguments.queue)} sent back to {arguments.queue}")
        return 0
    finally:
        await connection.close()


def _describe(message: AbstractIncomingMessage) -> str:
    try:
        value = msgspec.json.decode(message.body)
        what = f"{value.get('type')} {value.get('id')} subject={value.get('subject')}"
    except (msgspec.DecodeError, AttributeError):
        what = f"{len(message.body)} bytes that are no event"
    reason = message.headers.get("txng-reason", "the broker's delivery limit")
    return f"{what}\n    since {message.headers.get('txng-parked', '?')!s}: {reason!s}"


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


def main() -> int:
    parser = argparse.ArgumentParser(prog="txng dlq", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="how many messages are parked, per queue")
    for name, text in (("show", "what is parked and why"), ("replay", "back into the queue")):
        commands.add_parser(name, help=text).add_argument("queue")
    return asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    sys.exit(main())
