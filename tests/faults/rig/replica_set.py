"""Three `mongod` as one replica set, any of which may be killed, frozen or made to step down."""

import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from deploy.local.mongodb import Mongod
from deploy.local.ports import free_port
from deploy.local.servers import start_together, stop_together

MEMBERS = 3
# Below five seconds a busy machine has elections without any fault.
ELECTION_MILLISECONDS = 5_000
ELECTED_SECONDS = 60.0
STAYS_DOWN_SECONDS = 10


class Member(Mongod):
    """One of the set: ready when it answers as what it is, a primary or a secondary."""

    def is_ready(self) -> bool:
        hello = self.hello()
        if hello is None:
            return False
        # A fresh one belongs to no set yet; who starts the set makes it.
        return not hello.get("setName") or any(
            hello.get(what) for what in ("isWritablePrimary", "secondary")
        )

    def hello(self) -> dict[str, Any] | None:
        """What the member says of itself; None if it does not answer."""
        try:
            with self.client() as client:
                return dict(client.admin.command("hello"))
        except PyMongoError:
            return None

    def client(self) -> "MongoClient[dict[str, Any]]":
        """To this very member, whatever it is."""
        return MongoClient(
            "127.0.0.1",
            self.port,
            directConnection=True,
            serverSelectionTimeoutMS=500,
            socketTimeoutMS=1_000,
        )


class ReplicaSet:
    def __init__(self, state: Path) -> None:
        self.members = [
            Member(state / f"mongo-{n}", free_port(), cache_gb=0.25) for n in range(MEMBERS)
        ]

    @property
    def url(self) -> str:
        hosts = ",".join(f"127.0.0.1:{one.port}" for one in self.members)
        return f"mongodb://{hosts}/?replicaSet=rs0"

    def start(self) -> None:
        start_together(self.members)
        config = {
            "_id": "rs0",
            "members": [
                {"_id": n, "host": f"127.0.0.1:{one.port}"} for n, one in enumerate(self.members)
            ],
            "settings": {"electionTimeoutMillis": ELECTION_MILLISECONDS},
        }
        with self.members[0].client() as client:
            client.admin.command("replSetInitiate", config)
        self.primary()
        for one in self.members:
            one.await_ready()

    def stop(self) -> None:
        stop_together(self.members)

    def primary(self, *, other_than: Member | None = None) -> Member:
        """The member that was elected last; waits for an election."""
        deadline = time.monotonic() + ELECTED_SECONDS
        while time.monotonic() < deadline:
            elected = [
                (hello["electionId"], number)
                for number, one in enumerate(self.members)
                if one is not other_than and one.process is not None
                if (hello := one.hello()) and hello.get("isWritablePrimary")
            ]
            if elected:
                return self.members[max(elected)[1]]
            time.sleep(0.1)
        raise AssertionError(f"no primary was elected within {ELECTED_SECONDS:.0f} s")

    def step_down(self) -> Member:
        """Make the primary give up its office; returns it."""
        left = self.primary()
        with left.client() as client, suppress(PyMongoError):
            client.admin.command("replSetStepDown", STAYS_DOWN_SECONDS, force=True)
        return left
