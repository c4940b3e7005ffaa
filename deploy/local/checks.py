"""Looks, before anything is started, for what would make a start fail, and names the remedy."""

import asyncio
import re
import shutil

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from deploy.local.layout import PORT_NUMBERS, PROCESSES, SERVER_PORTS, Layout
from deploy.local.ports import is_taken
from shared.messaging.bus import BUS_ERRORS, Hosts

LEAST_FREE_BYTES = 1024**3
ANSWER_SECONDS = 5


class NotPossibleError(Exception):
    """The start would fail; the message says why and what to change."""


def check(layout: Layout) -> None:
    """Raises NotPossibleError at the first thing that stands in the way."""
    check_disk(layout)
    check_ports(layout)
    if layout.given_mongo_url:
        check_mongo(layout.given_mongo_url)
    if layout.given_amqp_url:
        check_amqp(layout.given_amqp_url)


def check_disk(layout: Layout) -> None:
    layout.state.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(layout.state).free
    if free < LEAST_FREE_BYTES:
        raise NotPossibleError(
            f"Only {free // 1024**2} MB are free on the disk of {layout.state}; 1 GB is needed."
            " Free some, or set TXNG_STATE_DIR to a folder on another disk."
        )


def check_ports(layout: Layout) -> None:
    variables = {p.name: p.port_variable for p in PROCESSES}
    variables |= {name: variable for name, (variable, _) in SERVER_PORTS.items()}
    holders: dict[int, str] = {}
    for name in needed_ports(layout):
        port = layout.ports[name]
        if port in holders:
            raise NotPossibleError(
                f"Port {port} is meant for {holders[port]} and for {name}."
                f" Set {variables[name]} to another."
            )
        holders[port] = name
        if is_taken(port, layout.http_bind if name == "nginx" else "127.0.0.1"):
            raise NotPossibleError(
                f"Port {port}, meant for {name}, is in use."
                f" Set {variables[name]} to a free port,"
                f" or move all default ports: TXNG_PORT_OFFSET={free_offset(layout)}."
            )


def free_offset(layout: Layout) -> int:
    """The next thousand by which the ports can be moved to where nobody listens."""
    unmoved = [layout.ports[name] - layout.offset for name in needed_ports(layout)]
    highest = max(PORT_NUMBERS) - max(unmoved)
    for offset in range(layout.offset + 1000, highest, 1000):
        if not any(is_taken(port + offset) for port in unmoved):
            return offset
    return 0


def needed_ports(layout: Layout) -> list[str]:
    """The names of all ports that will be listened on; none for servers that are given."""
    own = [name for name in layout.ports if name not in SERVER_PORTS]
    own.append("nginx")
    if not layout.given_mongo_url:
        own.append("mongod")
    if not layout.given_amqp_url:
        own += ["rabbitmq", "rabbitmq-dist", "epmd"]
    return own


def check_mongo(url: str) -> None:
    try:
        milliseconds = ANSWER_SECONDS * 1000
        with MongoClient[dict[str, object]](url, serverSelectionTimeoutMS=milliseconds) as client:
            hello = client.admin.command("hello")
    except PyMongoError as failure:
        # What the driver tells of its timeouts and of the topology explains nothing more.
        reason = re.split(r" \(configured timeouts|, Timeout: ", str(failure))[0]
        raise NotPossibleError(
            f"TXNG_MONGO_URL does not answer: {reason}. Is it"
            " mongodb://user:password@host:27017/?replicaSet=name of a replica set that runs and"
            " has a primary (rs.initiate(), once), with members whose names are known here?"
        ) from failure
    if not hello.get("setName") and hello.get("msg") != "isdbgrid":
        raise NotPossibleError(
            "TXNG_MONGO_URL is a single MongoDB server without a replica set, which has no"
            " transactions. Start it with --replSet and run rs.initiate() once."
        )


def check_amqp(urls: str) -> None:
    """One host that lets us in is enough: the processes go round the others by themselves."""
    failures = []
    for url in urls.split(","):
        if not url.strip().startswith(("amqp://", "amqps://")):
            failures.append("it does not begin with amqp://")
            continue
        try:
            asyncio.run(sign_in(url.strip()))
            return
        except (ValueError, *BUS_ERRORS) as failure:
            failures.append(str(failure) or type(failure).__name__)
    raise NotPossibleError(
        f"TXNG_AMQP_URL does not answer: {'; '.join(failures)}. Is it"
        " amqp://user:password@host:5672/ of a RabbitMQ that runs, with a user that it knows?"
    )


async def sign_in(url: str) -> None:
    connection = await Hosts([url]).connect("txng.check")
    await connection.close()
