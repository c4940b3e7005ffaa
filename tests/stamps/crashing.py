"""A real stamps process that tests kill, with a consumer of its events and a client."""

import asyncio
import signal
from typing import Any

import httpx2

from deploy import topology
from shared import stampcode
from shared.contracts.event import Event, encode
from shared.contracts.stamps import BatchIssued, RequestDecided, SegmentPublished
from shared.messaging.bus import Hosts, Publisher
from shared.messaging.topology import Names
from shared.messaging.wiring import Queue, on
from shared.mongo import Database, Tx
from shared.service import Service
from tests.polling import eventually
from tests.running import Running
from tests.stamps import builders
from tests.stamps.conftest import API, Farm
from tests.tokens import bearer, mint, trust


async def _witness(tx: Tx, event: Event) -> None:
    """Counts in the transaction that claims the event, as every consumer's effects do."""
    await tx.collection("seen").update_one(
        {"_id": f"{event.type} {event.subject} {event.version}"},
        {"$inc": {"times": 1}},
        upsert=True,
    )


WITNESS = Queue(
    "test.witness",
    on(BatchIssued, _witness),
    on(SegmentPublished, _witness),
    on(RequestDecided, _witness),
)


class World:
    """A real stamps process that tests kill, a consumer of its events, and a client."""

    def __init__(self, running: Running) -> None:
        self.running = running
        settings = running.settings
        self.db = Database(settings.mongo_url, settings.database("stamps"), "stamps")
        self.client = httpx2.AsyncClient(base_url=running.url("stamps"), timeout=30)
        self.secrets = settings.secrets_dir
        self.approver = mint(self.secrets)
        self.farm = Farm("", "", "")
        self.operator = ""
        self._bus = Publisher(Hosts(settings.amqp_hosts), Names(settings.bus_prefix), "others")
        self.witness = Service(
            "witness", settings, publishes=False, verifies=False, queues=[WITNESS]
        )

    async def begin(self) -> None:
        await topology.declare_when_possible(self.running.settings)
        await trust(self.db, self.secrets)
        async with asyncio.timeout(60):
            await self.running.start("stamps")
        place = builders.facility()
        good = builders.product(place.subject)
        made = builders.lot(place.subject, good.subject)
        for event in (place, good, made):
            await self._bus.publish(event.type, encode(event), event.id)
        self.farm = Farm(place.subject, good.subject, made.subject)
        self.operator = mint(
            self.secrets, tier="facility", kinds=["operate"], facility=place.subject, communes=[]
        )
        await eventually(lambda: self.db.collection("lots").find_one({"_id": made.subject}), 20)

    async def end(self) -> None:
        await self.client.aclose()
        await self._bus.drop()
        await self.db.close()

    async def armed(self, point: str, **env: str) -> None:
        """The process again, to be killed at this point."""
        await self.running.terminate("stamps")
        self.running.launch("stamps", env={"TXNG_CRASH_AT": point, **env})

    async def until_killed(self) -> None:
        assert await self.running.until_exit("stamps") == -signal.SIGKILL

    async def ask(self, quantity: int = 1000) -> str:
        body = {"product_id": self.farm.product, "quantity": quantity}
        made = await self.client.post(f"{API}/requests", json=body, headers=bearer(self.operator))
        assert made.status_code == 201, made.text
        return str(made.json()["id"])

    async def approve(self, request_id: str) -> httpx2.Response:
        headers = {**bearer(self.approver), "Idempotency-Key": f"approve {request_id}"}
        path = f"{API}/requests/{request_id}/decision"
        return await self.client.post(path, json={"decision": "approve"}, headers=headers)

    async def batch_of(self, request_id: str) -> int:
        """The approved request's batch, whether it was issued before the crash or is now."""
        answer = await self.approve(request_id)
        assert answer.status_code == 200, answer.text
        return int(answer.json()["batch"])

    async def get(self, path: str) -> dict[str, Any]:
        answer = await self.client.get(f"{API}{path}", headers=bearer(self.approver))
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def must_be_sound(self, request_id: str, number: int, quantity: int = 1000) -> None:
        """I1 to I3 for one batch: readable, serials unique, not more than was approved."""
        issued = [
            b["_id"] async for b in self.db.collection("batches").find({"request_id": request_id})
        ]
        assert issued == [number]
        batch = await self.get(f"/batches/{number}")
        assert batch["intervals"] == [
            {"first": 0, "last": quantity - 1, "lot": "", "state": "issued"}
        ]
        codes = (await self.get(f"/batches/{number}/codes?first=0&last=999"))["codes"]
        ring = stampcode.Keyring.load(self.secrets / "stamp-keys.json")
        read = [stampcode.decode(ring, code) for code in codes]
        assert [(one.batch, one.serial) for one in read if one] == [
            (number, serial) for serial in range(1000)
        ]

    async def must_be_heard_once(self, request_id: str, number: int) -> None:
        """I5: each event's effect at a consumer, exactly once."""
        facts = [
            f"stamps.batch_issued.v1 {number} 1",
            f"stamps.segment_published.v1 {number}/0 1",
            f"stamps.request_decided.v1 {request_id} 2",
        ]
        seen = self.witness.db.collection("seen")

        async def arrived() -> bool:
            return await seen.count_documents({"_id": {"$in": facts}}) == len(facts)

        await eventually(arrived, 30)
        await self.must_be_relayed()
        assert {row["times"] async for row in seen.find({})} == {1}

    async def must_be_relayed(self) -> None:
        async def none_left() -> bool:
            left = {"state": {"$in": ["new", "numbered"]}}
            return await self.db.collection("outbox").count_documents(left) == 0

        await eventually(none_left, 30)
