"""The chain of a product: who produces, processes, packs and distributes it (R15)."""

from typing import Any

import pytest

from shared.contracts.registry import ProductPublished
from tests.answers import ok, refused, token_in
from tests.registry import builders
from tests.registry.conftest import Registry

OUTSIDER = {"role": "distributor", "name": "Siêu thị Hải Hà", "address": "Số 1 Trần Phú, Hà Nội"}


@pytest.fixture(scope="module")
async def packer(registry: Registry) -> dict[str, Any]:
    return await registry.a_facility(name="Nhà đóng gói Bến Xanh", kinds=["packing"])


@pytest.fixture(scope="module")
async def facility(registry: Registry) -> dict[str, Any]:
    return await registry.a_facility()


async def test_it_is_approved_with_the_product_and_told_to_consumers_in_the_order_of_the_goods(
    registry: Registry, facility: dict[str, Any], packer: dict[str, Any]
) -> None:
    chain = [OUTSIDER, {"role": "packer", "code": packer["code"].lower()}]
    product = await registry.a_product(facility["id"], chain=chain)
    told = (await registry.events(product["id"], ProductPublished))[-1]
    assert [(one.role, one.name, one.code) for one in told.chain] == [
        ("packer", "Nhà đóng gói Bến Xanh", packer["code"]),
        ("distributor", "Siêu thị Hải Hà", ""),
    ]
    assert told.chain[0].facility_id == packer["id"]
    assert told.chain[0].address.endswith("phường An Sinh")
    page = (await registry.client.get(f"/products/{product['id']}")).text
    assert f'href="/facilities/{packer["id"]}"' in page
    assert "Số 1 Trần Phú, Hà Nội" in page


async def test_each_version_keeps_its_own_and_the_checker_sees_what_changed(
    registry: Registry, facility: dict[str, Any], packer: dict[str, Any]
) -> None:
    chain = [{"role": "packer", "code": packer["code"]}]
    product = await registry.a_product(facility["id"], chain=chain)
    operator = registry.operator(facility["id"])
    body = builders.product(chain=[*chain, OUTSIDER], version=product["version"])
    ok(await registry.put(f"/products/{product['id']}", body, operator))
    await registry.submitted("products", product["id"], operator)
    page = await registry.browser(registry.checker()).get(
        f"/console/registry/products/{product['id']}"
    )
    assert "<ins>Phân phối: Siêu thị Hải Hà (ngoài hệ thống)" in page.text
    public = (await registry.client.get(f"/products/{product['id']}")).text
    assert "Siêu thị Hải Hà" not in public


async def test_what_is_read_can_be_sent_back_and_is_the_same(
    registry: Registry, facility: dict[str, Any], packer: dict[str, Any]
) -> None:
    chain = [{"role": "packer", "code": packer["code"]}, OUTSIDER]
    product = await registry.a_product(facility["id"], chain=chain)
    same = {k: v for k, v in product["published"].items() if v is not None}
    body = {**same, "version": product["version"]}
    operator = registry.operator(facility["id"])
    again = ok(await registry.put(f"/products/{product['id']}", body, operator))
    assert again["version"] == product["version"]


@pytest.mark.parametrize(
    ("party", "code", "field"),
    [
        ({"role": "packer", "code": "CS22-00000000"}, "party_unknown", "chain.1.code"),
        ({"role": "packer", "facility_id": "none"}, "party_unknown", "chain.1.code"),
        ({"role": "packer", "name": "Chỉ có tên"}, "party_incomplete", "chain.1.address"),
        ({"role": "packer", "address": "Chỉ có địa chỉ"}, "party_incomplete", "chain.1.name"),
        ({"role": "packer"}, "party_incomplete", "chain.1.name"),
        ({**OUTSIDER, "role": "owner"}, "invalid_input", "chain.1.role"),
    ],
    ids=str,
)
async def test_a_party_that_is_nobody_is_refused_at_its_field(
    registry: Registry, facility: dict[str, Any], party: dict[str, str], code: str, field: str
) -> None:
    body = builders.product(facility_id=facility["id"], chain=[OUTSIDER, party])
    answer = await registry.post("/products", body, registry.operator(facility["id"]))
    told = refused(answer, 422, code)
    assert [one["field"] for one in told["errors"]] == [field]


