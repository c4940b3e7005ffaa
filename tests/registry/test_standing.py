"""GTINs, withdrawals, stops and resumptions."""

import asyncio

from shared.contracts.registry import (
    FacilityPublished,
    FacilityResumed,
    FacilityStopped,
    ProductPublished,
    ProductWithdrawn,
)
from tests.answers import ok, refused
from tests.registry import builders
from tests.registry.conftest import Registry


async def test_a_gtin_belongs_to_one_published_product_of_the_province(registry: Registry) -> None:
    gtin = builders.gtin(1001)
    first = await registry.a_facility()
    second = await registry.a_facility()
    await registry.a_product(first["id"], gtin=gtin)
    clerk = registry.clerk()
    body = builders.product(facility_id=second["id"], gtin=f"0{gtin}")
    entered = await registry.entered("products", body, clerk)
    answer = await registry.post(f"/products/{entered['id']}/submit", {"version": 1}, clerk)
    problem = refused(answer, 409, "gtin_taken")
    assert problem["errors"][0]["field"] == "gtin"
    assert (await registry.record("products", entered["id"]))["state"] == "draft"


async def test_of_two_products_with_one_gtin_published_at_once_only_one_is(
    registry: Registry,
) -> None:
    facility = await registry.a_facility()
    clerk = registry.clerk()
    made = []
    for _ in range(6):
        body = builders.product(facility_id=facility["id"], gtin=builders.gtin(1002))
        entered = await registry.entered("products", body, clerk)
        await registry.submitted("products", entered["id"], clerk)
        checked = ok(await registry.decide("products", entered["id"], "accept", registry.checker()))
        made.append((entered["id"], checked["version"]))
    answers = await asyncio.gather(
        *(
            registry.decide("products", one, "publish", registry.approver(), version=version)
            for one, version in made
        )
    )
    assert sorted(a.status_code for a in answers) == [200] + [409] * 5
    assert {a.json()["code"] for a in answers if a.status_code == 409} == {"gtin_taken"}


async def test_a_published_product_keeps_its_own_gtin_in_its_next_version(
    registry: Registry,
) -> None:
    facility = await registry.a_facility()
    product = await registry.a_product(facility["id"], gtin=builders.gtin(1003))
    body = builders.product(gtin=builders.gtin(1003), name="Na loại 1", version=product["version"])
    operator = registry.operator(facility["id"])
    ok(await registry.put(f"/products/{product['id']}", body, operator))
    again = await registry.carried_through("products", product["id"], operator)
    assert again["published"]["name"] == "Na loại 1"


async def test_a_withdrawn_product_leaves_the_lists_and_frees_its_gtin(registry: Registry) -> None:
    facility = await registry.a_facility()
    body = {"gtin": builders.gtin(1004), "name": "Na sắp ngừng bán"}
    product = await registry.a_product(facility["id"], **body)
    operator = registry.operator(facility["id"])
    path = f"/products/{product['id']}/withdraw"
    reason = "Ngừng sản xuất từ tháng 11"
    withdrawn = ok(await registry.post(path, {"reason": reason}, operator))
    assert withdrawn["status"] == "withdrawn"
    event = (await registry.events(product["id"], ProductWithdrawn))[-1]
    assert (event.version, event.reason) == (withdrawn["version"], reason)
    assert product["id"] not in (await registry.client.get("/products?q=sap+ngung")).text
    page = await registry.client.get(f"/products/{product['id']}")
    assert page.status_code == 200
    assert reason not in page.text  # Nobody approved that text.
    refused(await registry.post(path, {"reason": reason}, operator), 409, "already_in_status")
    await registry.a_product(facility["id"], **body)


