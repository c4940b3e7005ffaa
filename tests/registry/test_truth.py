"""Truth checks: pure functions, and what they do to the publication of a lot."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registry.domain import balance, copying, truth
from services.registry.domain.catalogues import Catalogue, Row, install, seed
from services.registry.domain.copying import LONG, prints
from services.registry.domain.diary import Entry, Step
from services.registry.domain.growing_area import GrowingArea
from services.registry.domain.lot import Lot
from services.registry.store import lot_checks
from shared.contracts.acts import BY_SERVICE
from shared.contracts.registry import LotPublished
from shared.ids import new_id
from tests.answers import ok, refused, token_in
from tests.registry import builders
from tests.registry.conftest import Registry

DAY = date(2026, 8, 20)


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 3, tzinfo=UTC)


def used(day: date, days: int, **more: Any) -> Entry:
    told = {"kind": "pesticide", "name": "Thuốc", "withdrawal_days": days, **more}
    return Entry(new_id(), Step.INPUT, at(day), "Vườn", **told)


def taken(day: date) -> Entry:
    return Entry(new_id(), Step.HARVESTING, at(day), "Vườn")


def a_lot(kg: str = "1000", **more: Any) -> Lot:
    return Lot("f", "p", new_id()[-8:], Decimal(kg), "kg", DAY, **more)


def an_area(**more: Any) -> GrowingArea:
    known = {"species": "custard-apple", "area_hectares": Decimal(2), **more}
    return GrowingArea("f", "Vườn", "Na", builders.COMMUNE, **known)


@given(gap=st.integers(0, 400), days=st.integers(0, 400), entry_of_harvest=st.booleans())
def test_a_harvest_is_early_exactly_while_the_interval_runs(
    gap: int, days: int, entry_of_harvest: bool
) -> None:
    entries = [used(DAY - timedelta(days=gap), days)]
    if entry_of_harvest:
        entries.append(taken(DAY))
    found = truth.withdrawal(entries, DAY)
    assert bool(found) == (gap < days)
    assert all(one.blocks for one in found)


@given(
    kilograms=st.lists(st.integers(1, 40_000), min_size=1, max_size=12),
    hectares=st.integers(1, 400),
)
def test_mass_balance_is_kept_up_to_the_yield_and_its_tolerance(
    kilograms: list[int], hectares: int
) -> None:
    area = an_area(area_hectares=Decimal(hectares) / 10)
    lots = [a_lot(str(one)) for one in kilograms]
    most = Decimal(16) * area.area_hectares * Decimal("1.2") if area.area_hectares else 0
    found = balance.too_much(lots, area)
    assert bool(found) == (Decimal(sum(kilograms)) / 1000 > most)
    # Half of it in each of two lots weighs the same.
    halves = [replace(one, quantity=one.quantity / 2) for one in lots for _ in range(2)]
    assert bool(balance.too_much(halves, area)) == bool(found)


def test_units_without_a_weight_and_unknown_species_are_not_judged() -> None:
    assert balance.kilograms(replace(a_lot("3"), unit="tấn")) == 3000
    assert balance.kilograms(replace(a_lot("3"), unit="hộp")) is None
    assert balance.too_much([a_lot("99999999")], an_area(species="")) == []


def test_goods_in_boxes_weigh_what_their_label_says() -> None:
    boxes = replace(a_lot("30000"), unit="hộp")
    assert balance.too_much([boxes], an_area(), {"p": "Hộp 2 kg"})
    assert balance.too_much([boxes], an_area(), {"p": "Hộp 200 g"}) == []
    assert balance.too_much([boxes], an_area(), {"p": "12 quả"}) == []


def test_goods_made_from_others_are_not_counted_twice() -> None:
    heavy = a_lot("30000")
    again = replace(heavy, inputs=("other",))
    assert balance.too_much([heavy, heavy], an_area())
    assert balance.too_much([heavy, again], an_area()) == []


def test_whether_too_much_blocks_is_a_setting() -> None:
    found = balance.too_much([a_lot("999999")], an_area())
    assert [one.effect for one in found] == ["flag"]
    row = seed(Catalogue.CHECKS)["too_much"]
    install([Row(row.catalogue, row.key, {**row.values, "effect": "block"})])
    try:
        assert [one.effect for one in found] == ["block"]
    finally:
        install([])


def test_entries_copied_into_many_lots_are_noticed() -> None:
    entry = replace(used(DAY, 0), dose="0,5 lít/ha", note="Phun ướt đều hai mặt lá")
    copies = [a_lot(entries=(replace(entry, id=str(n)),)) for n in range(3)]
    assert copying.copied((entry,), copies)[0].params["lots"] == 3
    assert copying.copied((entry,), copies[:2]) == []
    assert copying.copied((replace(entry, dose="0,6 lít/ha"),), copies) == []


def test_an_interval_shorter_than_the_catalogue_s_is_noticed() -> None:
    short = used(DAY, 3, active_substance="abamectin")
    assert truth.short_interval([short], "tea")[0].params["usual"] == 10
    assert truth.short_interval([used(DAY, 10, active_substance="Abamectin")], "tea") == []
    assert truth.short_interval([used(DAY, 3)], "tea") == []


def test_a_code_of_another_facility_s_area_is_noticed_however_spelled() -> None:
    entry = replace(taken(DAY), place_code="VN-AAOR-0001")
    strangers = {"VNAAOR0001": "Cơ sở khác"}
    assert truth.foreign_code([entry], strangers)[0].blocks
    bought = replace(entry, step=Step.COLLECTING)
    assert truth.foreign_code([bought], strangers) == []


@pytest.fixture(scope="module")
async def farm(registry: Registry) -> dict[str, str]:
    facility = await registry.a_facility()
    product = await registry.a_product(facility["id"])
    seasons = [{"name": "Vụ 2026", "starts_on": "2026-01-01", "ends_on": "2026-12-31"}]
    area = await registry.published(
        "growing-areas",
        builders.growing_area(facility_id=facility["id"], seasons=seasons, species="custard-apple"),
    )
    return {"id": facility["id"], "product": product["id"], "area": area["id"]}


async def write(registry: Registry, farm: dict[str, str], entry: dict[str, Any]) -> Any:
    path = f"/growing-areas/{farm['area']}/entries"
    return await registry.post(path, entry, registry.operator(farm["id"]))


async def sent_in(registry: Registry, farm: dict[str, str], **changes: Any) -> dict[str, Any]:
    changes.setdefault("entries", [builders.entry("harvesting", "2026-08-20")])
    body = builders.lot(
        farm["product"], code=new_id()[-12:], growing_area_id=farm["area"], **changes
    )
    lot = await registry.entered("lots", body, registry.operator(farm["id"]))
    return await registry.submitted("lots", lot["id"], registry.operator(farm["id"]))


async def test_a_lot_takes_over_the_area_s_diary_and_an_early_harvest_blocks_it(
    registry: Registry, farm: dict[str, str]
) -> None:
    spraying = builders.pesticide("2026-08-15", 14)
    diary = ok(await write(registry, farm, {**spraying, "id": "spray-0001"}), 201)
    # Sent twice it is entered once.
    again = ok(await write(registry, farm, {**spraying, "id": "spray-0001"}), 201)
    assert (diary["version"], again["version"]) == (1, 1)
    lot = await sent_in(registry, farm)
    assert [e["step"] for e in lot["draft"]["area_entries"]] == ["input"]
    checker = registry.browser(registry.checker())
    page = (await checker.get(f"/console/registry/lots/{lot['id']}")).text
    assert "Chưa hết thời gian cách ly" in page
    assert "Vẫn đăng lô" not in page
    answer = await registry.decide("lots", lot["id"], "accept", registry.checker())
    assert "29/08/2026" in refused(answer, 409, "truth_checks_block")["detail"]
    # A commune's checker has not the right to override; a department's approver has.
    answer = await registry.decide(
        "lots", lot["id"], "accept", registry.checker(), override="Nhãn ghi ba ngày"
    )
    refused(answer, 403, "forbidden")
    assert await registry.events(lot["id"], LotPublished) == []
    reason = "Nhãn của chính chai thuốc ghi ba ngày, ảnh kèm hồ sơ"
    approver = registry.browser(registry.approver())
    page = (await approver.get(f"/console/registry/lots/{lot['id']}")).text
    sent = {"csrf": token_in(page), "version": str(lot["version"]), "override": reason}
    done = await approver.post(f"/console/registry/lots/{lot['id']}/accept", data=sent)
    assert done.status_code == 303, done.text
    passport = (await registry.events(lot["id"], LotPublished))[-1]
    assert [stage.step for stage in passport.stages] == ["input", "harvesting"]
    acts = [e.action for e in await registry.events(lot["id"], BY_SERVICE["registry"])]
    assert "lot.override" in acts
    # Whoever looks later is told.
    assert reason in (await checker.get(f"/console/registry/lots/{lot['id']}")).text
    ok(
        await registry.post(
            f"/growing-areas/{farm['area']}/entries/spray-0001/remove",
            {"version": 1},
            registry.operator(farm["id"]),
        )
    )


async def test_a_diary_that_changes_after_the_lot_was_sent_blocks_it_until_sent_again(
    registry: Registry, farm: dict[str, str]
) -> None:
    lot = await sent_in(registry, farm)
    entry = builders.entry("input", "2026-05-01", kind="fertiliser", name="NPK", withdrawal_days=0)
    ok(await write(registry, farm, entry), 201)
    answer = await registry.decide("lots", lot["id"], "accept", registry.checker())
    refused(answer, 409, "truth_checks_block")
    ok(await registry.decide("lots", lot["id"], "reject", registry.checker(), reason="Gửi lại"))
    await registry.submitted("lots", lot["id"], registry.operator(farm["id"]))
    ok(await registry.decide("lots", lot["id"], "accept", registry.checker()))


async def test_a_broken_interval_of_the_lot_s_own_diary_is_sent_in_only_with_an_explanation(
    registry: Registry, farm: dict[str, str]
) -> None:
    diary = [builders.pesticide("2026-08-10", 14), builders.entry("harvesting", "2026-08-20")]
    body = builders.lot(farm["product"], code=new_id()[-12:], entries=diary)
    operator = registry.operator(farm["id"])
    lot = await registry.entered("lots", body, operator)
    path = f"/lots/{lot['id']}/submit"
    refused(
        await registry.post(path, {"version": 1}, operator), 422, "withdrawal_interval_not_over"
    )
    ok(await registry.post(path, {"version": 1, "explanation": "Chỉ phun hàng rào"}, operator))
    answer = await registry.decide("lots", lot["id"], "accept", registry.checker())
    refused(answer, 409, "truth_checks_block")


async def test_an_interval_from_the_catalogue_needs_the_label_confirmed(
    registry: Registry, farm: dict[str, str]
) -> None:
    entry = {**builders.pesticide("2026-03-01", 14), "supply": "abamectin-1-8ec"}
    problem = refused(await write(registry, farm, entry), 422, "label_not_confirmed")
    assert problem["errors"][0]["field"] == "label_confirmed" if "errors" in problem else True
    diary = ok(await write(registry, farm, {**entry, "label_confirmed": True}), 201)
    assert diary["entries"]
    browser = registry.browser(registry.operator(farm["id"]))
    here = f"/console/registry/growing-areas/{farm['area']}/diary"
    page = (await browser.get(f"{here}/new?step=input&supply=abamectin-1-8ec")).text
    assert 'value="14"' in page
    assert "Danh mục chỉ để tham khảo" in page
    assert "Đã đọc nhãn" in (await browser.get(here)).text


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        (builders.entry("packing", "2026-03-01"), "step_not_of_area"),
        (builders.entry("harvesting", "2020-03-01"), "season_unknown"),
        (builders.entry("harvesting", "2099-03-01"), "date_in_future"),
    ],
)
async def test_what_is_not_of_the_area_s_diary_is_refused(
    registry: Registry, farm: dict[str, str], entry: dict[str, Any], code: str
) -> None:
    refused(await write(registry, farm, entry), 422, code)


async def test_long_notes_of_another_facility_are_noticed(registry: Registry) -> None:
    note = f"Sáng sớm cắt từng chùm chín đều, xếp sọt lót lá chuối, mẻ {new_id()[-6:]}"
    days = ("2026-08-18", "2026-08-19", "2026-08-20")
    own = [builders.entry("harvesting", day, note=f"{note} {day}") for day in days]
    lots = []
    for _ in range(2):
        facility = await registry.a_facility()
        product = await registry.a_product(facility["id"])
        operator = registry.operator(facility["id"])
        body = builders.lot(product["id"], code=new_id()[-12:], entries=own)
        lot = await registry.entered("lots", body, operator)
        lots.append(await registry.submitted("lots", lot["id"], operator))
    path = f"/lots/{lots[1]['id']}/findings"
    found = ok(await registry.get(path, registry.checker()))["now"]
    assert [one["check"] for one in found] == ["copied"]
    assert "1 cơ sở khác" in found[0]["message"]
    # A database of an older program learns it at the start.
    rows = registry.db.collection("lots")
    await rows.update_many({}, {"$unset": {"derived.prints": 1}})
    assert ok(await registry.get(path, registry.checker()))["now"] == []
    await lot_checks.prepare(registry.db)
    assert len(ok(await registry.get(path, registry.checker()))["now"]) == 1


def test_a_sentence_or_two_in_common_is_chance() -> None:
    assert copying.copied_from_strangers({"f1": 2, "f2": 1}) == []
    assert copying.copied_from_strangers({"f1": 3, "f2": 1})[0].params["facilities"] == 1


def test_the_words_of_one_carrier_are_nobody_s_copy() -> None:
    carried = Entry(new_id(), Step.TRANSPORTING, at(DAY), "Xe", note="x" * LONG)
    assert prints([carried]) == []
    assert prints([replace(carried, step=Step.HARVESTING)])


@given(st.text(max_size=60), st.text(max_size=60), st.integers(0, 400))
def test_the_marks_of_two_entries_are_equal_exactly_where_their_words_are(
    one: str, other: str, days: int
) -> None:
    first = replace(taken(DAY), note=one)
    second = replace(taken(DAY - timedelta(days=days)), note=other)
    same = one.casefold() == other.casefold() and len(one) >= LONG and len(other) >= LONG
    marks = set(prints([first])) & set(prints([second]))
    assert bool(marks) == same