async def test_a_facility_that_is_only_a_draft_gives_no_word_away(
    registry: Registry, facility: dict[str, Any]
) -> None:
    draft = await registry.entered(
        "facilities", builders.facility(name="CHƯA DUYỆT"), registry.clerk()
    )
    chain = [{"role": "processor", "code": draft["code"]}]
    body = builders.product(facility_id=facility["id"], chain=chain)
    answer = await registry.post("/products", body, registry.operator(facility["id"]))
    assert "CHƯA DUYỆT" not in answer.text
    refused(answer, 422, "party_unknown")


async def test_a_newer_name_of_a_party_is_told_only_with_a_newer_version_of_the_product(
    registry: Registry, facility: dict[str, Any]
) -> None:
    partner = await registry.a_facility(name="Tên cũ của đối tác")
    product = await registry.a_product(
        facility["id"], chain=[{"role": "processor", "code": partner["code"]}]
    )
    renamed = builders.facility(name="Tên mới của đối tác", version=partner["version"])
    operator = registry.operator(partner["id"])
    ok(await registry.put(f"/facilities/{partner['id']}", renamed, operator))
    path = f"/products/{product['id']}"
    chain = product["published"]["chain"]
    body = builders.product(brand="Khác", chain=chain, version=product["version"])
    edited = ok(await registry.put(path, body, registry.operator(facility["id"])))
    # The draft of a facility is nobody's business yet.
    assert edited["draft"]["chain"][0]["name"] == "Tên cũ của đối tác"
    await registry.carried_through("facilities", partner["id"], operator)
    body["brand"], body["version"] = "Khác nữa", edited["version"]
    edited = ok(await registry.put(path, body, registry.operator(facility["id"])))
    assert edited["draft"]["chain"][0]["name"] == "Tên mới của đối tác"
    assert edited["published"]["chain"][0]["name"] == "Tên cũ của đối tác"


async def test_a_product_whose_partner_stopped_is_not_published_until_it_is_mended(
    registry: Registry, facility: dict[str, Any]
) -> None:
    partner = await registry.a_facility()
    operator = registry.operator(facility["id"])
    body = builders.product(
        facility_id=facility["id"], chain=[{"role": "processor", "code": partner["code"]}]
    )
    entered = await registry.entered("products", body, operator)
    await registry.submitted("products", entered["id"], operator)
    stop = {"reason": "Ngừng sản xuất"}
    ok(await registry.post(f"/facilities/{partner['id']}/stop", stop, registry.approver()))
    answer = await registry.decide("products", entered["id"], "accept", registry.checker())
    refused(answer, 409, "party_stopped")


async def test_the_form_keeps_its_rows_and_points_at_what_is_wrong(
    registry: Registry, facility: dict[str, Any], packer: dict[str, Any]
) -> None:
    browser = registry.browser(registry.operator(facility["id"]))
    page = (await browser.get("/console/registry/products/new")).text
    assert 'name="chain.1.name"' in page
    key = page.split('name="key" value="')[1].split('"')[0]
    form = {
        "csrf": token_in(page), "key": key, "name": "Mứt na", "category": "custard-apple",
        "chain.0.role": "packer", "chain.0.code": packer["code"],
        # A row is left empty between the two.
        "chain.2.role": "distributor", "chain.2.name": "Chợ Hạ Long",
    }  # fmt: skip
    wrong = await browser.post("/console/registry/products/new", data=form)
    assert wrong.status_code == 422
    assert 'href="#f-chain-2-address"' in wrong.text
    assert 'value="Chợ Hạ Long"' in wrong.text
    form["chain.2.address"] = "Phường Hồng Gai"
    done = await browser.post("/console/registry/products/new", data=form)
    assert done.status_code == 303, done.text
    shown = (await browser.get(done.headers["location"])).text
    assert f"Nhà đóng gói Bến Xanh ({packer['code']})" in shown
    edit = (await browser.get(done.headers["location"] + "/edit")).text
    assert 'value="Nhà đóng gói Bến Xanh"' in edit