async def test_a_withdrawn_product_comes_back_by_a_new_approved_version(
    registry: Registry,
) -> None:
    facility = await registry.a_facility()
    product = await registry.a_product(facility["id"])
    operator = registry.operator(facility["id"])
    path = f"/products/{product['id']}"
    withdrawn = ok(await registry.post(f"{path}/withdraw", {"reason": "Tạm ngừng"}, operator))
    body = builders.product(name="Na trở lại", version=withdrawn["version"])
    ok(await registry.put(path, body, operator))
    back = await registry.carried_through("products", product["id"], operator)
    assert back["status"] == "active"
    assert (await registry.events(product["id"], ProductPublished))[-1].version == back["version"]


async def test_stopping_and_resuming_a_facility_is_told_in_order(registry: Registry) -> None:
    facility = await registry.a_facility()
    product = await registry.a_product(facility["id"], name="Na của cơ sở dừng")
    path = f"/facilities/{facility['id']}"
    reason = {"reason": "Không còn hoạt động"}
    stopped = ok(await registry.post(f"{path}/stop", reason, registry.approver()))
    assert stopped["status"] == "stopped"
    assert product["id"] not in (await registry.client.get("/products?q=co+so+dung")).text
    assert facility["id"] not in (await registry.client.get("/facilities")).text
    page = (await registry.client.get(path)).text
    assert "đang dừng hoạt động" in page
    resumed = ok(await registry.post(f"{path}/resume", reason, registry.approver()))
    assert resumed["status"] == "active"
    assert product["id"] in (await registry.client.get("/products?q=co+so+dung")).text
    kinds = (FacilityPublished, FacilityStopped, FacilityResumed)
    events = [e for e in await registry.events(facility["id"]) if isinstance(e, kinds)]
    # Events of one act may get their numbers in any order; readers go by versions.
    told = [
        (type(e).__name__, e.version, getattr(e, "status", ""))
        for e in sorted(events, key=lambda e: e.version)
    ]
    first = facility["version"]
    assert told == [
        ("FacilityPublished", first, "active"),
        ("FacilityPublished", first + 1, "stopped"),
        ("FacilityStopped", first + 2, ""),
        ("FacilityPublished", first + 3, "active"),
        ("FacilityResumed", first + 4, ""),
    ]
    assert resumed["version"] == first + 4


async def test_what_an_authority_stopped_only_an_authority_resumes(registry: Registry) -> None:
    facility = await registry.a_facility()
    path = f"/facilities/{facility['id']}"
    reason = {"reason": "Vi phạm điều kiện vệ sinh"}
    ok(await registry.post(f"{path}/stop", reason, registry.approver()))
    own = registry.token("facility", "system", facility=facility["id"], communes=[])
    answer = await registry.post(f"{path}/resume", reason, own)
    refused(answer, 403, "stopped_by_authority")
    ok(await registry.post(f"{path}/resume", reason, registry.approver()))
    ok(await registry.post(f"{path}/stop", reason, own))
    ok(await registry.post(f"{path}/resume", reason, own))


async def test_what_a_department_stopped_no_commune_and_no_unit_resumes(
    registry: Registry,
) -> None:
    facility = await registry.a_facility()
    path, reason = f"/facilities/{facility['id']}", {"reason": "Vi phạm điều kiện vệ sinh"}
    ok(await registry.post(f"{path}/stop", reason, registry.approver()))
    commune = registry.token("commune", "approve", communes=[builders.COMMUNE])
    unit = registry.token("unit", "check")
    page = f"/console/registry{path}"
    for lower in (commune, unit):
        refused(await registry.post(f"{path}/resume", reason, lower), 403, "decided_above")
        shown = (await registry.browser(lower).get(page)).text
        assert f'action="{page}/resume"' not in shown
        assert "do sở quản lý ngành cho dừng; hãy đề nghị nơi đó" in shown
    assert f'action="{page}/resume"' in (await registry.browser(registry.approver()).get(page)).text
    ok(await registry.post(f"{path}/resume", reason, registry.approver()))
    ok(await registry.post(f"{path}/stop", reason, commune))
    ok(await registry.post(f"{path}/resume", reason, unit))


