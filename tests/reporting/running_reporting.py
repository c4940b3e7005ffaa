"""reporting running in the test's own process, over real servers."""

from typing import Any

import httpx2

from shared.contracts.event import Event, encode
from shared.messaging.bus import Hosts, Publisher
from shared.messaging.topology import Names
from shared.settings import Settings
from tests.polling import eventually
from tests.tokens import bearer, mint


class Reporting:
    """The running service, and another one's way of telling it things."""

    def __init__(self, app: Any, client: httpx2.AsyncClient, settings: Settings) -> None:
        self.db, self.client, self.settings = app.state.db, client, settings
        self._bus = Publisher(Hosts(settings.amqp_hosts), Names(settings.bus_prefix), "others")

    async def hear(self, *events: Event) -> None:
        """Events from others, as the bus brings them; returns once they are in the ledger."""
        for event in events:
            await self._bus.publish(event.type, encode(event), event.id)

        async def chained() -> bool:
            wanted = {"event_id": {"$in": [event.id for event in events]}}
            return await self.db.collection("ledger").count_documents(wanted) == len(events)

        await eventually(chained)

    async def statistics(self, **claims: Any) -> dict[str, Any]:
        token = mint(self.settings.secrets_dir, **claims)
        answer = await self.client.get("/api/reporting/v1/statistics", headers=bearer(token))
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def close(self) -> None:
        await self._bus.drop()
