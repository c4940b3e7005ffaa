"""Objects in the states in which registry's pages offer one more form, and their addresses."""

import re
from typing import Any

from shared.ids import new_id
from tests.answers import ok, token_in
from tests.registry import builders
from tests.registry.access_world import World
from tests.registry.conftest import Registry
from tests.registry.sheets import facility_row, judged, xlsx
from tests.registry.test_inquiries import asked
from tests.registry.test_news import article

C = "/console/registry"


async def addresses(registry: Registry, world: World) -> list[str]:
    """Where they are shown; made as the people do whose acts they are."""
    return [
        # The page behind the asker's code; the facility may still answer, close and report it.
        await asked(registry, world.facility_id),
        *await _waiting(registry, world),
        *await _news(registry),
        *await _goods(registry, world),
        *await _diaries(registry, world),
        await _signed_paper(registry, world),
        await _twin(registry),
    ]


async def _waiting(registry: Registry, world: World) -> list[str]:
    """A product that waits to be checked, alone and among several."""
    body = builders.product(facility_id=world.facility_id)
    product = await registry.entered("products", body, registry.clerk())
    await registry.submitted("products", product["id"], registry.clerk())
    version = (await registry.record("products", product["id"]))["version"]
    chosen = f"decision=accept&chosen={product['id']}:{version}"
    return [f"{C}/products/{product['id']}", f"{C}/bulk/products?{chosen}"]


async def _news(registry: Registry) -> list[str]:
    """A draft of an article, one that waits, and one that is published."""
    made = []
    for state in ("draft", "waiting", "published"):
        one = ok(await registry.post("/articles", article(), registry.clerk()), 201)
        here = f"/articles/{one['id']}"
        sent = one
        if state != "draft":
            sent = ok(await registry.post(f"{here}/submit", {"version": 1}, registry.clerk()))
        if state == "published":
            step = {"version": sent["version"]}
            ok(await registry.post(f"{here}/publish", step, registry.approver()))
        made.append(f"{C}/news/{one['id']}")
    return made


async def _goods(registry: Registry, world: World) -> list[str]:
    """A split that may be cancelled, a shipment under way with its link, and one that is sold."""
    operator = registry.operator(world.facility_id)
    lot = await registry.a_lot(world.facility_id, world.records["products"])
    split = {
        "kind": "split",
        "at": "2026-08-21T08:00:00+07:00",
        "place": "Nhà sơ chế",
        "given": [{"lot": lot["id"], "quantity": "20", "unit": "kg"}],
        "made": [{"code": new_id()[-12:], "quantity": "10", "unit": "kg"} for _ in range(2)],
    }
    act = ok(await registry.post("/transformations", split, operator), 201)
    made = [f"{C}/transformations/{act['id']}"]
    for more in ({"end": "export", "country": "Nhật Bản", "documents": "TK"}, {"end": "sale"}):
        body = {
            "place": "Kho",
            "lines": [{"lot": lot["id"], "quantity": "5", "unit": "kg"}],
            "carrier": "HTX vận tải",
            "vehicle": "14C-123.45",
            **more,
        }
        sent = ok(await registry.post("/shipments", body, operator), 201)
        made.append(f"{C}/shipments/{sent['id']}")
    link = await _link(registry, made[-2], operator)
    unit = {"id": new_id(), "sscc": "195201099900000012"}
    leaving = made[-2].removeprefix(C)
    ok(await registry.post(f"{leaving}/units", unit, operator))
    return [
        *made,
        f"{made[-2]}/label",
        f"{made[-2]}/label/{unit['sscc']}/contents",
        link,
        await _claimed(registry, lot["id"]),
        await _bought(registry, lot["id"], world),
        await _kept(registry, lot["id"], world),
    ]


async def _kept(registry: Registry, lot_id: str, world: World) -> str:
    """Goods in hand with an entry that may still be struck."""
    kept = {"lot": lot_id, "work": "storing", "at": "2026-08-22T08:00:00+07:00", "place": "Kho"}
    ok(await registry.post("/keepings", kept, registry.operator(world.facility_id)), 201)
    return f"{C}/stock/{lot_id}?facility_id={world.facility_id}"


async def _link(registry: Registry, shipment: str, operator: str) -> str:
    """The page of whoever drives the goods."""
    async with registry.browser(operator) as browser:
        page = (await browser.get(shipment)).text
    found = re.search(r'href="[^"]*(/transport/[^"]+)"', page)
    assert found, page
    return found.group(1)


async def _claimed(registry: Registry, lot_id: str) -> str:
    """What another facility says that it got, and the sender may deny."""
    other = await registry.a_facility()
    receipt = {
        "lot": lot_id,
        "quantity": "5",
        "unit": "kg",
        "at": "2026-08-22T08:00:00+07:00",
        "place": "Kho",
    }
    operator = registry.operator(other["id"])
    got = ok(await registry.post("/receipts", receipt, operator), 201)
    return f"{C}/shipments/{got['id']}"


async def _bought(registry: Registry, lot_id: str, world: World) -> str:
    """What a collector says that it bought, and whoever grew it may deny."""
    collector = await registry.a_facility(kinds=["collector"])
    product = await registry.a_product(collector["id"])
    bought = {"quantity": "5", "unit": "kg"}
    act = {
        "kind": "collect",
        "at": "2026-08-21T08:00:00+07:00",
        "place": "Điểm thu mua",
        "given": [{"lot": lot_id, **bought}],
        "made": [{"code": new_id()[-12:], "product_id": product["id"], **bought}],
    }
    ok(await registry.post("/transformations", act, registry.operator(collector["id"])), 201)
    return f"{C}/gatherings?facility_id={world.facility_id}"


async def _diaries(registry: Registry, world: World) -> list[str]:
    """A draft of a lot and a growing area, each with an entry that may be taken out."""
    operator = registry.operator(world.facility_id)
    body = builders.lot(
        world.records["products"],
        facility_id=world.facility_id,
        code=new_id()[-12:],
        entries=builders.diary(),
    )
    lot = ok(await registry.post("/lots", body, operator), 201)
    area = world.records["growing-areas"]
    entry: dict[str, Any] = {
        "step": "planting",
        "at": "2026-03-01T08:00:00+07:00",
        "place": "Đồi Nắng",
        "material": "Na dai ghép",
    }
    ok(await registry.post(f"/growing-areas/{area}/entries", entry, operator), 201)
    return [f"{C}/lots/{lot['id']}", f"{C}/growing-areas/{area}/diary"]


async def _signed_paper(registry: Registry, world: World) -> str:
    here = f"{C}/facilities/{world.facility_id}/papers"
    async with registry.browser(registry.operator(world.facility_id)) as browser:
        form = {"csrf": token_in((await browser.get(here)).text), "title": "Bản cam kết"}
        scan = {"file": ("a.png", builders.picture(size=(90, 70)), "image/png")}
        answer = await browser.post(here, data=form, files=scan)
    assert answer.status_code == 303, answer.text
    return here


async def _twin(registry: Registry) -> str:
    """An import that asks whether a facility is another one's double."""
    # No numeral, even by chance: shop 1 and shop 2 are two shops, not one entered twice.
    name = f"Cơ sở sinh đôi n{new_id()[-6:]}"
    await registry.a_facility(name=name, address="Thôn Bến, An Sinh", tax_number="")
    twin = facility_row(name + "a", address="thôn Bến An Sinh")
    one = await judged(registry, xlsx([twin]), registry.clerk())
    return f"{C}/imports/{one['id']}"
