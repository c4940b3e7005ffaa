"""Several records decided together: seen first, each decided alone, failures are told (R17)."""

import asyncio

from shared.contracts.acts import RegistryActRecorded
from shared.ids import new_id
from tests.answers import ok, token_in
from tests.registry import builders
from tests.registry.conftest import Registry


async def waiting(registry: Registry, count: int) -> list[str]:
    clerk = registry.clerk()
    ids = []
    for _ in range(count):
        body = builders.facility(name=f"Chờ duyệt {new_id()[-8:]}", tax_number="")
        entered = await registry.entered("facilities", body, clerk)
        await registry.submitted("facilities", entered["id"], clerk)
        ids.append(entered["id"])
    return ids


async def test_chosen_records_are_compared_then_decided_one_by_one(registry: Registry) -> None:
    ids = await waiting(registry, 3)
    checker = registry.browser(registry.checker(account=new_id()))
    listed = await checker.get("/console/registry/facilities?waiting=check")
    assert f'value="{ids[0]}:2"' in listed.text
    query = "&".join(f"chosen={one}:2" for one in ids)
    page = await checker.get(f"/console/registry/bulk/facilities?decision=accept&{query}")
    assert "Bản mới, chưa từng đăng." in page.text
    # Somebody is faster with one of them.
    ok(await registry.decide("facilities", ids[1], "accept", registry.checker()))
    form = {
        "csrf": token_in(page.text),
        "decision": "accept",
        "chosen": [f"{one}:2" for one in ids],
    }
    done = await checker.post("/console/registry/bulk/facilities", data=form)
    assert done.status_code == 200
    assert "Đã quyết định 2 bản ghi." in done.text
    assert "1 bản ghi không được quyết định:" in done.text
    states = [(await registry.record("facilities", one))["state"] for one in ids]
    assert states == ["checked", "checked", "checked"]


async def test_two_approvers_at_once_have_one_winner_and_the_other_is_told(
    registry: Registry,
) -> None:
    ids = await waiting(registry, 2)
    for one in ids:
        ok(await registry.decide("facilities", one, "accept", registry.checker()))

    async def publish() -> str:
        browser = registry.browser(registry.approver(account=new_id()))
        csrf = await registry.csrf(browser)
        chosen = [f"{one}:3" for one in ids]
        form = {"csrf": csrf, "decision": "publish", "chosen": chosen}
        return (await browser.post("/console/registry/bulk/facilities", data=form)).text

    pages = await asyncio.gather(publish(), publish())
    for one in ids:
        assert (await registry.record("facilities", one))["state"] == "published"
    told = sum(page.count("không được quyết định") for page in pages)
    assert told >= 1


async def test_a_foreign_record_among_the_chosen_does_not_exist(registry: Registry) -> None:
    ids = await waiting(registry, 1)
    browser = registry.browser(registry.checker(builders.OTHER_COMMUNE))
    path = f"/console/registry/bulk/facilities?decision=accept&chosen={ids[0]}:2"
    assert (await browser.get(path)).status_code == 404
    form = {"csrf": await registry.csrf(browser), "decision": "accept", "chosen": f"{ids[0]}:2"}
    answer = await browser.post("/console/registry/bulk/facilities", data=form)
    assert answer.status_code == 404
    assert (await registry.record("facilities", ids[0]))["state"] == "submitted"


async def test_the_comparison_names_the_certificates_that_came_and_went(
    registry: Registry,
) -> None:
    facility = await registry.a_facility(tax_number="")
    old = builders.facility()["certificates"][0]
    new = {**old, "kind": "vietgap", "number": "VG-77"}
    body = builders.facility(
        name=facility["published"]["name"], tax_number="", certificates=[new],
        version=facility["version"],
    )  # fmt: skip
    clerk = registry.clerk()
    ok(await registry.put(f"/facilities/{facility['id']}", body, clerk))
    await registry.submitted("facilities", facility["id"], clerk)
    page = await registry.browser(registry.checker()).get(
        f"/console/registry/bulk/facilities?decision=accept&chosen={facility['id']}:1"
    )
    assert "VG-77" in page.text
    assert old["number"] in page.text


