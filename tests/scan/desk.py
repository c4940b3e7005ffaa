"""The desk in the test's own process, with suspicions of two facilities to look at."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from services.scan.domain import copies
from services.scan.domain.aggregates import PARTS
from services.scan.domain.copies import findings
from services.scan.domain.sightings import Sighting
from services.scan.domain.suspicion import Suspicion, suspect
from services.scan.domain.tally import StampScans, day_of
from services.scan.store import counts, models, suspicions
from services.scan.store.gate import pass_gate
from services.scan.store.pace import Pace
from shared.contracts.event import Event
from shared.ids import now
from shared.mongo import Tx, transact
from tests.in_process import InProcess
from tests.scan.world import Goods
from tests.tokens import mint

CONSOLE = "/console/scan"
API = "/api/scan/v1/suspicions"
HOME_COMMUNE, AWAY = "07090", "32248"


class Desk(InProcess):
    """What officials do with suspicions."""

    def token(self, tier: str, *kinds: str, **claims: Any) -> str:
        return mint(self.settings.secrets_dir, tier=tier, kinds=list(kinds), **claims)

    def approver(self, **claims: Any) -> str:
        return self.token("department", "approve", **{"name": "Người duyệt", **claims})

    async def knows(self, *events: Event) -> None:
        """The read models hold these, as the projector keeps them."""

        async def work(tx: Tx) -> None:
            for event in events:
                await models.keep_newest(tx, PARTS[event.type], [event])

        await transact(self.db, work)

    async def suspects(self, goods: Goods, serial: int, state: str = "suspected") -> Suspicion:
        """A stamp of these goods was read by a crowd, and the recorder has judged it."""
        stamp, at, day = (goods.batch, serial), now(), day_of(now())
        first = int((at - timedelta(minutes=5)).timestamp() * 1000)
        crowd = [
            Sighting(first + n, n + 1, HOME_COMMUNE if n % 2 else AWAY, "genuine")
            for n in range(25)
        ]
        found = findings(crowd, copies.Circumstances(frozenset({HOME_COMMUNE})), copies.rules())
        whose = goods.facility, goods.product, goods.lot
        made = suspect(stamp, whose, day, found, None, copies.rules(), room=True, now=at)
        assert made is not None
        scans = StampScans(first, first + 24, 25)
        scans.users[day] |= {bytes([n]) * 8 for n in range(25)}
        scans.sightings[day].extend(crowd)

        async def work(tx: Tx) -> None:
            passed = await pass_gate(tx)
            await counts.add_stamps(tx, {stamp: scans}, at, Pace(None), 1)
            await suspicions.put(tx, [replace(made, state=state)], passed)  # type: ignore[arg-type]

        await transact(self.db, work)
        return made

    async def goods(self) -> Goods:
        made = Goods()
        await self.knows(*made.events())
        return made
