"""What is shown beside the records of the data files: goods moved, fields worked, stamps in use.

Each once, after the run; the province is complete without them.
"""

from datetime import datetime
from typing import Final

from deploy.demo import fieldwork, goods, hidden, in_use, pictures
from deploy.demo.client import REGISTRY, Account, Api
from deploy.demo.filling import AREAS, FACILITIES, LOTS, Filling
from deploy.demo.lots import StampBatch
from deploy.demo.officers import Officers
from deploy.demo.province import DemoProvince
from deploy.demo.state import DemoState

_DONE: Final = "done"


class Examples:
    """By the same public ways and the same people as the records."""

    def __init__(
        self, province: DemoProvince, filling: Filling, *, api: Api, state: DemoState
    ) -> None:
        self._province = province
        self._officers = Officers(province)
        self._filling = filling
        self._api = api
        self._state = state

    def _hands(self, now: datetime) -> goods.Hands:
        """Who moves goods."""
        province, officers, account = self._province, self._officers, self._filling.account
        lots = {one.key: one for one in province.lots}
        return goods.Hands(
            api=self._api,
            lot=lambda key: self._filling.made(LOTS, key),
            owner_of=lambda key: lots[key].facility,
            operator=lambda key: account(officers.enters(province.facility[key])),
            checker=lambda key: account(officers.checks(province.facility[key])),
            picture=lambda key: pictures.jpeg(province.product[lots[key].product]),
            now=now,
        )

    async def move_goods(self, now: datetime) -> None:
        """Tests, a split and shipments."""
        if self._state.id_of(goods.GOODS, goods.GOODS) is not None:
            return
        hands = self._hands(now)
        codes = {}
        for trip in goods.TRIPS:
            facility = self._filling.made(FACILITIES, trip.receiver)
            record = await hands.operator(trip.receiver).get(f"{REGISTRY}/facilities/{facility}")
            codes[trip.receiver] = record["code"]
        await goods.test_lots(hands)
        await goods.split_lots(hands)
        await goods.send_goods(hands, codes)
        self._state.done(goods.GOODS, goods.GOODS, _DONE)

    async def work_fields(self, now: datetime) -> None:
        """Diaries of areas, and what shops and stores do with goods."""
        if self._state.id_of(fieldwork.FIELDWORK, fieldwork.FIELDWORK) is not None:
            return
        areas = {one.code: one for one in self._province.areas}
        places = fieldwork.Places(
            area=lambda code: self._filling.made(AREAS, code),
            facility=lambda key: self._filling.made(FACILITIES, key),
            facility_of_area=lambda code: areas[code].facility,
        )
        await fieldwork.work(self._hands(now), places)
        self._state.done(fieldwork.FIELDWORK, fieldwork.FIELDWORK, _DONE)

    async def use_stamps(self) -> None:
        """A design, sold goods, an undone revocation, a report, a copy."""
        batch = self._batch_in_use()
        if batch is None or self._state.id_of(in_use.IN_USE, in_use.IN_USE) is not None:
            return
        facility = self._province.facility[batch.facility]
        people = in_use.People(
            operator=self._operator(batch),
            ward=self._filling.account(self._officers.decides_stamps(facility)),
            department=self._filling.account(self._officers.approves(facility)),
        )
        await in_use.show(self._api, self._filling.batch_numbers()[batch.key], people)
        self._state.done(in_use.IN_USE, in_use.IN_USE, _DONE)

    async def hide_numbers(self) -> None:
        """Stamps with hidden numbers beside a Data Matrix, in the design that was approved."""
        batch = self._batch_in_use()
        if batch is None or self._state.id_of(hidden.HIDDEN, hidden.HIDDEN) is not None:
            return
        number = self._filling.batch_numbers()[batch.key]
        found = await hidden.printed(self._operator(batch), number, in_use.DESIGN["name"])
        self._state.done(hidden.HIDDEN, hidden.HIDDEN, " ".join(found))

    def hidden_number(self) -> dict[str, str]:
        """A code with its number, to be tried; nothing where none was printed."""
        kept = self._state.id_of(hidden.HIDDEN, hidden.HIDDEN)
        return dict(zip((hidden.HIDDEN_CODE, "number"), kept.split(), strict=True)) if kept else {}

    def _batch_in_use(self) -> StampBatch | None:
        return next((one for one in self._province.batches if one.key == in_use.BATCH), None)

    def _operator(self, batch: StampBatch) -> Account:
        facility = self._province.facility[batch.facility]
        return self._filling.account(self._officers.enters(facility))
