"""The examples of moved goods fit the data of the province."""

from datetime import date
from decimal import Decimal

import pytest

from deploy.demo import data, goods
from deploy.demo.officers import Officers
from deploy.demo.province import DemoProvince


@pytest.fixture(scope="module")
def province() -> DemoProvince:
    return data.load(today=date(2026, 11, 24))


def test_every_example_names_a_lot_and_a_facility_of_the_data(province: DemoProvince) -> None:
    lots = {one.key: one for one in province.lots}
    named = {one.lot for one in goods.TESTS} | {one[0] for one in goods.SPLITS}
    assert named | {trip.lot for trip in goods.TRIPS} <= set(lots)
    assert {trip.receiver for trip in goods.TRIPS} <= set(province.facility)
    assert all(lots[trip.lot].facility != trip.receiver for trip in goods.TRIPS)


def test_no_more_is_moved_than_there_is(province: DemoProvince) -> None:
    lots = {one.key: one for one in province.lots}
    moved: dict[str, Decimal] = {}
    for lot, quantity, parts, unit in goods.SPLITS:
        assert sum(map(Decimal, parts)) == Decimal(quantity)
        assert unit == lots[lot].unit
        moved[lot] = moved.get(lot, Decimal(0)) + Decimal(quantity)
    for trip in goods.TRIPS:
        assert trip.unit == lots[trip.lot].unit
        moved[trip.lot] = moved.get(trip.lot, Decimal(0)) + Decimal(trip.quantity)
    for lot, quantity in moved.items():
        used = sum(
            (
                taken.quantity
                for one in province.lots
                for taken in one.inputs
                if taken.input_lot == lot
            ),
            Decimal(0),
        )
        assert quantity + used <= lots[lot].quantity, lot


def test_somebody_may_act_for_every_facility_of_the_examples(province: DemoProvince) -> None:
    officers = Officers(province)
    lots = {one.key: one for one in province.lots}
    keys = {lots[one.lot].facility for one in (*goods.TESTS, *goods.TRIPS)}
    for key in keys | {trip.receiver for trip in goods.TRIPS}:
        assert officers.enters(province.facility[key])
        assert officers.checks(province.facility[key])
