"""The examples of moved goods fit the data of the province."""

import io
from datetime import date, timedelta
from decimal import Decimal

import pytest
from PIL import Image

from deploy.demo import data, fieldwork, goods, households
from deploy.demo.drawing import leaflet
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
    for lot, taken_out in moved.items():
        used = sum(
            (
                taken.quantity
                for one in province.lots
                for taken in one.inputs
                if taken.input_lot == lot
            ),
            Decimal(0),
        )
        assert taken_out + used <= lots[lot].quantity, lot


def test_somebody_may_act_for_every_facility_of_the_examples(province: DemoProvince) -> None:
    officers = Officers(province)
    lots = {one.key: one for one in province.lots}
    keys = {lots[one.lot].facility for one in (*goods.TESTS, *goods.TRIPS)}
    for key in keys | {trip.receiver for trip in goods.TRIPS}:
        assert officers.enters(province.facility[key])
        assert officers.checks(province.facility[key])


def test_fieldwork_names_what_there_is_and_takes_no_more_than_that(province: DemoProvince) -> None:
    lots = {one.key: one for one in province.lots}
    areas = {one.code: one for one in province.areas}
    assert set(fieldwork.DIARIES) <= set(areas)
    keys = [(code, day.key) for code, days in fieldwork.DIARIES.items() for day in days]
    assert len(set(keys)) == len(keys)
    for bought in fieldwork.BOUGHT:
        assert Decimal(bought.quantity) < lots[bought.lot].quantity / 4
        assert bought.unit == lots[bought.lot].unit
        assert bought.shop in province.facility
    has = {(one.shop, one.lot) for one in fieldwork.BOUGHT}
    has |= {(trip.receiver, trip.lot) for trip in goods.TRIPS if trip.arrived}
    assert {(one.holder, one.lot) for one in fieldwork.KEPT} <= has


def test_nothing_was_sprayed_so_late_that_a_harvest_of_the_area_came_too_early(
    province: DemoProvince,
) -> None:
    today = date(2026, 11, 24)
    for code, days in fieldwork.DIARIES.items():
        taken = [one.produced_on for one in province.lots if one.area == code]
        assert taken
        for day in days:
            used = today - timedelta(days=day.days_ago)
            assert used + timedelta(days=day.wait or 0) < min(taken)


def test_households_are_as_many_as_the_area_has_and_no_larger(province: DemoProvince) -> None:
    named = {one.code: households.of(one) for one in province.areas}
    for area in province.areas:
        if named[area.code]:
            assert len({one["name"] for one in named[area.code]}) == area.households
            owned = sum(Decimal(one["area_hectares"]) for one in named[area.code])
            assert owned <= Decimal(str(area.area_ha))
    assert sum(map(bool, named.values())) > 15
    assert named == {one.code: households.of(one) for one in province.areas}


def test_a_label_is_a_picture_with_the_days_on_it() -> None:
    made = leaflet.label("Thuốc thử", "Chất thử", "1 kg/ha", 7)
    picture = Image.open(io.BytesIO(made))
    assert (picture.format, picture.size) == ("JPEG", (800, 600))
    assert made == leaflet.label("Thuốc thử", "Chất thử", "1 kg/ha", 7)
    assert made != leaflet.label("Thuốc thử", "Chất thử", "1 kg/ha", 14)
