"""Looks, before anything is started, for what would make a start fail, and names the remedy."""

import shutil
import socket
from urllib.parse import urlsplit

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from deploy.local.layout import PROCESSES, SERVER_PORTS, Layout
from deploy.local.ports import is_taken

LEAST_FREE_BYTES = 1024**3


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
    for name in needed_ports(layout):
        host = layout.http_bind if name == "nginx" else "127.0.0.1"
        if is_taken(layout.ports[name], host):
            raise NotPossibleError(
                f"Port {layout.ports[name]}, meant for {name}, is in use."
                f" Set {variables[name]} to a free port,"
                " or TXNG_PORT_OFFSET=1000 to move all ports by a thousand."
            )


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
        with MongoClient[dict[str, object]](url, serverSelectionTimeoutMS=5000) as client:
            hello = client.admin.command("hello")
    except PyMongoError as failure:
        raise NotPossibleError(f"TXNG_MONGO_URL does not answer: {failure}") from failure
    if not hello.get("setName") and hello.get("msg") != "isdbgrid":
        raise NotPossibleError(
            "TXNG_MONGO_URL is a single MongoDB server without a replica set, which has no"
            " transactions. Start it with --replSet and run rs.initiate() once."
        )


def check_amqp(urls: str) -> None:
    """One host that answers is enough: the processes go round the others by themselves."""
    failures = []
    for url in urls.split(","):
        parts = urlsplit(url.strip())
        try:
            address = (parts.hostname or "", parts.port or 5672)
            socket.create_connection(address, timeout=5).close()
            return
        except (OSError, ValueError) as failure:
            failures.append(str(failure))
    raise NotPossibleError(f"TXNG_AMQP_URL does not answer: {'; '.join(failures)}")
