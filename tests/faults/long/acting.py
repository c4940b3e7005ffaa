"""What people do in a run: each act is tried until it is acknowledged, as people try."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import httpx2

from tests.faults.world import REPLICAS, Goods, World
from tests.polling import eventually

ACT_SECONDS = 90.0
SCANS = 10


@dataclass
class People:
    """The acts of a run over its goods: one lot is recalled, the other stays as it is."""

    world: World
    chance: random.Random
    red: Goods
    green: Goods
    codes: list[str] = field(default_factory=list)
    cases: list[str] = field(default_factory=list)

    @classmethod
    async def begin(cls, world: World, chance: random.Random) -> "People":
        red = await world.goods(4)
        lot = await world.lot(red.facility_id, red.product_id)
        batch = await world.batch(red.facility_id, red.product_id, 4)
        codes = await world.codes(red.facility_id, batch, 0, 3)
        await world.activate(red.facility_id, batch, 0, 3, lot)
        green = Goods(red.facility_id, red.product_id, lot, batch, codes)
        await world.until(codes[0], "genuine")
        return cls(world, chance, red, green, [*red.codes, *codes])

    async def do(self, act: str) -> None:
        acts: dict[str, Callable[[], Awaitable[None]]] = {
            "issue": self.issue,
            "derive": self.derive,
            "recall": self.recall,
            "recall again": self.recall,
            "lift": self.lift,
            "scan": self.scan,
        }
        await acts[act]()

    async def scan(self) -> None:
        for _ in range(SCANS):
            await self.look(self.chance.choice(self.codes), self.chance.choice(REPLICAS))

    async def look(self, code: str, replica: str) -> None:
        """A scan that may find the replica dead, frozen or without memory of anything."""
        try:
            await self.world.verdict(code, replica)
        except (httpx2.TransportError, AssertionError):
            await asyncio.sleep(0.05)

    async def issue(self) -> None:
        """More stamps of the lot that nothing stands against."""
        await self._insisted(lambda: self._stamped(self.green, self.green.lot_id), "issuing")

    async def derive(self) -> None:
        """Something is made of the lot that is recalled, or will be, and goes on the market."""

        async def made() -> None:
            lot = await self.world.lot(self.red.facility_id, self.red.product_id, [self.red.lot_id])
            await self._stamped(self.red, lot)

        await self._insisted(made, "a derived lot is registered")

    async def _stamped(self, goods: Goods, lot: str) -> None:
        batch = await self.world.batch(goods.facility_id, goods.product_id, 2)
        codes = await self.world.codes(goods.facility_id, batch, 0, 1)
        body = {"first": 0, "last": 1, "lot_id": lot}
        operator = self.world.operator(goods.facility_id)
        answer = await self.world.send("stamps", f"/batches/{batch}/activations", body, operator)
        if answer.status_code == 409 and answer.json()["code"] == "lot_recalled":
            return  # Stamps has heard of the recall: such goods get none.
        assert answer.status_code == 200, answer.text
        self.world.history.activated(batch, 0, 1, lot)
        self.codes += codes

    async def recall(self) -> None:
        self.cases.append(await self.world.insist(self.red.lot_id, timeout=ACT_SECONDS))

    async def lift(self) -> None:
        case = self.cases[-1]
        await self._insisted(lambda: self.world.lift(case), "the lift is confirmed")

    async def _insisted(self, act: Callable[[], Awaitable[None]], what: str) -> None:
        async def done() -> bool:
            try:
                await act()
            except httpx2.TransportError as error:
                raise AssertionError(repr(error)) from error
            return True

        await eventually(done, ACT_SECONDS, because=what)