async def test_what_a_checker_should_look_at_is_told_beside_each_record(
    registry: Registry,
) -> None:
    ids = await waiting(registry, 1)
    page = await registry.browser(registry.checker()).get(
        f"/console/registry/bulk/facilities?decision=accept&chosen={ids[0]}:2"
    )
    assert "Chưa có mã số thuế." in page.text


async def test_nothing_new_is_approved_unread(registry: Registry) -> None:
    facility = await registry.a_facility()
    operator = registry.operator(facility["id"])
    picture = ok(await registry.upload(builders.picture(), facility["id"], operator), 201)
    body = builders.product(description="Na trồng trên núi đá vôi", images=[picture["id"]])
    entered = await registry.entered("products", body, operator)
    await registry.submitted("products", entered["id"], operator)
    page = await registry.browser(registry.checker()).get(
        f"/console/registry/bulk/products?decision=accept&chosen={entered['id']}:2"
    )
    assert "Bản mới, chưa từng đăng." in page.text
    assert "Na trồng trên núi đá vôi" in page.text
    assert "VietGAP trồng trọt" in page.text
    assert picture["id"] in page.text


async def test_what_a_lot_s_truth_checks_found_stands_beside_it(registry: Registry) -> None:
    facility = await registry.a_facility()
    product = await registry.a_product(facility["id"])
    operator = registry.operator(facility["id"])
    # Sprayed five days before the harvest, with an interval of fourteen.
    planted, _, harvested, packed = builders.diary()
    early = [planted, builders.pesticide("2026-08-15"), harvested, packed]
    lot = await registry.entered(
        "lots", builders.lot(product["id"], entries=early, code=new_id()[-12:]), operator
    )
    body = {"version": lot["version"], "explanation": "Đã đo dư lượng, đạt."}
    ok(await registry.post(f"/lots/{lot['id']}/submit", body, operator))
    page = await registry.browser(registry.checker()).get(
        f"/console/registry/bulk/lots?decision=accept&chosen={lot['id']}:2"
    )
    assert "Kiểm tra sự thật" in page.text.split("<main")[1]


async def test_who_brings_a_withdrawn_product_back_is_told_so(registry: Registry) -> None:
    facility = await registry.a_facility()
    product = await registry.a_product(facility["id"])
    operator, path = registry.operator(facility["id"]), f"/products/{product['id']}"
    reason = {"reason": "Vượt ngưỡng dư lượng"}
    withdrawn = ok(await registry.post(f"{path}/withdraw", reason, registry.approver()))
    body = builders.product(name="Na trở lại", version=withdrawn["version"])
    ok(await registry.put(path, body, operator))
    await registry.submitted("products", product["id"], operator)
    browser = registry.browser(registry.checker())
    for address in (
        f"/console/registry/products/{product['id']}",
        f"/console/registry/bulk/products?decision=accept&chosen={product['id']}:1",
    ):
        page = (await browser.get(address)).text
        assert "duyệt đăng bản này là cho lưu hành trở lại" in page
        assert reason["reason"] in page


async def test_who_may_decide_nothing_is_refused_and_that_is_recorded(registry: Registry) -> None:
    ids = await waiting(registry, 1)
    clerk = registry.clerk(account=new_id())
    browser = registry.browser(clerk)
    csrf = await registry.csrf(browser)
    form = {"csrf": csrf, "decision": "accept", "chosen": f"{ids[0]}:2"}
    answer = await browser.post("/console/registry/bulk/facilities", data=form)
    assert answer.status_code == 403
    acts = [one for one in await registry.events() if isinstance(one, RegistryActRecorded)]
    assert ("facility.accept", "forbidden") in {(one.action, one.outcome) for one in acts}
    assert (await registry.record("facilities", ids[0]))["state"] == "submitted"
