"""Importing countries: what they ask for, which codes they accept and until when (R25)."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registry.actions.market_expiry import sweep
from services.registry.domain.accepted import Market
from services.registry.domain.catalogues import Catalogue, all_rows
from services.registry.domain.growing_area import GrowingArea
from services.registry.domain.markets import (
    NOTICE,
    Consigned,
    Origin,
    Standing,
    country_of,
    examine,
    standing_on,
)
from shared.contracts.registry import FacilityPublished, MarketExpired, MarketExpiring
from shared.days import local_day
from shared.ids import now
from tests.answers import ok, refused
from tests.registry import builders
from tests.registry.conftest import Registry

DAY = date(2026, 11, 25)
CHINA = all_rows(Catalogue.COUNTRIES)["CN"]


def origin(*markets: Market, code: str = "VN-QNOR-0001") -> Origin:
    area = GrowingArea("f", "Vườn", "Sầu riêng", builders.COMMUNE, code=code, markets=markets)
    return Origin(code or "VT22-1", area)


def durian(*origins: Origin) -> Consigned:
    return Consigned("L-1", "durian", origins)


def problems(one: Consigned, plant_code: str = "VNQNPH-0001") -> list[str]:
    found = examine(CHINA, [one], plant_code=plant_code, day=DAY)
    return [str(it.problem) for it in found]


def test_goods_with_an_accepted_code_and_a_packing_house_may_go() -> None:
    assert problems(durian(origin(Market("CN", until=DAY)))) == []
    assert problems(durian(origin(Market("CN")))) == []


def test_each_thing_that_is_missing_is_named() -> None:
    assert "chưa biết lô đến từ vùng" in problems(durian())[0]
    assert "chưa được cấp mã số" in problems(durian(origin(Market("CN"), code="")))[0]
    assert "Trung Quốc chưa chấp nhận" in problems(durian(origin(Market("JP"))))[0]
    ended = Market("CN", until=DAY - timedelta(days=1))
    assert "đến ngày 24/11/2026" in problems(durian(origin(ended)))[0]
    assert "mã cơ sở đóng gói" in problems(durian(origin(Market("CN"))), plant_code="")[0]


def test_every_area_that_goods_come_from_must_be_accepted() -> None:
    two = durian(origin(Market("CN")), origin(Market("JP"), code="VN-QNOR-0002"))
    assert len(problems(two)) == 1
    assert "VN-QNOR-0002" in problems(two)[0]


def test_goods_and_countries_without_a_rule_go_freely() -> None:
    assert problems(replace(durian(), category="squid-cake")) == []


@pytest.mark.parametrize("text", ["CN", "cn", "Trung Quốc", "trung quoc", " China "])
def test_a_country_is_known_by_code_and_by_name(text: str) -> None:
    found = country_of(text)
    assert found is not None
    assert found.key == "CN"


def test_a_country_that_is_not_listed_has_no_rules() -> None:
    assert country_of("Lào") is None
    assert country_of("") is None


@given(st.integers(-400, 400))
def test_an_acceptance_runs_out_after_its_last_day(days: int) -> None:
    standing = standing_on(DAY + timedelta(days=days), DAY)
    assert (standing is Standing.EXPIRED) == (days < 0)
    assert (standing is Standing.OPEN) == (days > NOTICE.days)


@pytest.fixture(scope="module")
async def orchard(registry: Registry) -> dict[str, str]:
    """Durian of an area that China accepts until tomorrow, and of one it does not know."""
    facility = await registry.a_facility(plant_code="VNQNPH-0077")
    product = await registry.a_product(facility["id"], category="durian")
    tomorrow = (local_day(now()) + timedelta(days=1)).isoformat()
    known = await registry.published(
        "growing-areas",
        builders.growing_area(
            facility_id=facility["id"],
            code="VN-QNOR-7701",
            markets=[{"country": "CN", "number": "CN-77", "until": tomorrow}],
        ),
    )
    unknown = await registry.published(
        "growing-areas", builders.growing_area(facility_id=facility["id"], code="VN-QNOR-7702")
    )
    return {
        "id": facility["id"],
        "product": product["id"],
        "known": known["id"],
        "unknown": unknown["id"],
    }


async def a_lot(registry: Registry, orchard: dict[str, str], **more: Any) -> dict[str, Any]:
    entries = [builders.entry("harvesting", "2026-08-20")]
    return await registry.a_lot(orchard["id"], orchard["product"], entries=entries, **more)


async def exported(registry: Registry, orchard: dict[str, str], lot: str, **more: Any) -> Any:
    body = {
        "end": "export",
        "place": "Kho Móng Cái",
        "lines": [{"lot": lot, "quantity": "10", "unit": "kg"}],
        "country": "Trung Quốc",
        "documents": "TK-1",
        **more,
    }
    return await registry.post("/shipments", body, registry.operator(orchard["id"]))


async def test_goods_of_an_accepted_area_are_exported(
    registry: Registry, orchard: dict[str, str]
) -> None:
    lot = await a_lot(registry, orchard, growing_area_id=orchard["known"])
    sent = ok(await exported(registry, orchard, lot["id"]), 201)
    operator = registry.operator(orchard["id"])
    answer = await registry.get(f"/shipments/{sent['id']}/obstacles", operator)
    assert answer.json() == []


async def test_goods_of_an_area_that_the_country_does_not_know_stay(
    registry: Registry, orchard: dict[str, str]
) -> None:
    lot = await a_lot(registry, orchard, growing_area_id=orchard["unknown"])
    answer = await exported(registry, orchard, lot["id"])
    detail = refused(answer, 409, "market_closed")["detail"]
    assert "VN-QNOR-7702" in detail
    english = await registry.client.post(
        "/api/registry/v1/shipments",
        json={
            "end": "export",
            "place": "Kho Móng Cái",
            "lines": [{"lot": lot["id"], "quantity": "10", "unit": "kg"}],
            "country": "CN",
            "documents": "TK-1",
        },
        headers={
            "Authorization": f"Bearer {registry.operator(orchard['id'])}",
            "Accept-Language": "en",
        },
    )
    assert "China does not accept area code VN-QNOR-7702" in english.json()["detail"]
    # Nothing was taken from the lot by what was refused.
    ok(await exported(registry, orchard, lot["id"], country="Lào"), 201)


async def test_an_acceptance_that_ends_before_the_goods_leave_does_not_count(
    registry: Registry, orchard: dict[str, str]
) -> None:
    lot = await a_lot(registry, orchard, growing_area_id=orchard["known"])
    late = (now() + timedelta(days=5)).isoformat()
    answer = await exported(registry, orchard, lot["id"], planned_pickup=late)
    refused(answer, 409, "market_closed")


async def test_goods_made_from_others_are_judged_by_where_those_grew(
    registry: Registry, orchard: dict[str, str]
) -> None:
    source = await a_lot(registry, orchard, growing_area_id=orchard["unknown"])
    packed = await registry.a_lot(
        orchard["id"],
        orchard["product"],
        inputs=[source["id"]],
        entries=[builders.entry("packing", "2026-08-21")],
        produced_on="2026-08-21",
    )
    answer = await exported(registry, orchard, packed["id"])
    assert "VN-QNOR-7702" in refused(answer, 409, "market_closed")["detail"]


async def test_codes_that_run_out_soon_are_listed_in_scope_with_a_warning(
    registry: Registry, orchard: dict[str, str]
) -> None:
    operator = registry.operator(orchard["id"])
    found = ok(await registry.get("/markets?standing=expiring", operator))
    assert [(one["area_id"], one["country"]) for one in found["items"]] == [
        (orchard["known"], "CN")
    ]
    assert ok(await registry.get("/markets?standing=expired", operator))["total"] == 0
    assert ok(await registry.get("/markets?standing=expiring&country=JP", operator))["total"] == 0
    stranger = registry.operator("another-facility")
    assert ok(await registry.get("/markets?standing=expiring", stranger))["total"] == 0
    browser = registry.browser(operator)
    page = (await browser.get("/console/registry/markets?standing=expiring")).text
    assert "Trung Quốc" in page
    assert "CN-77" in page
    assert "hết hạn trong 60 ngày tới" in (await browser.get("/console/registry")).text
    area = (await browser.get(f"/console/registry/growing-areas/{orchard['known']}")).text
    assert "sắp hết hạn" in area


async def test_an_area_s_measure_is_read_with_its_boundary_as_geojson(registry: Registry) -> None:
    facility = await registry.a_facility()
    ring = [[106.3, 21.5], [106.302, 21.5], [106.302, 21.502], [106.3, 21.502], [106.3, 21.5]]
    sent = {"type": "Polygon", "coordinates": [ring]}
    body = builders.growing_area(facility_id=facility["id"], boundary=sent, area_hectares="4.6")
    made = await registry.entered("growing-areas", body, registry.clerk())
    read = ok(await registry.get(f"/growing-areas/{made['id']}", registry.clerk()))
    assert read["draft"]["boundary"] == sent
    assert Decimal(str(read["draft"]["measured_hectares"])) > 4
    # What was read can be sent back as it is.
    edited = {**body, "boundary": read["draft"]["boundary"], "version": 1, "name": "Tên mới"}
    again = ok(await registry.put(f"/growing-areas/{made['id']}", edited, registry.clerk()))
    assert again["draft"]["boundary"] == sent
    versions = (
        await registry.get(f"/growing-areas/{made['id']}/versions", registry.clerk())
    ).json()
    assert versions[0]["content"]["boundary"] == sent


async def test_a_code_that_runs_out_is_told_once_thirty_days_ahead_and_once_at_its_end(
    registry: Registry,
) -> None:
    facility = await registry.a_facility()
    today = local_day(now())
    until = today + timedelta(days=25)
    code = f"VN-QNOR-{int(facility['id'][-6:], 36) % 9000 + 1000}"
    area = builders.growing_area(
        facility_id=facility["id"],
        code=code,
        markets=[
            {"country": "CN", "number": "GACC 1", "until": until.isoformat()},
            {"country": "JP", "until": (today + timedelta(days=31)).isoformat()},
            {"country": "KR"},
        ],
    )
    record = await registry.published("growing-areas", area)
    at = now()
    for day in (0, 0, 3, 26, 26):
        await asyncio.gather(*(sweep(registry.db, now=at + timedelta(days=day)) for _ in range(2)))
    told = [
        (type(e), e.country, e.until)
        for e in await registry.events(record["id"])
        if isinstance(e, MarketExpiring | MarketExpired)
    ]
    japan = today + timedelta(days=31)
    assert told == [
        (MarketExpiring, "CN", until),
        (MarketExpiring, "JP", japan),
        (MarketExpired, "CN", until),
    ]


async def test_a_packing_houses_code_is_listed_and_told_like_an_areas(registry: Registry) -> None:
    today = local_day(now())
    until = today + timedelta(days=12)
    rows = [{"country": "CN", "number": "PH-1", "until": until.isoformat()}]
    facility = await registry.a_facility(plant_code="VNQNPH-7001", markets=rows)
    await sweep(registry.db, now=now())
    told = await registry.events(facility["id"], MarketExpiring)
    assert [(e.holder, e.held_code, e.until) for e in told] == [("facility", "VNQNPH-7001", until)]
    mine = registry.operator(facility["id"])
    listed = ok(await registry.get("/markets?standing=expiring", mine))
    assert [(row["kind"], row["area_code"]) for row in listed["items"]] == [
        ("facility", "VNQNPH-7001")
    ]
    browser = registry.browser(mine)
    assert "1 mã hết hạn trong 60 ngày tới" in (await browser.get("/console/registry")).text
    page = await browser.get("/console/registry/markets?standing=expiring")
    assert f'href="/console/registry/facilities/{facility["id"]}"' in page.text
    shown = await registry.events(facility["id"], FacilityPublished)
    assert [(m.country, m.until) for m in shown[-1].markets] == [("CN", until)]


async def test_countries_that_accept_no_code_are_refused(registry: Registry) -> None:
    clerk = registry.clerk()
    rows = [{"country": "CN"}]
    body = builders.facility(plant_code="", markets=rows)
    refused(await registry.post("/facilities", body, clerk), 422, "plant_code_missing")
    body = builders.facility(plant_code="VNQNPH-7002", markets=rows * 2)
    refused(await registry.post("/facilities", body, clerk), 422, "market_twice")
