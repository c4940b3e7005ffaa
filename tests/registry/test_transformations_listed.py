"""The list of transformations: within the account's scope, by facility and day, page by page."""

from datetime import date, timedelta
from typing import Any

import pytest

from shared.ids import new_id
from tests.answers import ok, refused
from tests.registry import builders
from tests.registry.conftest import Registry
from tests.registry.test_transformations import body, made, used

DAYS = (date(2026, 8, 21), date(2026, 8, 22), date(2026, 8, 23))


@pytest.fixture(scope="module")
async def acts(registry: Registry) -> dict[str, Any]:
    """Three of one facility, a day apart, the last cancelled; one of a facility elsewhere."""
    here = await _published(registry, "facilities", builders.facility())
    elsewhere = builders.facility(commune=builders.OTHER_COMMUNE)
    there = await _published(registry, "facilities", elsewhere)
    ids = [await _split(registry, here["id"], f"{day}T23:30:00+07:00") for day in DAYS]
    why = {"reason": "Nhập nhầm"}
    ok(await registry.post(f"/transformations/{ids[2]}/cancel", why, registry.operator(here["id"])))
    return {
        "here": here["id"],
        "there": there["id"],
        "ids": ids,
        "elsewhere": await _split(registry, there["id"], "2026-08-21T09:00:00+07:00"),
    }


async def _published(registry: Registry, kind: str, body: dict[str, Any]) -> dict[str, Any]:
    """By officials of the whole province, wherever it lies."""
    maker = registry.token("unit", "operate", name="Người nhập thay")
    checker = registry.token("unit", "check", name="Người kiểm tra")
    record = await registry.entered(kind, body, maker)
    await registry.submitted(kind, record["id"], maker)
    ok(await registry.decide(kind, record["id"], "accept", checker))
    if kind != "lots":
        ok(await registry.decide(kind, record["id"], "publish", registry.approver()))
    return record


async def _split(registry: Registry, facility_id: str, at: str) -> str:
    product = await _published(registry, "products", builders.product(facility_id=facility_id))
    about = {"facility_id": facility_id, "code": new_id()[-12:], "entries": builders.diary()}
    lot = await _published(registry, "lots", builders.lot(product["id"], **about))
    wanted = body("split", [used(lot["id"], "20")], [made("10"), made("10")], at=at)
    operator = registry.operator(facility_id)
    return str(ok(await registry.post("/transformations", wanted, operator), 201)["id"])


async def ids(registry: Registry, token: str, **asked: Any) -> list[str]:
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    found = ok(await registry.get(f"/transformations?{query}", token))
    assert found["total"] == len(found["items"])
    return [one["id"] for one in found["items"]]


async def test_the_latest_come_first_and_cancelled_ones_say_why(
    registry: Registry, acts: dict[str, Any]
) -> None:
    operator = registry.operator(acts["here"])
    assert await ids(registry, operator) == acts["ids"][::-1]
    found = ok(await registry.get("/transformations", operator))["items"]
    assert [one["cancelled"] for one in found] == ["Nhập nhầm", "", ""]


async def test_everybody_reads_those_of_the_own_scope_alone(
    registry: Registry, acts: dict[str, Any]
) -> None:
    mine, all_of_them = set(acts["ids"]), {*acts["ids"], acts["elsewhere"]}
    seen = {
        registry.operator(acts["here"]): mine,
        registry.operator(acts["there"]): {acts["elsewhere"]},
        registry.operator("another-facility"): set(),
        registry.checker(): mine,
        registry.checker(builders.OTHER_COMMUNE): {acts["elsewhere"]},
        registry.checker("06970"): set(),
        registry.approver(): all_of_them,
        registry.token("department", "approve", sector="agriculture"): all_of_them,
        registry.token("department", "approve", sector="health"): set(),
    }
    for token, wanted in seen.items():
        assert set(await ids(registry, token)) == wanted


async def test_they_are_narrowed_by_facility_kind_and_day(
    registry: Registry, acts: dict[str, Any]
) -> None:
    approver = registry.approver()
    assert await ids(registry, approver, facility_id=acts["there"]) == [acts["elsewhere"]]
    assert await ids(registry, approver, facility_id=acts["here"]) == acts["ids"][::-1]
    assert await ids(registry, approver, kind="merge") == []
    # Half past eleven in the evening is still that day in Vietnam.
    one_day = {"facility_id": acts["here"], "since": DAYS[1], "until": DAYS[1]}
    assert await ids(registry, approver, **one_day) == [acts["ids"][1]]
    later = DAYS[2] + timedelta(days=1)
    assert await ids(registry, approver, since=later) == []


async def test_another_commune_s_facility_cannot_be_asked_for(
    registry: Registry, acts: dict[str, Any]
) -> None:
    for token in (registry.checker(), registry.operator(acts["here"])):
        assert await ids(registry, token, facility_id=acts["there"]) == []


@pytest.mark.parametrize("asked", ["page=0", "page=501", "since=hôm+qua", "kind=melt"])
async def test_what_cannot_be_asked_is_told_with_its_field(
    registry: Registry, acts: dict[str, Any], asked: str
) -> None:
    answer = await registry.get(f"/transformations?{asked}", registry.approver())
    problem = refused(answer, 422, "invalid_input")
    assert problem["errors"][0]["field"] == asked.partition("=")[0]


async def test_pages_follow_one_another_without_gap_or_double(
    registry: Registry, acts: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.registry.store.transformations.PAGE_SIZE", 2)
    operator = registry.operator(acts["here"])
    pages = [ok(await registry.get(f"/transformations?page={n}", operator)) for n in (1, 2, 3)]
    assert [one["id"] for page in pages for one in page["items"]] == acts["ids"][::-1]
    assert [page["total"] for page in pages] == [3, 3, 3]
