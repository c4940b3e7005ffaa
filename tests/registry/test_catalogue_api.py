"""Shared catalogues by API: proposed, approved, versioned, compared; and how forms use them."""

from datetime import timedelta
from typing import Any

import pytest

from services.registry.domain.catalogues import Catalogue
from shared.auth import Principal
from shared.contracts.registry import LotPublished, ProductPublished
from shared.days import today
from shared.ids import new_id
from shared.permissions import matrix
from tests.answers import ok, refused
from tests.registry import builders
from tests.registry.conftest import API, Registry
from tests.tokens import bearer

SUPPLY = {
    "title": "Thuốc thử",
    "kind": "pesticide",
    "active_substance": "Thử",
    "intervals": "vegetables=3; *=9",
}


def a_key(word: str = "thu") -> str:
    return f"{word}-{new_id()[-8:]}"


def change(key: str, values: dict[str, str], **more: Any) -> dict[str, Any]:
    return {
        "key": key,
        "values": values,
        "valid_from": today().isoformat(),
        "reason": "Quyết định mới",
        **more,
    }


async def proposed(
    registry: Registry, which: str, key: str, values: dict[str, str], **more: Any
) -> dict[str, Any]:
    who = registry.token("unit", "check", name="Người đề nghị")
    body = change(key, values, **more)
    return ok(await registry.post(f"/catalogues/{which}/changes", body, who), 201)


async def approved(
    registry: Registry, which: str, key: str, values: dict[str, str], **more: Any
) -> dict[str, Any]:
    """A row that holds from now on."""
    made = await proposed(registry, which, key, values, **more)
    path = f"/catalogues/{which}/changes/{made['id']}/decisions"
    return ok(await registry.post(path, {"approved": True}, registry.approver()))


async def test_a_program_proposes_another_approves_and_the_version_counts_it(
    registry: Registry,
) -> None:
    key, reader = a_key(), registry.operator("f")
    before = ok(await registry.get("/catalogues/supplies", reader))
    made = await proposed(registry, "supplies", key, SUPPLY)
    assert made["state"] == "proposed"
    assert [one["id"] for one in await listed(registry, "supplies?state=proposed")] == [made["id"]]
    assert ok(await registry.get("/catalogues/supplies", reader))["version"] == before["version"]
    await approve(registry, "supplies", made["id"])
    after = ok(await registry.get("/catalogues/supplies", reader))
    assert after["version"] == before["version"] + 1
    row = next(one for one in after["rows"] if one["key"] == key)
    assert (row["values"]["intervals"], row["since"]) == ("vegetables=3; *=9", today().isoformat())
    versions = await listed(registry, "supplies", "versions")
    assert (versions[0]["version"], versions[0]["change"]["key"]) == (after["version"], key)
    known = ok(await registry.get("/catalogues", reader))["catalogues"]
    told = next(one for one in known if one["catalogue"] == "supplies")
    assert told["version"] == after["version"]


async def listed(registry: Registry, which: str, what: str = "changes") -> list[Any]:
    name, _, query = which.partition("?")
    path = f"/catalogues/{name}/{what}" + (f"?{query}" if query else "")
    answer = await registry.get(path, registry.operator("f"))
    assert answer.status_code == 200, answer.text
    return list(answer.json())


async def approve(registry: Registry, which: str, change_id: str) -> None:
    path = f"/catalogues/{which}/changes/{change_id}/decisions"
    ok(await registry.post(path, {"approved": True}, registry.approver()))


