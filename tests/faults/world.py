"""A small world of goods and stamps, made by the public APIs of a running system."""

import asyncio
import itertools
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import httpx2

from shared.ids import new_id
from tests.faults.databases import databases, quiet
from tests.faults.history import History, Issued
from tests.polling import eventually
from tests.registry import builders
from tests.running import Running
from tests.tokens import bearer, mint

REPLICAS = ("scan-1", "scan-2")
_numbers = itertools.count(1)


@dataclass
class Goods:
    """A lot on the market: its facility, product, batch of stamps and some active codes."""

    facility_id: str
    product_id: str
    lot_id: str
    batch: int
    codes: list[str]


class World:
    """What people do, as short calls; every call that is refused fails the test."""

    def __init__(self, running: Running, *, healing: float = 90) -> None:
        """`healing`: how many seconds the checkers give the system to heal by itself."""
        self.running = running
        self.history = History()
        self.healing = healing
        self.client = httpx2.AsyncClient(timeout=40)
        secrets = running.settings.secrets_dir
        commune = {"communes": [builders.COMMUNE]}
        self.clerk = mint(secrets, tier="commune", kinds=["operate"], **commune)
        self.checker = mint(secrets, tier="commune", kinds=["check"], **commune)
        self.reader = mint(secrets, tier="department", kinds=["report", "system"])
        self._secrets = secrets
        self._accounts = new_id(), new_id()
        self.believe(0)

    def believe(self, seconds: float) -> None:
        """The officials prove who they are as of a clock that is so much ahead (or behind)."""
        early = int(time.time()) - 2 * 3600
        proven = {"iat": early, "nbf": early, "auth_time": int(time.time() + seconds)}
        self.approver, self.second = (
            mint(self._secrets, tier="department", kinds=["approve"], account=one, **proven)
            for one in self._accounts
        )

    def operator(self, facility_id: str) -> str:
        return mint(
            self._secrets, tier="facility", kinds=["operate"], facility=facility_id, communes=[]
        )

    async def send(
        self, service: str, path: str, body: Any, token: str, **headers: str
    ) -> httpx2.Response:
        url = f"{self.running.url(service)}/api/{service}/v1{path}"
        return await self.client.post(url, json=body, headers={**bearer(token), **headers})

    async def post(self, service: str, path: str, body: Any, token: str, **headers: str) -> Any:
        answer = await self.send(service, path, body, token, **headers)
        assert answer.status_code < 300, f"{service}{path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    async def get(self, service: str, path: str, token: str) -> Any:
        url = f"{self.running.url(service)}/api/{service}/v1{path}"
        answer = await self.client.get(url, headers=bearer(token))
        assert answer.status_code == 200, f"{service}{path}: {answer.status_code} {answer.text}"
        return answer.json()

    async def _reviewed(self, kind: str, body: dict[str, Any], token: str, *steps: str) -> str:
        record = await self.post("registry", f"/{kind}", body, token)
        path = f"/{kind}/{record['id']}"
        version = record["version"]
        handed = await self.post("registry", f"{path}/submit", {"version": version}, token)
        for step in steps:
            by = self.approver if step == "publish" else self.checker
            decision = {"decision": step, "version": handed["version"]}
            handed = await self.post("registry", f"{path}/decisions", decision, by)
        return str(record["id"])

    async def facility(self) -> str:
        number = next(_numbers)
        name = f"Hợp tác xã Thử nghiệm {number}"
        body = builders.facility(name=name, tax_number="", registration_number=f"TN-{number}")
        return await self._reviewed("facilities", body, self.clerk, "accept", "publish")

    async def product(self, facility_id: str) -> str:
        body = builders.product(facility_id=facility_id, name=f"Na dai {next(_numbers)}")
        return await self._reviewed(
            "products", body, self.operator(facility_id), "accept", "publish"
        )

    async def lot(self, facility_id: str, product_id: str, inputs: list[str] | None = None) -> str:
        body = builders.lot(
            product_id,
            facility_id=facility_id,
            code=f"LOT-{next(_numbers)}",
            expires_on="2031-01-01",
            entries=builders.diary(),
            inputs=inputs or [],
        )
        lot_id = await self._reviewed("lots", body, self.operator(facility_id), "accept")
        self.history.registered(lot_id, inputs or [])
        return lot_id

    async def batch(self, facility_id: str, product_id: str, quantity: int = 100) -> int:
        """Stamps, asked for and issued; waits until stamps has heard of the product."""
        request = await self.request(facility_id, product_id, quantity)
        return await self.approve(request, facility_id, quantity)

    async def request(self, facility_id: str, product_id: str, quantity: int) -> str:
        body = {"product_id": product_id, "quantity": quantity, "purpose": "thử"}
        operator = self.operator(facility_id)

        async def asked() -> Any:
            answer = await self.send("stamps", "/requests", body, operator)
            assert answer.status_code == 201, answer.text
            return answer.json()

        return str((await eventually(asked, 30))["id"])

    async def approve(
        self, request: str, facility_id: str, asked: int, *, granted: int | None = None
    ) -> int:
        """The decision that issues; the number of the batch."""
        body: dict[str, Any] = {"decision": "approve"}
        if granted is not None:
            body |= {"quantity": granted, "reason": "thử"}
        decided = await self.post("stamps", f"/requests/{request}/decision", body, self.approver)
        batch = int(decided["batch"])
        given = int(decided["approved"])
        self.history.issued.append(Issued(request, facility_id, batch, asked, given))
        return batch

    async def activate(self, facility_id: str, batch: int, first: int, last: int, lot: str) -> None:
        body = {"first": first, "last": last, "lot_id": lot}
        operator = self.operator(facility_id)

        async def done() -> None:
            answer = await self.send("stamps", f"/batches/{batch}/activations", body, operator)
            assert answer.status_code == 200, answer.text

        await eventually(done, 30)
        self.history.activated(batch, first, last, lot)

    async def codes(self, facility_id: str, batch: int, first: int, last: int) -> list[str]:
        path = f"/batches/{batch}/codes?first={first}&last={last}"
        found = await self.get("stamps", path, self.operator(facility_id))
        codes = list(found["codes"])
        self.history.gave(batch, first, codes)
        return codes

    async def goods(self, quantity: int = 100) -> Goods:
        """A published product with a lot whose stamps are all active and genuine everywhere."""
        facility_id = await self.facility()
        product_id = await self.product(facility_id)
        lot_id, batch = await asyncio.gather(
            self.lot(facility_id, product_id), self.batch(facility_id, product_id, quantity)
        )
        codes = await self.codes(facility_id, batch, 0, min(quantity, 1000) - 1)
        await self.activate(facility_id, batch, 0, quantity - 1, lot_id)
        made = Goods(facility_id, product_id, lot_id, batch, codes)
        await self.until(codes[0], "genuine")
        return made

    async def verdict(self, code: str, replica: str = "scan-1") -> str:
        url = f"{self.running.url(replica)}/v1/verdicts/{code}"
        began = time.monotonic()
        try:
            answer = await self.client.get(url)
        except (httpx2.TransportError, asyncio.CancelledError):
            self.history.cut_off[code] += 1
            raise
        assert answer.status_code in (200, 404), f"{replica}: {answer.status_code} {answer.text}"
        verdict = str(answer.json()["verdict"])
        self.history.scanned(code, verdict, began, replica)
        return verdict

    async def settled_verdict(self, code: str, replica: str, ought: str = "") -> str:
        """What a replica says once it knows, or once it says what it ought to; the last it said
        if it does not come to that."""
        said = ""

        async def known() -> bool:
            nonlocal said
            try:
                said = await self.verdict(code, replica)
            except (httpx2.TransportError, AssertionError) as fault:
                said = str(fault) or repr(fault)
                return False
            return said == ought if ought else said not in ("unconfirmed", "unknown")

        with suppress(AssertionError):
            await eventually(known, min(self.healing, 20))
        return said

    async def quiet(self) -> None:
        """Until nothing moves between the services any more."""
        async with databases(self.running.settings) as opened:
            await quiet(opened, turns=2, timeout=self.healing)

    async def until(self, code: str, verdict: str, timeout: float = 30) -> None:
        """Until every replica says so."""
        for replica in REPLICAS:

            async def says(name: str = replica) -> None:
                assert await self.verdict(code, name) == verdict

            await eventually(says, timeout, because=f"{replica} says {verdict}")

    async def order(self, lot_id: str, key: str = "") -> httpx2.Response:
        """The order of a recall as sent; raises what the connection raises."""
        body = {
            "kind": "recall",
            "target_kind": "lot",
            "target": lot_id,
            "reason": "Dư lượng thuốc bảo vệ thực vật vượt mức cho phép",
            "instruction": "Không sử dụng, trả lại nơi bán",
        }
        headers = {"Idempotency-Key": key} if key else {}
        answer = await self.send("recall", "/recalls", body, self.approver, **headers)
        if answer.status_code in (200, 201):
            self.history.ordered(str(answer.json()["id"]), lot_id)
        return answer

    async def recall(self, lot_id: str) -> str:
        """Order a recall, once recall has heard of the lot; returns the case's id."""

        async def ordered() -> Any:
            answer = await self.order(lot_id)
            assert answer.status_code == 201, answer.text
            return answer.json()

        return str((await eventually(ordered, 30))["id"])

    async def insist(self, lot_id: str, key: str = "", timeout: float = 60) -> str:
        """Order a recall again and again with one key, as people do while servers change; the id
        of the case, once that was acknowledged."""
        key = key or new_id()

        async def ordered() -> str:
            try:
                answer = await self.order(lot_id, key)
            except httpx2.TransportError as error:
                raise AssertionError(repr(error)) from error
            assert answer.status_code in (200, 201), answer.text
            return str(answer.json()["id"])

        return str(await eventually(ordered, timeout))

    async def lift(self, case: str) -> None:
        """By two people; who sends it again goes on from where it stands. From when it is first
        sent on, nothing is said about its lots."""
        found = await self.get("recall", f"/recalls/{case}", self.approver)
        order = self.history.order(case)
        if found["state"] != "lifted":
            if not found["lift_requested_by"]:
                reason = {"reason": "Kiểm nghiệm lại đạt yêu cầu"}
                await self.post("recall", f"/recalls/{case}/lift", reason, self.approver)
            order.lifted = min(order.lifted, time.monotonic())
            await self.post("recall", f"/recalls/{case}/lift/confirm", {}, self.second)
        order.lift_acknowledged = time.monotonic()

    async def ledger_count(self, type_: str, subject: str = "") -> int:
        query = f"/audit?type={type_}" + (f"&subject={subject}" if subject else "")
        return int((await self.get("reporting", query, self.reader))["total"])
