"""Growing areas: boundary, households, seasons, markets, by API and by the pages."""

from itertools import count
from typing import Any

from shared.contracts.registry import GrowingAreaPublished
from shared.ids import new_id
from tests.answers import ok, refused
from tests.registry import builders
from tests.registry.conftest import API, Registry
from tests.registry.test_pages import post
from tests.tokens import bearer

_place = count()


def square(step: float = 0.002) -> list[list[float]]:
    """A place of its own for each test, some five hectares large."""
    x, y = 106.2 + (n := next(_place)) * 0.01, 21.0 + n * 0.001
    return [[x, y], [x + step, y], [x + step, y + step], [x, y + step], [x, y]]


def area(**changes: Any) -> dict[str, Any]:
    return builders.growing_area(
        boundary={"type": "Polygon", "coordinates": [square()]}, area_hectares="4.6", **changes
    )


async def test_the_area_is_measured_and_names_of_households_stay_private(
    registry: Registry,
) -> None:
    facility = await registry.a_facility()
    members = [{"name": "Hộ Trần Thị Kín", "area_hectares": "1.2"}, {"name": "Hộ Lê Văn Riêng"}]
    markets = [{"country": "CN", "number": "CN-1", "until": "2027-01-01"}]
    body = area(facility_id=facility["id"], members=members, markets=markets, households=None)
    found = await registry.published("growing-areas", body)
    assert 4 < float(found["published"]["measured_hectares"]) < 5
    assert found["published"]["households"] == 2
    told = (await registry.events(found["id"], GrowingAreaPublished))[-1]
    assert told.households == 2
    assert told.markets[0].country == "CN"
    assert "Kín" not in told.model_dump_json()
    page = (await registry.client.get(f"/growing-areas/{found['id']}")).text
    assert "<svg" in page
    assert "Trung Quốc" in page
    assert "Trần Thị Kín" not in page
    inside = registry.browser(registry.checker())
    assert (
        "Trần Thị Kín" in (await inside.get(f"/console/registry/growing-areas/{found['id']}")).text
    )


async def test_ground_of_another_area_is_refused(registry: Registry) -> None:
    facility, other = await registry.a_facility(), await registry.a_facility()
    ring = square()
    body = area(facility_id=facility["id"]) | {
        "boundary": {"type": "Polygon", "coordinates": [ring]}
    }
    await registry.published("growing-areas", body)
    moved = [[x + 0.001, y] for x, y in ring]
    body = area(facility_id=other["id"]) | {"boundary": {"type": "Polygon", "coordinates": [moved]}}
    draft = await registry.entered("growing-areas", body, registry.clerk())
    answer = await registry.post(
        f"/growing-areas/{draft['id']}/submit", {"version": 1}, registry.clerk()
    )
    assert "50 %" in refused(answer, 409, "boundary_overlaps")["detail"]


async def test_one_code_in_two_spellings_is_taken(registry: Registry) -> None:
    facility, other = await registry.a_facility(), await registry.a_facility()
    await registry.published("growing-areas", area(facility_id=facility["id"], code="VN-ZZOR-0042"))
    draft = await registry.entered(
        "growing-areas", area(facility_id=other["id"], code="vn zzor 0042"), registry.clerk()
    )
    answer = await registry.post(
        f"/growing-areas/{draft['id']}/submit", {"version": 1}, registry.clerk()
    )
    refused(answer, 409, "area_code_taken")


async def test_what_contradicts_itself_is_refused_at_its_field(registry: Registry) -> None:
    facility = await registry.a_facility()
    cases: list[tuple[dict[str, Any], str]] = [
        ({"members": [{"name": "Hộ A", "area_hectares": "99"}]}, "households_larger_than_area"),
        (
            {"seasons": [{"name": "Vụ 1", "starts_on": "2026-05-01", "ends_on": "2026-04-01"}]},
            "season_dates_wrong",
        ),
        ({"markets": [{"country": "CN"}, {"country": "CN"}]}, "market_twice"),
        ({"boundary": {"type": "Polygon", "coordinates": [[[1, 2]]]}}, "boundary_outside"),
    ]
    for changes, code in cases:
        body = {**area(facility_id=facility["id"]), **changes}
        refused(await registry.post("/growing-areas", body, registry.clerk()), 422, code)