async def test_two_versions_are_compared_row_by_row(registry: Registry) -> None:
    key = a_key()
    start = ok(await registry.get("/catalogues/crops", registry.operator("f")))["version"]
    await approved(registry, "crops", key, {"title": "Loài mới", "yield_max": "5"})
    await approved(registry, "crops", key, {"title": "Loài mới", "yield_max": "6,5"})
    await approved(registry, "crops", key, {"title": "Loài mới", "yield_max": "6.5"}, retired=True)
    first = await listed(registry, f"crops?since={start}&until={start + 1}", "diff")
    assert [(one["key"], one["before"]) for one in first] == [(key, None)]
    second = await listed(registry, f"crops?since={start + 1}&until={start + 2}", "diff")
    assert second[0]["fields"] == ["yield_max"]
    assert second[0]["after"]["values"]["yield_max"] == "6.5"
    third = await listed(registry, f"crops?since={start + 2}", "diff")
    assert third[0]["fields"] == ["retired"]
    assert await listed(registry, f"crops?since={start + 3}", "diff") == []
    answer = await registry.get(f"/catalogues/crops/diff?since={start + 9}", registry.operator("f"))
    refused(answer, 422, "no_such_version")
    page = await registry.browser(registry.approver()).get(
        f"/console/registry/catalogues/crops/versions?since={start}"
    )
    assert page.status_code == 200
    assert "Loài mới" in page.text
    assert "Dòng mới" in page.text


async def test_a_row_is_read_as_it_holds_on_a_day(registry: Registry) -> None:
    key, later = a_key(), today() + timedelta(days=40)
    await approved(registry, "crops", key, {"title": "Bây giờ"})
    await approved(registry, "crops", key, {"title": "Sau này"}, valid_from=later.isoformat())
    for day, title in ((today().isoformat(), "Bây giờ"), (later.isoformat(), "Sau này")):
        answer = await registry.get(f"/catalogues/crops?on={day}", registry.operator("f"))
        rows = {one["key"]: one for one in ok(answer)["rows"]}
        assert rows[key]["values"]["title"] == title


async def test_the_same_proposal_sent_twice_is_one(registry: Registry) -> None:
    who, body = registry.token("unit", "check"), change(a_key(), SUPPLY)
    headers = {"Idempotency-Key": new_id()}
    first = ok(await registry.post("/catalogues/supplies/changes", body, who, headers=headers), 201)
    again = ok(await registry.post("/catalogues/supplies/changes", body, who, headers=headers), 201)
    assert first["id"] == again["id"]


@pytest.mark.parametrize(
    ("which", "key", "values", "code"),
    [
        ("supplies", "x", {**SUPPLY, "price": "3"}, "unknown_field"),
        ("supplies", "x", {**SUPPLY, "kind": "poison"}, "catalogue_value_invalid"),
        ("units", "kg", {"title": "kg", "kilograms": "2"}, "unit_worth_fixed"),
        ("units", "x", {"title": "x", "kilograms": "1", "litres": "1"}, "catalogue_value_invalid"),
        ("steps", "phoi-say", {"title": "Phơi sấy"}, "catalogue_value_invalid"),
        ("steps", "packing", {"title": "Gói", "like": "storing"}, "catalogue_value_invalid"),
        ("steps", "x", {"title": "x", "like": "packing", "biz_step": "dancing"},
         "catalogue_value_invalid"),
        ("required", "x", {"title": "x", "record": "lot", "field": "nothing", "weight": "1"},
         "catalogue_value_invalid"),
        ("imports", "x", {"title": "x", "country": "XX", "needs": "area", "effect": "block"},
         "catalogue_value_invalid"),
    ],
)  # fmt: skip
async def test_what_records_are_read_by_is_not_spoilt(
    registry: Registry, which: str, key: str, values: dict[str, str], code: str
) -> None:
    who = registry.token("unit", "check")
    answer = await registry.post(f"/catalogues/{which}/changes", change(key, values), who)
    assert answer.status_code in (409, 422), answer.text
    assert answer.json()["code"] == code


async def test_steps_of_the_program_stay_and_added_ones_may_go(registry: Registry) -> None:
    who = registry.token("unit", "check")
    body = change("packing", {"title": "Đóng gói", "biz_step": "packing"}, retired=True)
    refused(
        await registry.post("/catalogues/steps/changes", body, who), 409, "catalogue_row_in_use"
    )
    key, values = a_key(), {"title": "Phơi", "like": "pre_processing"}
    await approved(registry, "steps", key, values)
    await approved(registry, "steps", key, values, retired=True)


