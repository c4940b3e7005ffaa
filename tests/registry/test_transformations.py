"""Lots made of lots: quantities are conserved, nothing is used twice, and circles cannot be."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registry.domain import units
from services.registry.domain.conserving import balance, limits
from shared.contracts.registry import LotPublished
from shared.ids import new_id
from tests.answers import ok, refused
from tests.registry import builders
from tests.registry.conftest import Registry

MASSES = ("g", "kg", "yến", "tạ", "tấn")
amounts = st.decimals("0.001", "99999999", places=3)


@given(
    amounts, st.sampled_from(["g", "kg", "yến", "tạ", "tấn"]), st.sampled_from(["g", "kg", "tạ"])
)
def test_a_quantity_converted_there_and_back_is_the_same(
    amount: Decimal, unit: str, other: str
) -> None:
    assert units.convert(units.convert(amount, unit, other), other, unit) == amount


@given(st.lists(st.tuples(amounts, st.sampled_from(builders.UNITS)), min_size=1, max_size=8))
def test_what_is_only_regrouped_is_always_conserved(rows: list[tuple[Decimal, str]]) -> None:
    amounts_in = [(q, unit, "") for q, unit in rows]
    found = balance(amounts_in, list(reversed(amounts_in)), limits("", changes_goods=False))
    assert found.conserved or not found.comparable


def test_packages_count_by_what_they_hold() -> None:
    found = balance(
        [(Decimal(1), "tạ", "")],
        [(Decimal(195), "hộp", "Hộp giấy 0,5 kg")],
        limits("custard-apple", changes_goods=False),
    )
    assert found.given == 100
    assert found.made == Decimal("97.5")
    assert found.conserved


def test_limits_are_those_of_the_category_then_its_group_then_the_default() -> None:
    assert limits("dried-squid", changes_goods=True).loss == Decimal("0.85")
    assert limits("fish-cake", changes_goods=True).loss == Decimal("0.60")
    assert limits("unknown", changes_goods=True).loss == Decimal("0.40")


@pytest.fixture(scope="module")
async def farm(registry: Registry) -> dict[str, str]:
    facility = await registry.a_facility()
    product = await registry.a_product(facility["id"])
    return {"id": facility["id"], "code": facility["code"], "product": product["id"]}


def body(kind: str, given: list[dict[str, Any]], made: list[dict[str, Any]], **more: Any) -> Any:
    return {
        "kind": kind,
        "at": "2026-08-21T08:00:00+07:00",
        "place": "Nhà sơ chế Đồi Nắng",
        "given": given,
        "made": made,
        **more,
    }


def used(lot_id: str, quantity: str, unit: str = "kg") -> dict[str, str]:
    return {"lot": lot_id, "quantity": quantity, "unit": unit}


def made(quantity: str, unit: str = "kg", **more: str) -> dict[str, str]:
    return {"code": new_id()[-12:], "quantity": quantity, "unit": unit, **more}


async def test_a_lot_is_split_and_its_parts_are_published_with_their_origin(
    registry: Registry, farm: dict[str, str]
) -> None:
    lot = await registry.a_lot(farm["id"], farm["product"])
    operator = registry.operator(farm["id"])
    one = ok(
        await registry.post(
            "/transformations",
            body("split", [used(lot["id"], "10", "tạ")], [made("600"), made("0.4", "tấn")]),
            operator,
        ),
        201,
    )
    assert Decimal(one["difference"]) == 0
    part = one["made"][0]["lot_id"]
    record = await registry.carried_through("lots", part, operator)
    assert record["published"]["inputs"] == [lot["id"]]
    assert record["published"]["expires_on"] == lot["published"]["expires_on"]
    passport = (await registry.events(part, LotPublished))[-1]
    assert passport.inputs == (lot["id"],)
    assert (passport.stages[0].title, passport.stages[0].title_en) == ("Chia lô", "Lot split")
    assert "method" not in passport.stages[0].details


async def test_more_than_a_lot_has_is_refused_and_nothing_is_kept(
    registry: Registry, farm: dict[str, str]
) -> None:
    lot = await registry.a_lot(farm["id"], farm["product"])
    wanted = body("split", [used(lot["id"], "1201")], [made("601"), made("600")])
    answer = await registry.post("/transformations", wanted, registry.operator(farm["id"]))
    problem = refused(answer, 409, "not_enough_left")
    assert "1200" in problem["detail"]
    assert problem["errors"][0]["field"] == "given.0.quantity"
    again = body("split", [used(lot["id"], "1200")], [made("600"), made("600")])
    ok(await registry.post("/transformations", again, registry.operator(farm["id"])), 201)


async def test_a_hundred_at_once_never_use_more_than_there_is(
    registry: Registry, farm: dict[str, str]
) -> None:
    lot = await registry.a_lot(farm["id"], farm["product"])
    operator = registry.operator(farm["id"])
    answers = await asyncio.gather(
        *(
            registry.post(
                "/transformations",
                body("process", [used(lot["id"], "100")], [made("90")], step="processing"),
                operator,
            )
            for _ in range(100)
        )
    )
    statuses = sorted({answer.status_code for answer in answers})
    assert statuses == [201, 409], [a.text for a in answers if a.status_code not in (201, 409)][:1]
    assert sum(answer.status_code == 201 for answer in answers) == 12


async def test_quantities_that_do_not_agree_need_an_explanation_that_the_checker_sees(
    registry: Registry, farm: dict[str, str]
) -> None:
    lot = await registry.a_lot(farm["id"], farm["product"])
    operator = registry.operator(farm["id"])
    wanted = body("split", [used(lot["id"], "1000")], [made("500"), made("300")])
    problem = refused(
        await registry.post("/transformations", wanted, operator), 422, "quantity_not_conserved"
    )
    assert "-20" in problem["detail"]
    wanted["explanation"] = "Dập nát 200 kg khi vận chuyển, đã hủy."
    one = ok(await registry.post("/transformations", wanted, operator), 201)
    part = one["made"][0]["lot_id"]
    await registry.submitted("lots", part, operator)
    page = await registry.browser(registry.checker()).get(f"/console/registry/lots/{part}")
    assert "Dập nát 200 kg" in page.text


async def test_units_that_cannot_be_compared_need_an_explanation(
    registry: Registry, farm: dict[str, str]
) -> None:
    lot = await registry.a_lot(farm["id"], farm["product"])
    wanted = body("process", [used(lot["id"], "10")], [made("10", "lít")], step="processing")
    answer = await registry.post("/transformations", wanted, registry.operator(farm["id"]))
    refused(answer, 422, "quantity_not_comparable")


@pytest.mark.parametrize(
    ("kind", "lots", "outputs", "code"),
    [
        ("split", 1, 1, "transformation_shape"),
        ("merge", 1, 1, "transformation_shape"),
        ("collect", 1, 2, "transformation_shape"),
        ("process", 0, 1, "nothing_given"),
        ("process", 1, 0, "nothing_made"),
    ],
)
async def test_a_shape_that_is_none_is_refused(
    registry: Registry, farm: dict[str, str], kind: str, lots: int, outputs: int, code: str
) -> None:
    given_lots = [await registry.a_lot(farm["id"], farm["product"]) for _ in range(lots)]
    wanted = body(
        kind,
        [used(lot["id"], "10") for lot in given_lots],
        [made("10", product_id=farm["product"]) for _ in range(outputs)],
    )
    answer = await registry.post("/transformations", wanted, registry.operator(farm["id"]))
    assert answer.json()["code"] == code, answer.text


async def test_a_collector_gathers_many_farmers_goods_in_one_act(registry: Registry) -> None:
    collector = await registry.a_facility(kinds=["collector"])
    product = await registry.a_product(collector["id"])
    given_lots = []
    for _ in range(3):
        farmer = await registry.a_facility(kinds=["grower"])
        grown = await registry.a_product(farmer["id"])
        lot = await registry.a_lot(farmer["id"], grown["id"])
        given_lots.append(used(f"{farmer['code']}/{lot['code']}", "400"))
    seller = {"supplier": "Bà Trần Thị Mận, thôn Trại Lốc", "quantity": "50", "unit": "kg"}
    wanted = body("collect", [*given_lots, seller], [made("1245", product_id=product["id"])])
    operator = registry.operator(collector["id"])
    one = ok(await registry.post("/transformations", wanted, operator), 201)
    record = await registry.record("lots", one["made"][0]["lot_id"])
    assert len(record["draft"]["inputs"]) == 3
    assert record["draft"]["entries"][0]["step"] == "collecting"
    assert "Trần Thị Mận" in record["draft"]["entries"][0]["source"]


async def test_whoever_is_no_collector_does_not_take_from_others(
    registry: Registry, farm: dict[str, str]
) -> None:
    other = await registry.a_facility(kinds=["processing"])
    product = await registry.a_product(other["id"])
    lot = await registry.a_lot(farm["id"], farm["product"])
    wanted = body("collect", [used(lot["id"], "10")], [made("10", product_id=product["id"])])
    answer = await registry.post("/transformations", wanted, registry.operator(other["id"]))
    refused(answer, 409, "lot_not_held")


async def test_an_act_is_cancelled_until_its_lots_are_published(
    registry: Registry, farm: dict[str, str]
) -> None:
    lot = await registry.a_lot(farm["id"], farm["product"])
    operator = registry.operator(farm["id"])
    wanted = body("split", [used(lot["id"], "1200")], [made("600"), made("600")])
    one = ok(await registry.post("/transformations", wanted, operator), 201)
    part = one["made"][0]["lot_id"]
    answer = await registry.post(
        f"/transformations/{one['id']}/cancel", {"reason": "Ghi nhầm lô"}, operator
    )
    assert ok(answer)["cancelled"] == "Ghi nhầm lô"
    body_of = {"version": (await registry.record("lots", part))["version"]}
    refused(
        await registry.post(f"/lots/{part}/submit", body_of, operator),
        409,
        "transformation_cancelled",
    )
    wanted["made"] = [made("600"), made("600")]
    second = ok(await registry.post("/transformations", wanted, operator), 201)
    await registry.carried_through("lots", second["made"][0]["lot_id"], operator)
    refused(
        await registry.post(
            f"/transformations/{second['id']}/cancel", {"reason": "Ghi nhầm"}, operator
        ),
        409,
        "output_published",
    )


async def test_what_a_transformation_settled_is_not_edited_by_itself(
    registry: Registry, farm: dict[str, str]
) -> None:
    lot = await registry.a_lot(farm["id"], farm["product"])
    operator = registry.operator(farm["id"])
    wanted = body("split", [used(lot["id"], "1200")], [made("600"), made("600")])
    one = ok(await registry.post("/transformations", wanted, operator), 201)
    part = await registry.record("lots", one["made"][0]["lot_id"])
    edit = {k: part["draft"][k] for k in ("product_id", "code", "unit", "produced_on", "inputs")}
    answer = await registry.put(
        f"/lots/{part['id']}", {**edit, "quantity": "900", "version": part["version"]}, operator
    )
    refused(answer, 409, "lot_of_transformation")


async def test_a_lot_is_not_published_with_less_than_was_used(
    registry: Registry, farm: dict[str, str]
) -> None:
    lot = await registry.a_lot(farm["id"], farm["product"])
    operator = registry.operator(farm["id"])
    wanted = body("split", [used(lot["id"], "1200")], [made("600"), made("600")])
    ok(await registry.post("/transformations", wanted, operator), 201)
    record = await registry.record("lots", lot["id"])
    names = ("product_id", "code", "unit", "produced_on", "inputs")
    edit = {k: record["published"][k] for k in names}
    body_of = {**edit, "quantity": "1000", "version": record["version"]}
    ok(await registry.put(f"/lots/{lot['id']}", body_of, operator))
    await registry.submitted("lots", lot["id"], operator)
    answer = await registry.decide("lots", lot["id"], "accept", registry.checker())
    refused(answer, 409, "less_than_used")


async def test_the_same_key_transforms_once(registry: Registry, farm: dict[str, str]) -> None:
    lot = await registry.a_lot(farm["id"], farm["product"])
    operator = registry.operator(farm["id"])
    wanted = body("split", [used(lot["id"], "600")], [made("300"), made("300")])
    headers = {"Idempotency-Key": new_id()}
    first = ok(await registry.post("/transformations", wanted, operator, headers=headers), 201)
    second = ok(await registry.post("/transformations", wanted, operator, headers=headers), 201)
    assert first == second
    wanted["made"] = [made("400"), made("200")]
    ok(await registry.post("/transformations", wanted, operator), 201)


async def test_another_facilitys_act_is_not_found(registry: Registry, farm: dict[str, str]) -> None:
    lot = await registry.a_lot(farm["id"], farm["product"])
    wanted = body("split", [used(lot["id"], "600")], [made("300"), made("300")])
    one = ok(await registry.post("/transformations", wanted, registry.operator(farm["id"])), 201)
    stranger = registry.operator(new_id())
    refused(await registry.get(f"/transformations/{one['id']}", stranger), 404, "not_found")
    answer = await registry.post(
        f"/transformations/{one['id']}/cancel", {"reason": "Không phải của tôi"}, stranger
    )
    refused(answer, 404, "not_found")
    refused(
        await registry.post(
            "/transformations", {**wanted, "facility_id": farm["id"]}, registry.checker()
        ),
        403,
        "forbidden",
    )