async def test_a_farmer_draws_an_area_by_typing_its_corners(registry: Registry) -> None:
    facility = await registry.a_facility()
    browser = registry.browser(registry.operator(facility["id"]))
    corners = "\n".join(f"{y:.6f} {x:.6f}" for x, y in square()[:-1])
    form = {
        "name": "Vườn na",
        "kind": "growing",
        "crop": "Na dai",
        "commune": builders.COMMUNE,
        "points": corners,
        "members.0.name": "Hộ một",
        "key": new_id(),
    }
    path = "/console/registry/growing-areas/new"
    answer = await post(browser, path, form)
    assert answer.status_code == 303, answer.text
    record = await registry.record("growing-areas", answer.headers["location"].split("/")[-1])
    assert len(record["draft"]["boundary"]["coordinates"][0]) == 5
    edit = (await browser.get(answer.headers["location"] + "/edit")).text
    assert corners.splitlines()[0] in edit
    # A file that is none leaves everything typed where it was.
    lie = {"geojson": ("vuon.geojson", b"\xff\xfe", "application/json")}
    answer = await post(browser, path, {**form, "key": new_id()}, files=lie)
    assert answer.status_code == 422
    assert "Vườn na" in answer.text
    assert 'href="#f-geojson"' in answer.text


async def test_a_file_is_read_into_the_form_even_where_another_field_is_wrong(
    registry: Registry,
) -> None:
    facility = await registry.a_facility()
    browser = registry.browser(registry.operator(facility["id"]))
    import json

    data = json.dumps({"type": "Polygon", "coordinates": [square()]}).encode()
    form = {"name": "Vườn", "kind": "growing", "crop": "Na", "commune": "00000", "key": new_id()}
    answer = await post(
        browser,
        "/console/registry/growing-areas/new",
        form,
        files={"geojson": ("v.geojson", data, "application/json")},
    )
    assert answer.status_code == 422
    assert "21.0" in answer.text
    ok(await registry.get("/growing-areas", registry.operator(facility["id"])))


async def test_files_without_measure_are_refused_and_nothing_typed_is_lost(
    registry: Registry,
) -> None:
    facility = await registry.a_facility()
    browser = registry.browser(registry.operator(facility["id"]))
    form = {"name": "Vườn giữ lại", "kind": "growing", "crop": "Na", "key": new_id()}
    deep = b"[" * 200_000
    large = b'{"type":"Polygon","coordinates":[[' + b"[106.5,21.1]," * 40_000 + b"[1,2]]]}"
    for data in (deep, large, b"", b"null", b'{"type":"Polygon","coordinates":null}'):
        answer = await post(
            browser,
            "/console/registry/growing-areas/new",
            {**form, "commune": "00000"},
            files={"geojson": ("v.geojson", data, "application/json")},
        )
        assert answer.status_code in (413, 422), (data[:20], answer.status_code)
        if answer.status_code == 422:
            assert "Vườn giữ lại" in answer.text


async def test_a_boundary_nested_without_end_is_no_fault_of_the_server(registry: Registry) -> None:
    facility = await registry.a_facility()
    body = '{"boundary":' + '{"geometry":' * 20_000 + "1" + "}" * 20_000 + "}"
    for content in (body, body.replace("boundary", "name")):
        answer = await registry.client.post(
            f"{API}/growing-areas",
            content=content,
            headers={**bearer(registry.clerk()), "Content-Type": "application/json"},
        )
        assert 400 <= answer.status_code < 500, answer.text
    whole = area(facility_id=facility["id"]) | {
        "boundary": {"type": "Polygon", "coordinates": [[[10**400, 21], *square()]]}
    }
    refused(await registry.post("/growing-areas", whole, registry.clerk()), 422, "boundary_invalid")