async def test_an_unknown_catalogue_or_change_does_not_exist(registry: Registry) -> None:
    who = registry.approver()
    assert (await registry.get("/catalogues/poems", who)).status_code == 422
    made = await proposed(registry, "supplies", a_key(), SUPPLY)
    refused(await registry.get(f"/catalogues/units/changes/{made['id']}", who), 404, "not_found")
    path = f"/catalogues/units/changes/{made['id']}/decisions"
    refused(await registry.post(path, {"approved": True}, who), 404, "not_found")


# Every endpoint of catalogues, the data standard and its figures, and the action that it needs.
ENDPOINTS: dict[tuple[str, str], str] = {
    ("GET", "/catalogues"): "catalogue.read",
    ("GET", "/metadata"): "catalogue.read",
    ("GET", "/catalogues/{name}"): "catalogue.read",
    ("GET", "/catalogues/{name}/versions"): "catalogue.read",
    ("GET", "/catalogues/{name}/diff"): "catalogue.read",
    ("GET", "/catalogues/{name}/changes"): "catalogue.read",
    ("POST", "/catalogues/{name}/changes"): "catalogue.propose",
    ("GET", "/catalogues/{name}/changes/{change_id}"): "catalogue.read",
    ("POST", "/catalogues/{name}/changes/{change_id}/decisions"): "catalogue.approve",
    ("GET", "/quality/{kind}"): "facility.read",
    ("GET", "/markets"): "lot.read",
    ("GET", "/roadmap"): "product.read",
}


def roles() -> set[tuple[str, str]]:
    """Every tier and kind that the matrix names in full."""
    pairs = (who for rule in matrix().values() for who in rule.who)
    return {(tier, kind) for tier, kind in pairs if "*" not in (tier, kind)}


def allowed(action: str, tier: str, kind: str) -> bool:
    who = Principal(
        account_id="a",
        name="",
        tier=tier,
        kinds=frozenset({kind}),
        unit_id="u",
        session_id="s",
        facility_id="f" if tier == "facility" else None,
        communes=(),
        sector="agriculture",
    )
    return who.may(action)


def test_every_endpoint_of_the_data_standard_is_in_the_table(registry: Registry) -> None:
    words = ("/catalogues", "/metadata", "/quality/", "/markets", "/roadmap")
    found = {
        (method.upper(), path.removeprefix(API))
        for path, operations in registry.app.openapi()["paths"].items()
        for method in operations
        if path.startswith(tuple(f"{API}{word}" for word in words))
    }
    assert found == set(ENDPOINTS)


@pytest.mark.parametrize(("tier", "kind"), sorted(roles()))
async def test_every_role_is_let_in_exactly_where_the_matrix_says(
    registry: Registry, tier: str, kind: str
) -> None:
    facility = {"facility": "f", "communes": []} if tier == "facility" else {}
    token = registry.token(tier, kind, **facility)
    waiting = await proposed(registry, "supplies", a_key(), SUPPLY)
    for (method, path), action in ENDPOINTS.items():
        filled = path.format(name="supplies", change_id=waiting["id"], kind="facilities")
        body = (
            {"approved": False, "reason": "Chưa đủ căn cứ"}
            if path.endswith("/decisions")
            else change(a_key(), SUPPLY)
        )
        answer = await registry.client.request(
            method, f"{API}{filled}", headers=bearer(token), json=None if method == "GET" else body
        )
        expected = allowed(action, tier, kind)
        assert (answer.status_code < 300) == expected, (method, path, answer.text)
        if not expected:
            refused(answer, 403, "forbidden")


async def test_nobody_signed_out_reads_a_catalogue(registry: Registry) -> None:
    for (method, path), _ in ENDPOINTS.items():
        filled = path.format(name="supplies", change_id="x", kind="facilities")
        answer = await registry.client.request(method, f"{API}{filled}", json={})
        assert answer.status_code == 401, (method, path)


