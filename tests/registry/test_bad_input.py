"""Bad input: a clear error with a stable code, nothing changed, nothing leaked."""

import asyncio
import json
from typing import Any

import pytest

from tests.answers import ok, refused
from tests.registry import builders
from tests.registry.conftest import API, Registry
from tests.tokens import bearer

OPERATORS: list[Any] = [{"$ne": 1}, {"$where": "1"}, {"$gt": ""}, ["a"], 1, True, {"a.b": 1}]


def bodies() -> dict[str, dict[str, Any]]:
    return {
        "facilities": builders.facility(),
        "products": builders.product(facility_id="f"),
        "growing-areas": builders.growing_area(facility_id="f"),
        "lots": builders.lot("p", facility_id="f", inputs=["x"], entries=builders.diary()),
    }


@pytest.fixture(scope="module")
async def counts(registry: Registry) -> Any:
    async def count() -> dict[str, int]:
        names = ("facilities", "products", "growing_areas", "lots", "versions", "media")
        return {name: await registry.db.collection(name).count_documents({}) for name in names}

    return count


@pytest.mark.parametrize("word", list(bodies()))
async def test_every_field_refuses_operators_and_wrong_types(
    registry: Registry, counts: Any, word: str
) -> None:
    before = await counts()
    token = registry.approver_who_enters(word)
    for field, right in bodies()[word].items():
        for wrong in OPERATORS:
            if isinstance(right, bool) and isinstance(wrong, (bool, int)):
                continue
            if isinstance(right, int) and isinstance(wrong, int):
                continue
            if isinstance(right, list) and isinstance(wrong, list):
                continue
            body = {**bodies()[word], field: wrong}
            answer = await registry.post(f"/{word}", body, token)
            if field in ("quantity", "area_hectares") and wrong in (1, True):
                continue
            problem = refused(answer, 422, "invalid_input")
            assert problem["errors"][0]["field"].split(".")[0] == field
    assert await counts() == before


@pytest.mark.parametrize("word", list(bodies()))
async def test_missing_and_unknown_fields_are_named(registry: Registry, word: str) -> None:
    token = registry.approver_who_enters(word)
    problem = refused(await registry.post(f"/{word}", {}, token), 422, "invalid_input")
    assert {error["code"] for error in problem["errors"]} == {"missing"}
    body = {**bodies()[word], "published": True}
    problem = refused(await registry.post(f"/{word}", body, token), 422, "invalid_input")
    assert problem["errors"] == [
        {**problem["errors"][0], "field": "published", "code": "unknown_field"}
    ]


@pytest.mark.parametrize(
    "raw", [b"{", b'{"name": "\xff\xfe"}', b"[]", b'"x"', b"null", b"", b'{"name": NaN}']
)
async def test_broken_json_is_refused(registry: Registry, raw: bytes) -> None:
    headers = {**bearer(registry.approver()), "Content-Type": "application/json"}
    answer = await registry.client.post(f"{API}/facilities", content=raw, headers=headers)
    assert answer.status_code in (400, 422)
    assert answer.json()["code"] in ("malformed_body", "invalid_input")


async def test_a_body_of_ten_megabytes_is_refused(registry: Registry) -> None:
    body = {**builders.facility(), "description": "x" * 10_000_001}
    refused(await registry.post("/facilities", body, registry.approver()), 413, "body_too_large")


@pytest.mark.parametrize(
    "value", ["a\u0000b", "a\u202eb", "\ud800", "x" * 5000, "", " ", "<b" * 200]
)
async def test_hidden_characters_and_endless_texts_are_refused(
    registry: Registry, value: str
) -> None:
    # ASCII escapes let through what cannot be written as UTF-8.
    raw = json.dumps(builders.facility(name=value))
    headers = {**bearer(registry.approver()), "Content-Type": "application/json"}
    answer = await registry.client.post(f"{API}/facilities", content=raw, headers=headers)
    assert answer.status_code in (400, 422), answer.text


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("tax_number", "0100233480", "tax_number_invalid"),
        ("commune", "00001", "commune_unknown"),
        ("gln", "9520101900013", "gln_invalid"),
        ("plant_code", "KHONG-PHAI", "area_code_invalid"),
        ("latitude", 21.1, "location_outside"),
        ("phone", "gọi anh Ba", "invalid_input"),
        ("email", "khong-phai", "invalid_input"),
        ("kinds", [], "invalid_input"),
        ("kinds", ["bakery"], "invalid_input"),
        ("sector", "army", "invalid_input"),
        ("facility_class", "gold", "invalid_input"),
        ("registration_date", "31/02/2020", "invalid_input"),
        ("registration_date", "2999-01-01", "registration_ahead"),
    ],
)
async def test_a_facility_s_wrong_values_are_refused(
    registry: Registry, field: str, value: Any, code: str
) -> None:
    body = builders.facility(**{field: value})
    problem = refused(await registry.post("/facilities", body, registry.approver()), 422, code)
    assert problem["errors"][0]["message"]


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("gtin", "9521234543214", "gtin_invalid"),
        ("category", "spaceship", "category_unknown"),
        ("ocop_stars", 2, "invalid_input"),
        ("shelf_life_days", 0, "invalid_input"),
        ("shelf_life_days", 10**12, "invalid_input"),
        ("price", -1, "invalid_input"),
        ("standards", ["x" * 300], "invalid_input"),
        ("images", ["a"] * 7, "invalid_input"),
        ("images", ["../x"], "invalid_input"),
    ],
)
async def test_a_product_s_wrong_values_are_refused(
    registry: Registry, field: str, value: Any, code: str
) -> None:
    facility = await registry.a_facility()
    body = builders.product(**{field: value})
    answer = await registry.post("/products", body, registry.operator(facility["id"]))
    refused(answer, 422, code)


