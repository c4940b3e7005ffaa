"""What registry hears takes effect once, in whatever order it comes."""

from typing import Any

import pytest

from shared.contracts.identity import UnitPublished
from shared.contracts.recall import NoticePublished, RecallClosed
from shared.ids import new_id, now
from tests.answers import ok
from tests.registry import builders
from tests.registry.conftest import Registry
from tests.registry.test_lots import farm as farm  # noqa: PLC0414 - the fixture of that module


def notice(subject: str, version: int = 1, **changes: Any) -> NoticePublished:
    known = {
        "subject": f"{subject}/1",
        "version": version,
        "time": now(),
        "case_id": subject,
        "part": 1,
        "kind": "recall",
        "active": True,
        "title": f"Thu hồi thử {subject}",
        "reason": "Vi khuẩn vượt ngưỡng",
        "instruction": "Không ăn",
        "ordered_at": now(),
        "authority": "Chi cục",
    }
    return NoticePublished(**{**known, **changes})


def unit(subject: str, version: int, name: str) -> UnitPublished:
    return UnitPublished(
        subject=subject, version=version, time=now(), name=name, tier="commune", path=(subject,)
    )


async def test_a_unit_s_newest_name_stays_though_an_older_one_comes_late_and_twice(
    registry: Registry,
) -> None:
    old, new = unit("u-1", 1, "Tên cũ"), unit("u-1", 2, "Tên mới")
    await registry.tell(new, old, new, old)
    await registry.taken_in(old, new)
    row = await registry.db.collection("units").find_one({"_id": "u-1"})
    assert row is not None
    assert row["name"] == "Tên mới"


async def test_the_history_names_the_unit_of_who_acted(registry: Registry) -> None:
    named = unit("u-2", 1, "Ủy ban nhân dân phường An Sinh")
    await registry.tell(named)
    await registry.taken_in(named)
    clerk = registry.clerk(unit="u-2", name="Bà Nhập")
    entered = await registry.entered("facilities", builders.facility(), clerk)
    browser = registry.browser(registry.checker())
    page = (await browser.get(f"/console/registry/facilities/{entered['id']}")).text
    assert "Bà Nhập · Ủy ban nhân dân phường An Sinh" in page
    await browser.aclose()


@pytest.mark.parametrize("target", ["lots", "products", "facilities"])
async def test_a_recall_shows_on_every_page_of_what_it_touches_until_it_is_lifted(
    registry: Registry, farm: dict[str, str], target: str
) -> None:
    lot = await registry.a_lot(farm["id"], farm["product"])
    ids = {"lots": lot["id"], "products": farm["product"], "facilities": farm["id"]}
    touched: dict[str, Any] = {target: (ids[target],)}
    ordered = notice(new_id(), **touched)
    await registry.tell(ordered)
    await registry.taken_in(ordered)
    checker = registry.browser(registry.checker())
    console = {
        "lots": f"/console/registry/lots/{lot['id']}",
        "products": f"/console/registry/products/{farm['product']}",
        "facilities": f"/console/registry/facilities/{farm['id']}",
    }[target]
    public = f"/products/{farm['product']}"
    for browser, path in ((checker, console), (registry.browser(), public)):
        page = (await browser.get(path)).text
        assert ordered.title in page
        assert f"/recalls/{ordered.case_id}" in page
    assert ordered.title in (await registry.client.get("/", headers={"Accept-Language": "vi"})).text
    lifted = notice(ordered.case_id, 2, active=False, **{target: (ids[target],)})
    await registry.tell(lifted, ordered, lifted)
    await registry.taken_in(lifted)
    for browser, path in ((checker, console), (registry.browser(), public)):
        assert ordered.title not in (await browser.get(path)).text


async def test_the_home_page_promotes_no_recalled_product_without_saying_so(
    registry: Registry, farm: dict[str, str]
) -> None:
    product = await registry.a_product(
        farm["id"], name=f"AAA {new_id()[-6:]}", ocop_stars=5, key_product=True
    )

    async def shown() -> str:
        page = (await registry.client.get("/", headers={"Accept-Language": "vi"})).text
        return page.split(f'href="/products/{product["id"]}"')[1].split("</li>")[0]

    assert "Đang bị thu hồi" not in await shown()
    ordered = notice(new_id(), products=(product["id"],))
    await registry.tell(ordered)
    await registry.taken_in(ordered)
    assert "Đang bị thu hồi" in await shown()