@pytest.fixture(scope="module")
async def farm(registry: Registry) -> dict[str, str]:
    facility = await registry.a_facility()
    product = await registry.a_product(facility["id"])
    return {"id": facility["id"], "product": product["id"]}


async def test_a_new_unit_is_offered_and_read_by_its_name_everywhere(
    registry: Registry, farm: dict[str, str]
) -> None:
    key = a_key("ro")
    operator = registry.operator(farm["id"])
    body = builders.lot(farm["product"], code=new_id()[-12:], unit=key, entries=[])
    answer = await registry.post("/lots", body, operator)
    assert answer.json()["errors"][0]["field"] == "unit"
    await approved(registry, "units", key, {"title": "rổ nhựa", "title_en": "plastic basket"})
    form = await registry.browser(operator).get(
        f"/console/registry/lots/new?facility_id={farm['id']}"
    )
    assert f'value="{key}"' in form.text
    assert "rổ nhựa" in form.text
    english = registry.browser(operator, **{"Accept-Language": "en"})
    assert "plastic basket" in (await english.get("/console/registry/lots/new")).text
    harvest = builders.entry("harvesting", "2026-08-20", quantity="30", unit=key)
    lot = await registry.a_lot(
        farm["id"], farm["product"], quantity="30", unit=key, entries=[harvest]
    )
    passport = (await registry.events(lot["id"], LotPublished))[-1]
    assert (passport.unit, passport.unit_name) == (key, "rổ nhựa")
    assert passport.unit_name_en == "plastic basket"
    assert passport.stages[0].details["quantity"] == "30 rổ nhựa"
    page = (await registry.browser(operator).get(f"/console/registry/lots/{lot['id']}")).text
    assert "30 rổ nhựa" in page
    assert key not in page
    told = ok(await registry.get(f"/lots/{lot['id']}/events", operator))
    taken = told["epcisBody"]["eventList"][0]
    assert (taken["quantityList"][0]["quantity"], taken["txng:unit"]) == (30, "rổ nhựa")


async def test_a_new_unit_of_weight_counts_in_kilograms(
    registry: Registry, farm: dict[str, str]
) -> None:
    key = a_key("sot")
    await approved(registry, "units", key, {"title": "sọt 20 kg", "kilograms": "20"})
    harvest = builders.entry("harvesting", "2026-08-20", quantity="5", unit=key)
    lot = await registry.a_lot(
        farm["id"], farm["product"], quantity="5", unit=key, entries=[harvest]
    )
    events = ok(await registry.get(f"/lots/{lot['id']}/events", registry.operator(farm["id"])))
    given = events["epcisBody"]["eventList"][0]["quantityList"][0]
    assert (given["quantity"], given["uom"]) == (100, "KGM")


async def test_a_new_step_is_offered_and_told_by_its_name_and_business_step(
    registry: Registry, farm: dict[str, str]
) -> None:
    key = a_key("phoi")
    values = {"title": "Phơi nắng", "title_en": "Sun drying", "like": "pre_processing"}
    await approved(registry, "steps", key, {**values, "biz_step": "holding"})
    operator = registry.operator(farm["id"])
    body = builders.lot(farm["product"], code=new_id()[-12:], facility_id=farm["id"], entries=[])
    lot = await registry.entered("lots", body, operator)
    browser = registry.browser(operator)
    here = f"/console/registry/lots/{lot['id']}/entries/new"
    assert "Phơi nắng" in (await browser.get(here)).text
    form = (await browser.get(f"{here}?step=pre_processing&variant={key}")).text
    assert f'name="variant" value="{key}"' in form
    entry = builders.entry("pre_processing", "2026-08-21", method="Trên giàn", variant=key)
    ok(await registry.post(f"/lots/{lot['id']}/entries", entry, operator), 201)
    wrong = {**entry, "step": "packing", "at": "2026-08-22T08:00:00+07:00"}
    answer = await registry.post(f"/lots/{lot['id']}/entries", wrong, operator)
    refused(answer, 422, "step_unknown")
    await registry.carried_through("lots", lot["id"], operator)
    stage = (await registry.events(lot["id"], LotPublished))[-1].stages[0]
    assert (stage.step, stage.title, stage.title_en) == (
        "pre_processing",
        "Phơi nắng",
        "Sun drying",
    )
    told = ok(await registry.get(f"/lots/{lot['id']}/events", operator))
    event = told["epcisBody"]["eventList"][0]
    assert (event["bizStep"], event["txng:step"]) == ("holding", key)
    assert event["txng:stepName"] == "Phơi nắng"


