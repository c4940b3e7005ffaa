"""reporting running in the test's own process, over real servers."""

from typing import Any

from shared.contracts.event import Event
from tests.in_process import InProcess
from tests.polling import eventually
from tests.tokens import bearer, mint


class Reporting(InProcess):
    """The service under test: what it has taken in, and what it says of it."""

    async def hear(self, *events: Event) -> None:
        """Events from others, as the bus brings them; returns once they are in the ledger, but for
        counts, which are not kept there."""
        await self.tell(*events)

        async def chained() -> bool:
            acts = [event.id for event in events if not event.derived]
            wanted = {"event_id": {"$in": acts}}
            return await self.db.collection("ledger").count_documents(wanted) == len(acts)

        await eventually(chained)

    async def statistics(self, **claims: Any) -> dict[str, Any]:
        token = mint(self.settings.secrets_dir, **claims)
        answer = await self.client.get("/api/reporting/v1/statistics", headers=bearer(token))
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found