async def test_who_plans_a_shipment_sees_which_lots_are_recalled(
    registry: Registry, farm: dict[str, str]
) -> None:
    sound, touched = [await registry.a_lot(farm["id"], farm["product"]) for _ in range(2)]
    ordered = notice(new_id(), lots=(touched["id"],))
    await registry.tell(ordered)
    await registry.taken_in(ordered)
    browser = registry.browser(registry.operator(farm["id"]))
    page = (await browser.get("/console/registry/shipments/new")).text
    offered = {
        one["id"]: page.split(f'<option value="{one["id"]}"')[1].split("</option>")[0]
        for one in (sound, touched)
    }
    assert "Đang bị thu hồi" in offered[touched["id"]]
    assert "Đang bị thu hồi" not in offered[sound["id"]]
    await browser.aclose()


async def test_a_lift_that_comes_before_its_order_wins(
    registry: Registry, farm: dict[str, str]
) -> None:
    case = new_id()
    ordered = notice(case, 1, lots=("some-lot",))
    lifted = notice(case, 2, lots=("some-lot",), active=False)
    await registry.tell(lifted, ordered)
    await registry.taken_in(lifted, ordered)
    row = await registry.db.collection("notices").find_one({"_id": f"{case}/1"})
    assert row is not None
    assert (row["version"], row["active"]) == (2, False)


async def test_a_recall_may_arrive_before_the_lot_it_names(
    registry: Registry, farm: dict[str, str]
) -> None:
    operator = registry.operator(farm["id"])
    body = builders.lot(farm["product"], code=new_id()[-12:], entries=builders.diary())
    lot = await registry.entered("lots", body, operator)
    ordered = notice(new_id(), lots=(lot["id"],))
    await registry.tell(ordered)
    await registry.taken_in(ordered)
    await registry.carried_through("lots", lot["id"], operator)
    page = (await registry.browser().get(f"/products/{farm['product']}")).text
    assert ordered.title in page


async def test_an_input_under_recall_is_pointed_out_to_the_checker(
    registry: Registry, farm: dict[str, str]
) -> None:
    source = await registry.a_lot(farm["id"], farm["product"])
    ordered = notice(new_id(), lots=(source["id"],))
    await registry.tell(ordered)
    await registry.taken_in(ordered)
    operator = registry.operator(farm["id"])
    body = builders.lot(
        farm["product"],
        code=new_id()[-12:],
        entries=[builders.entry("processing", "2026-08-20")],
        inputs=[source["id"]],
    )
    lot = await registry.entered("lots", body, operator)
    await registry.submitted("lots", lot["id"], operator)
    page = (
        await registry.browser(registry.checker()).get(f"/console/registry/lots/{lot['id']}")
    ).text
    assert "Có lô nguyên liệu đang bị thu hồi hoặc cảnh báo." in page
    ok(await registry.decide("lots", lot["id"], "accept", registry.checker()))


async def test_how_a_case_ended_is_told_with_the_lot_though_it_comes_twice_and_before_the_notice(
    registry: Registry, farm: dict[str, str]
) -> None:
    lot = await registry.a_lot(farm["id"], farm["product"])
    case = new_id()
    closed = RecallClosed(
        subject=case,
        version=3,
        time=now(),
        finding="Đã tiêu hủy",
        handling="destroy",
        recovered="40 kg",
    )
    ordered = notice(case, lots=(lot["id"],))
    await registry.tell(closed, closed, ordered)
    await registry.taken_in(closed, ordered)
    told = ok(await registry.get(f"/lots/{lot['id']}/events", registry.operator(farm["id"])))
    events = told["epcisBody"]["eventList"]
    found = [(e["bizStep"], e.get("disposition")) for e in events if "txng:case" in e]
    assert sorted(found) == [("destroying", "destroyed"), ("holding", "recalled")]
