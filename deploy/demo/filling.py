"""Brings the demo province in by the public APIs: each record once what it needs is there."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Executor
from typing import Any

from deploy.demo import (
    batches,
    bodies,
    people,
    pictures,
    publicity,
    truth,
)
from deploy.demo.client import REGISTRY, Account, Api, Refused, published
from deploy.demo.lots import Lot, StampBatch
from deploy.demo.officers import Officers
from deploy.demo.province import DemoProvince
from deploy.demo.publicity import ARTICLES
from deploy.demo.records import Account as Person
from deploy.demo.records import Facility, GrowingArea, Product
from deploy.demo.state import DemoState
from deploy.demo.telling import Telling

FACILITIES, ACCOUNTS, AREAS = "facilities", "accounts", "growing areas"
PRODUCTS, LOTS, BATCHES = "products", "lots", "stamp batches"
FINDINGS = "findings of truth checks"


class RowRefused(Exception):
    """An API refused a row of the data files; the message names the row and the reason."""


class Filling:
    """One run. Tasks wait for one another by key: a lot for its product, area and input lots."""

    def __init__(
        self,
        province: DemoProvince,
        *,
        api: Api,
        password: str,
        state: DemoState,
        telling: Telling,
        painters: Executor,
    ) -> None:
        self._province = province
        self._officers = Officers(province)
        self._api = api
        self._password = password
        self._state = state
        self._telling = telling
        self._painters = painters
        self._accounts: dict[str, Account] = {}
        self._tasks: dict[tuple[str, str], asyncio.Task[str]] = {}

    async def run(self) -> None:
        """Everything at once, as far as it depends on nothing that is not there yet."""
        province = self._province
        loop = asyncio.get_running_loop()
        painted = {
            one.key: loop.run_in_executor(self._painters, pictures.jpeg, one)
            for one in province.products
            if self._state.id_of(PRODUCTS, one.key) is None
        }
        async with asyncio.TaskGroup() as group:

            def start(
                kind: str, key: str, work: Callable[..., Coroutine[Any, Any, str]], *of: Any
            ) -> None:
                task = self._once(kind, key, work, *of)
                self._tasks[kind, key] = group.create_task(task)

            for facility in province.facilities:
                start(FACILITIES, facility.key, self._facility, facility)
            for person in province.accounts:
                if person.tier == "facility":
                    start(ACCOUNTS, person.username, self._account, person)
            for area in province.areas:
                start(AREAS, area.code, self._area, area)
            for product in province.products:
                start(PRODUCTS, product.key, self._product, product, painted.get(product.key))
            for lot in province.lots_in_order():
                start(LOTS, lot.key, self._lot, lot)
            for batch in province.batches:
                start(BATCHES, batch.key, self._batch, batch)
            if truth.PRODUCT in {one.key for one in province.products}:
                start(FINDINGS, truth.FACILITY, self._findings)
            group.create_task(self._news())

    async def _news(self) -> None:
        """One after another, so that the last of the file is the newest on the site."""
        for key in publicity.news(self._province):
            await self._once(ARTICLES, key, self._article, key)

    async def _article(self, key: str) -> str:
        films: list[str] = []
        product = self._product_of(publicity.news(self._province)[key].get("film", ""))
        if product is not None:
            facility = self._province.facility[product.producer]
            facility_id = await self._id(FACILITIES, facility.key)
            # With the keys they were uploaded under, so that they are the very same.
            enters = await self._enters(facility)
            films = await publicity.recordings(product.key, facility_id, enters)
        return await publicity.article(key, self._province, self.account, self._painters, films[:1])

    def _product_of(self, key: str) -> Product | None:
        return next((one for one in self._province.products if one.key == key), None)

    async def _once(
        self, kind: str, key: str, work: Callable[..., Awaitable[str]], *of: Any
    ) -> str:
        """The id from the state file, or that of what `work` has brought in now."""
        made = self._state.id_of(kind, key)
        if made is not None:
            self._telling.had(kind)
            return made
        try:
            made = await work(*of)
        except Refused as refused:
            raise RowRefused(f"{kind}, {key}: {refused}") from refused
        self._state.done(kind, key, made)
        self._telling.made(kind)
        return made

    async def _id(self, kind: str, key: str) -> str:
        """The id of a record of the data files, once it is there."""
        return await asyncio.shield(self._tasks[kind, key])

    def batch_numbers(self) -> dict[str, int]:
        """Of the stamp batches by their keys; after the run."""
        return {one.key: int(self.made(BATCHES, one.key)) for one in self._province.batches}

    def made(self, kind: str, key: str) -> str:
        """The id of a record of the data files; after the run."""
        return self._tasks[kind, key].result()

    def operators(self) -> dict[str, Account]:
        """Who may take the codes of a facility's batches, by the facility's key."""
        facilities = (self._province.facility[one.facility] for one in self._province.batches)
        return {one.key: self.account(self._officers.enters(one)) for one in facilities}

    def account(self, username: str) -> Account:
        if username not in self._accounts:
            self._accounts[username] = self._api.account(username, self._password)
        return self._accounts[username]

    async def _enters(self, facility: Facility) -> Account:
        """Who enters for the facility; its own account must have been issued before."""
        username = self._officers.enters(facility)
        if (ACCOUNTS, username) in self._tasks:
            await self._id(ACCOUNTS, username)
        return self.account(username)

    async def _record(self, kind: str, key: str, enters: Account, body: Any) -> Any:
        """The record as it was when it was entered, now or by an earlier run."""
        return await enters.post(f"{REGISTRY}/{kind}", body, key=f"demo-{kind}-{key}")

    async def _facility(self, one: Facility) -> str:
        enters = self.account(self._officers.on_behalf(one))
        body = bodies.facility(one, self._province)
        record = await self._record("facilities", one.key, enters, body)
        await self._publish(record, "facilities", one, enters)
        return str(record["id"])

    async def _account(self, person: Person) -> str:
        facility = self._province.facility[person.unit]
        return await people.account(
            bodies.facility_account(person, await self._id(FACILITIES, facility.key)),
            issues=self.account(self._officers.issues(facility)),
            own=self.account(person.username),
            api=self._api,
            password=self._password,
            resumed=self._state.is_resumed,
        )

    async def _area(self, one: GrowingArea) -> str:
        facility = self._province.facility[one.facility]
        facility_id = await self._id(FACILITIES, facility.key)
        enters = await self._enters(facility)
        body = bodies.area(one, facility_id, self._province.today)
        record = await self._record("growing-areas", one.code, enters, body)
        await self._publish(record, "growing-areas", facility, enters)
        return str(record["id"])

    async def _product(self, one: Product, painted: Awaitable[bytes]) -> str:
        facility = self._province.facility[one.producer]
        facility_id = await self._id(FACILITIES, facility.key)
        enters = await self._enters(facility)
        picture = await enters.post(
            f"{REGISTRY}/media",
            key=f"demo-picture-{one.key}",
            files={"file": (f"{one.key}.jpg", await painted, "image/jpeg")},
            data={"facility_id": facility_id},
        )
        chain = [("producer", facility_id)] if one.others else []
        chain += [(role, await self._id(FACILITIES, key)) for role, key in one.others]
        body = bodies.product(one, facility_id, [picture["id"]], chain)
        body["recordings"] = await publicity.recordings(one.key, facility_id, enters)
        record = await self._record("products", one.key, enters, body)
        await self._publish(record, "products", facility, enters)
        return str(record["id"])

    async def _lot(self, one: Lot) -> str:
        needs = bodies.LotNeeds(
            facility=await self._id(FACILITIES, one.facility),
            product=await self._id(PRODUCTS, one.product),
            area=await self._id(AREAS, one.area) if one.area else "",
            inputs=[await self._id(LOTS, taken.input_lot) for taken in one.inputs],
        )
        facility = self._province.facility[one.facility]
        enters = await self._enters(facility)
        for lot_id, taken in zip(needs.inputs, one.inputs, strict=True):
            if self._province.lot[taken.input_lot].facility != one.facility:
                await enters.post(
                    f"{REGISTRY}/receipts",
                    bodies.receipt(one, taken, needs.facility, lot_id, facility.address),
                    key=f"demo-receipt-{one.key}-{taken.input_lot}",
                )
        body = bodies.lot(one, self._province, needs)
        record = await self._record("lots", one.key, enters, body)
        await self._publish(record, "lots", facility, enters)
        return str(record["id"])

    async def _batch(self, one: StampBatch) -> str:
        facility = self._province.facility[one.facility]
        number = await batches.issued(
            one,
            await self._id(PRODUCTS, one.product),
            asks=await self._enters(facility),
            decides=self.account(self._officers.decides_stamps(facility)),
            lot_id=lambda key: self._id(LOTS, key),
            resumed=self._state.is_resumed,
        )
        return str(number)

    async def _findings(self) -> str:
        facility = self._province.facility[truth.FACILITY]
        scene = truth.Scene(
            facility=await self._id(FACILITIES, facility.key),
            product=await self._id(PRODUCTS, truth.PRODUCT),
            area=await self._id(AREAS, truth.AREA),
            enters=await self._enters(facility),
            overrides=self.account(self._officers.approves(facility)),
            today=self._province.today,
        )
        return await truth.findings(scene)

    async def _publish(self, record: Any, kind: str, of: Facility, enters: Account) -> None:
        await published(
            record,
            kind,
            enters=enters,
            checks=self.account(self._officers.checks(of)),
            approves=self.account(self._officers.approves(of)),
        )