async def test_a_corrected_name_of_a_step_is_what_consumers_read(
    registry: Registry, farm: dict[str, str]
) -> None:
    values = {"title": "Đóng hộp, dán tem", "title_en": "Boxing", "biz_step": "packing"}
    await approved(registry, "steps", "packing", values)
    try:
        entries = [builders.entry("packing", "2026-08-20", method="Hộp 2 kg")]
        lot = await registry.a_lot(farm["id"], farm["product"], entries=entries)
        stage = (await registry.events(lot["id"], LotPublished))[-1].stages[0]
        assert (stage.title, stage.title_en) == ("Đóng hộp, dán tem", "Boxing")
    finally:
        back = {"title": "Đóng gói", "title_en": "Packing", "biz_step": "packing"}
        await approved(registry, "steps", "packing", back)


async def test_a_new_category_and_species_are_offered_and_named(
    registry: Registry, farm: dict[str, str]
) -> None:
    category, species = a_key("nhom"), a_key("loai")
    await approved(
        registry,
        "categories",
        category,
        {
            "title": "Quả mới",
            "title_en": "New fruit",
            "traceability": "voluntary",
            "group": "fruit",
        },
    )
    await approved(registry, "crops", species, {"title": "Cây mới", "title_en": "New tree"})
    browser = registry.browser(registry.operator(farm["id"]))
    assert "Quả mới" in (await browser.get("/console/registry/products/new")).text
    assert "Cây mới" in (await browser.get("/console/registry/growing-areas/new")).text
    product = await registry.a_product(farm["id"], category=category)
    passport = (await registry.events(product["id"], ProductPublished))[-1]
    assert passport.category == "Quả mới"
    area = await registry.published(
        "growing-areas", builders.growing_area(facility_id=farm["id"], species=species)
    )
    page = (await browser.get(f"/console/registry/growing-areas/{area['id']}")).text
    assert "Cây mới" in page


async def test_a_supply_of_the_catalogue_fills_in_a_lot_s_diary(
    registry: Registry, farm: dict[str, str]
) -> None:
    key = a_key()
    await approved(registry, "supplies", key, {**SUPPLY, "title": "Thuốc mới 5WG"})
    operator = registry.operator(farm["id"])
    body = builders.lot(farm["product"], code=new_id()[-12:], entries=[])
    lot = await registry.entered("lots", body, operator)
    page = await registry.browser(operator).get(
        f"/console/registry/lots/{lot['id']}/entries/new?step=input&supply={key}"
    )
    assert 'value="Thuốc mới 5WG"' in page.text
    assert 'value="9"' in page.text


async def test_metadata_names_owner_source_rules_and_the_last_change(registry: Registry) -> None:
    await approved(registry, "crops", a_key(), {"title": "Loài để đếm"})
    answer = await registry.get("/metadata", registry.operator("f"))
    found = {one["key"]: one for one in answer.json()}
    assert set(found) >= {one.value for one in Catalogue}
    for one in found.values():
        assert one["owner"]
        assert one["source"]
        assert one["update_rule"]
    assert found["crops"]["changed_at"] is not None
    assert found["crops"]["version"] >= 1
    assert found["facilities"]["number"] >= 1
    page = await registry.browser(registry.operator("f")).get("/console/registry/metadata")
    assert page.status_code == 200
    assert "Chi cục Trồng trọt" in page.text