async def test_what_a_department_withdrew_no_commune_publishes_again(registry: Registry) -> None:
    facility = await registry.a_facility()
    product = await registry.a_product(facility["id"])
    operator, path = registry.operator(facility["id"]), f"/products/{product['id']}"
    reason = {"reason": "Vượt ngưỡng dư lượng"}
    withdrawn = ok(await registry.post(f"{path}/withdraw", reason, registry.approver()))
    body = builders.product(name="Na trở lại", version=withdrawn["version"])
    ok(await registry.put(path, body, operator))
    sent = await registry.submitted("products", product["id"], operator)
    accept = {"decision": "accept", "version": sent["version"]}
    checked = ok(await registry.post(f"{path}/decisions", accept, registry.checker()))
    commune = registry.token("commune", "approve", communes=[builders.COMMUNE])
    publish = {"decision": "publish", "version": checked["version"]}
    refused(await registry.post(f"{path}/decisions", publish, commune), 403, "decided_above")
    page = f"/console/registry{path}"
    shown = (await registry.browser(commune).get(page)).text
    assert f'action="{page}/publish"' not in shown
    assert f'action="{page}/reject"' in shown
    assert "do sở quản lý ngành cho ngừng; hãy đề nghị nơi đó" in shown
    above = (await registry.browser(registry.approver()).get(page)).text
    assert f'action="{page}/publish"' in above
    ok(await registry.post(f"{path}/decisions", publish, registry.approver()))


async def test_a_stopped_facility_submits_nothing(registry: Registry) -> None:
    facility = await registry.a_facility()
    operator = registry.operator(facility["id"])
    entered = await registry.entered("products", builders.product(), operator)
    stop = {"reason": "Dừng theo đề nghị"}
    ok(await registry.post(f"/facilities/{facility['id']}/stop", stop, registry.approver()))
    answer = await registry.post(f"/products/{entered['id']}/submit", {"version": 1}, operator)
    refused(answer, 409, "facility_stopped")


async def test_a_facility_stays_stopped_though_a_new_version_of_it_is_published(
    registry: Registry,
) -> None:
    facility = await registry.a_facility()
    path = f"/facilities/{facility['id']}"
    stopped = ok(await registry.post(f"{path}/stop", {"reason": "Dừng hẳn"}, registry.approver()))
    operator = registry.operator(facility["id"])
    body = builders.facility(name="Tên khác hẳn", version=stopped["version"])
    ok(await registry.put(path, body, operator))
    again = await registry.carried_through("facilities", facility["id"], operator)
    assert again["status"] == "stopped"
    assert (await registry.events(facility["id"], FacilityPublished))[-1].status == "stopped"


async def test_a_facility_that_was_never_published_cannot_be_stopped(registry: Registry) -> None:
    entered = await registry.entered("facilities", builders.facility(), registry.clerk())
    path = f"/facilities/{entered['id']}/stop"
    answer = await registry.post(path, {"reason": "Chưa có gì"}, registry.approver())
    refused(answer, 409, "not_published")


async def test_a_product_waits_for_its_facility(registry: Registry) -> None:
    clerk = registry.clerk()
    facility = await registry.entered("facilities", builders.facility(), clerk)
    entered = await registry.entered(
        "products", builders.product(facility_id=facility["id"]), clerk
    )
    await registry.submitted("products", entered["id"], clerk)
    ok(await registry.decide("products", entered["id"], "accept", registry.checker()))
    answer = await registry.decide("products", entered["id"], "publish", registry.approver())
    refused(answer, 409, "facility_not_published")


async def test_a_growing_area_code_is_not_shared_with_strangers(registry: Registry) -> None:
    first = await registry.a_facility()
    second = await registry.a_facility()
    body = builders.growing_area(code="VN-QNOR-0123")
    await registry.published("growing-areas", {**body, "facility_id": first["id"]})
    clerk = registry.clerk()
    entered = await registry.entered("growing-areas", {**body, "facility_id": second["id"]}, clerk)
    answer = await registry.post(f"/growing-areas/{entered['id']}/submit", {"version": 1}, clerk)
    refused(answer, 409, "area_code_taken")