@pytest.mark.parametrize(
    "entry",
    [
        {},
        builders.entry("flying", "2026-08-20"),
        builders.entry("harvesting", "2026-08-20", vehicle="x"),
        {**builders.entry("harvesting", "2026-08-20"), "at": "2026-08-20T08:00:00"},
        {**builders.entry("harvesting", "2026-08-20"), "at": "yesterday"},
        builders.entry("harvesting", "2026-08-20", quantity="-1", unit="kg"),
        builders.entry("harvesting", "2026-08-20", quantity="1e400", unit="kg"),
        builders.entry("harvesting", "2026-08-20", unit="parsec"),
        builders.entry("input", "2026-08-20"),
        {**builders.pesticide("2026-08-20"), "withdrawal_days": -1},
    ],
)
async def test_a_wrong_diary_entry_changes_nothing(
    registry: Registry, entry: dict[str, Any]
) -> None:
    facility = await registry.a_facility()
    product = await registry.a_product(facility["id"])
    operator = registry.operator(facility["id"])
    lot = await registry.entered("lots", builders.lot(product["id"]), operator)
    answer = await registry.post(f"/lots/{lot['id']}/entries", entry, operator)
    assert answer.status_code == 422, answer.text
    assert (await registry.record("lots", lot["id"]))["version"] == 1


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"version": 1},
        {"decision": "burn", "version": 1},
        {"decision": "accept", "version": 0},
        {"decision": "accept", "version": "1; drop"},
        {"decision": {"$ne": 1}, "version": 1},
        {"decision": "accept", "version": 1, "force": True},
    ],
)
async def test_a_wrong_decision_is_refused(registry: Registry, body: dict[str, Any]) -> None:
    entered = await registry.entered("facilities", builders.facility(), registry.clerk())
    path = f"/facilities/{entered['id']}/decisions"
    refused(await registry.post(path, body, registry.checker()), 422, "invalid_input")


@pytest.mark.parametrize(
    "query", ["page=0", "page=x", "page=1e9", "state=rejected", "q=" + "a" * 300]
)
async def test_wrong_queries_of_lists_are_refused(registry: Registry, query: str) -> None:
    answer = await registry.get(f"/products?{query}", registry.approver())
    refused(answer, 422, "invalid_input")


@pytest.mark.parametrize("query", ["q=$ne", "q=%5B%24ne%5D", "q=.*", "q=(((((", "q=%00", "q=%2520"])
async def test_signs_in_a_search_are_only_signs(registry: Registry, query: str) -> None:
    assert (await registry.client.get(f"/products?{query}")).status_code == 200
    answer = await registry.get(f"/products?{query}", registry.approver())
    assert answer.status_code == 200


@pytest.mark.parametrize("kind", ["users", "versions", "outbox", "facility"])
async def test_other_kinds_of_records_do_not_exist(registry: Registry, kind: str) -> None:
    answer = await registry.get(f"/{kind}", registry.approver())
    assert answer.status_code in (404, 422)
    browser = registry.browser(registry.approver())
    assert (await browser.get(f"/console/registry/{kind}")).status_code == 404
    await browser.aclose()


async def test_a_key_brings_the_first_answer_again_and_no_second_record(
    registry: Registry, counts: Any
) -> None:
    token = registry.clerk()
    key = {"Idempotency-Key": "key-of-a-facility"}
    first = ok(await registry.post("/facilities", builders.facility(), token, headers=key), 201)
    before = await counts()
    again = ok(await registry.post("/facilities", builders.facility(), token, headers=key), 201)
    assert again == first
    assert await counts() == before
    other = builders.facility(name="Một cơ sở khác")
    answer = await registry.post("/facilities", other, token, headers=key)
    refused(answer, 409, "idempotency_key_reused")
    # Another account's key is another key.
    stranger = registry.clerk()
    third = ok(await registry.post("/facilities", builders.facility(), stranger, headers=key), 201)
    assert third["id"] != first["id"]


async def test_one_key_sent_ten_times_at_once_enters_one_record(registry: Registry) -> None:
    token = registry.clerk()
    key = {"Idempotency-Key": "key-of-a-race"}
    answers = await asyncio.gather(
        *(registry.post("/facilities", builders.facility(), token, headers=key) for _ in range(10))
    )
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1


async def test_what_people_typed_is_shown_as_text_and_never_as_markup(registry: Registry) -> None:
    facility = await registry.a_facility()
    product = await registry.a_product(
        facility["id"],
        name="<script>alert(1)</script>",
        description="<img src=x onerror=alert(1)>",
        brand="{{ 7 * 7 }}",
    )
    for browser, path in (
        (registry.browser(), f"/products/{product['id']}"),
        (registry.browser(registry.checker()), f"/console/registry/products/{product['id']}"),
    ):
        page = (await browser.get(path)).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "{{ 7 * 7 }}" in page
        await browser.aclose()
