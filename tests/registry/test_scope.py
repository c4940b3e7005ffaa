"""Another facility's drafts do not exist: not by any address of the API, not by any page."""

import re
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest

from services.registry import pages
from services.registry.pages.public.files import router as files
from services.registry.printing.filled_forms import OfFacility
from shared.web.routes import all_routes
from tests.answers import ok, refused
from tests.registry import builders
from tests.registry.conftest import Registry
from tests.tokens import bearer

PARTS = {"{decision}": ("accept", "publish", "reject"), "{name}": tuple(OfFacility)}
WORDS = ("facilities", "products", "growing-areas", "lots")


@pytest.fixture(scope="module")
async def foreign(registry: Registry) -> dict[str, str]:
    """Drafts of a facility that the askers below have nothing to do with."""
    facility = await registry.a_facility()
    product = await registry.a_product(facility["id"])
    operator = registry.operator(facility["id"])
    draft = await registry.entered("products", builders.product(name="BÍ MẬT"), operator)
    area = await registry.entered("growing-areas", builders.growing_area(), operator)
    lot = await registry.entered(
        "lots", builders.lot(product["id"], entries=builders.diary()), operator
    )
    return {
        "facilities": facility["id"],
        "products": draft["id"],
        "growing-areas": area["id"],
        "lots": lot["id"],
    }


def addresses(registry: Registry) -> Iterator[tuple[str, str, str]]:
    """Method, word and address of every route that names a record, from the application itself."""
    for path, operations in registry.app.openapi()["paths"].items():
        if "{record_id}" in path:
            for method in operations:
                yield from _filled(method.upper(), path)
    for route in all_routes(pages.router):
        if "{record_id}" in route.path and "/console/" in route.path:
            for method in route.methods - {"HEAD"}:
                yield from _filled(method, route.path)


def _filled(method: str, path: str) -> Iterator[tuple[str, str, str]]:
    words = WORDS if re.search(r"{kind}|{word}", path) else [w for w in WORDS if f"/{w}/" in path]
    for word in words:
        filled = path.replace("{kind}", word).replace("{word}", word)
        choices = [[(part, one) for one in some] for part, some in PARTS.items() if part in filled]
        for chosen in product(*choices):
            address = filled
            for part, one in chosen:
                address = address.replace(part, one)
            yield method, word, address


def body_for(path: str) -> dict[str, Any]:
    """A right body, so that only the scope can be what refuses."""
    if path.endswith("/decisions"):
        return {"decision": "accept", "version": 1}
    if path.endswith(("/submit", "/remove")):
        return {"version": 1}
    if path.endswith(("/stop", "/resume", "/withdraw")):
        return {"reason": "Thử xem có được không"}
    if path.endswith("/inspections"):
        about = {"team": "Đoàn số 2", "findings": "Thử xem", "result": "passed"}
        return {"on": "2026-09-10", "kind": "planned", **about}
    if path.endswith("/revenue"):
        return {"month": "2026-10", "amount": 1}
    if path.endswith("/entries"):
        return builders.entry("storing", "2026-08-20")
    if path.endswith("/tests"):
        return builders.laboratory()
    return {
        "facilities": builders.facility(version=1),
        "products": builders.product(version=1),
        "growing-areas": builders.growing_area(version=1),
        "lots": builders.lot("x", version=1),
    }[path.split("/")[4]]


async def test_no_address_of_the_api_gives_away_or_changes_a_foreign_draft(
    registry: Registry, foreign: dict[str, str]
) -> None:
    askers = [
        registry.operator("another-facility"),
        registry.token("facility", "system", "operate", "produce", facility="x", communes=[]),
        registry.clerk(builders.OTHER_COMMUNE),
        registry.checker(builders.OTHER_COMMUNE),
        registry.token("commune", "approve", communes=[builders.OTHER_COMMUNE]),
        registry.token("department", "approve", sector="health"),
    ]
    tried = 0
    for method, word, template in addresses(registry):
        if not template.startswith("/api/"):
            continue
        path = template.format(record_id=foreign[word], entry_id="1234567890")
        for token in askers:
            body = None if method == "GET" else body_for(path)
            answer = await registry.client.request(method, path, headers=bearer(token), json=body)
            refused(answer, 404, "not_found")
            assert "BÍ MẬT" not in answer.text
            tried += 1
    assert tried >= 150


async def test_no_page_of_the_console_shows_or_changes_a_foreign_draft(
    registry: Registry, foreign: dict[str, str]
) -> None:
    tried = 0
    for token in (registry.operator("another-facility"), registry.checker(builders.OTHER_COMMUNE)):
        browser = registry.browser(token)
        csrf = await registry.csrf(browser)
        for method, word, template in addresses(registry):
            if template.startswith("/api/"):
                continue
            path = template.format(
                record_id=foreign[word], entry_id="1234567890", number=1, test_id="1234567890"
            )
            form = {"csrf": csrf, "version": "1", "reason": "Thử xem", "step": "storing"}
            sent = None if method == "GET" else form
            answer = await browser.request(method, path, data=sent)
            assert answer.status_code == 404, (method, path, answer.status_code)
            assert "BÍ MẬT" not in answer.text
            tried += 1
        await browser.aclose()
    assert tried >= 60


@pytest.mark.parametrize("word", WORDS)
async def test_lists_hold_only_what_lies_in_scope(
    registry: Registry, foreign: dict[str, str], word: str
) -> None:
    for token in (
        registry.operator("another-facility"),
        registry.checker(builders.OTHER_COMMUNE),
        registry.token("department", "approve", sector="health"),
    ):
        answer = ok(await registry.get(f"/{word}", token))
        assert foreign[word] not in [item["id"] for item in answer["items"]]
        browser = registry.browser(token)
        assert foreign[word] not in (await browser.get(f"/console/registry/{word}")).text
        await browser.aclose()
    own = ok(await registry.get(f"/{word}?q=", registry.operator(foreign["facilities"])))
    assert foreign[word] in [item["id"] for item in own["items"]]


WIDE: dict[str, tuple[str, ...]] = {
    "kind": WORDS,
    "word": WORDS,
    "format": ("csv",),
    "name": ("units",),
}


def wide_addresses(registry: Registry) -> Iterator[str]:
    """Every address that is read and names no record: lists, exports, figures, forms, searches."""
    paths = [p for p, ways in registry.app.openapi()["paths"].items() if "get" in ways]
    paths += [r.path_format for r in all_routes(pages.router) if "GET" in r.methods]
    for path in sorted(set(paths)):
        parts = re.findall(r"{(\w+)(?::\w+)?}", path)
        if set(parts) <= set(WIDE):
            for values in product(*(WIDE[part] for part in parts)):
                yield re.sub(r":\w+}", "}", path).format(**dict(zip(parts, values, strict=True)))


async def test_nothing_that_is_listed_counted_searched_or_exported_holds_a_foreign_draft(
    registry: Registry, foreign: dict[str, str]
) -> None:
    secrets = {"BÍ MẬT", foreign["products"], foreign["growing-areas"], foreign["lots"]}
    owner = ok(await registry.get("/products", registry.operator(foreign["facilities"])))
    assert "BÍ MẬT" in str(owner)
    told = 0
    for token in (
        registry.operator("another-facility"),
        registry.checker(builders.OTHER_COMMUNE),
        registry.token("department", "approve", sector="health"),
        "",
    ):
        browser = registry.browser(token, **(bearer(token) if token else {}))
        for path in wide_addresses(registry):
            if not token and path.startswith("/console"):
                continue  # Nobody is shown anything there.
            for query in ("", "?q=b%C3%AD+m%E1%BA%ADt", f"?facility_id={foreign['facilities']}"):
                answer = await browser.get(path + query)
                assert answer.status_code < 500, path
                if answer.status_code == 200:
                    # What was searched for is shown again, which gives nothing away.
                    text = answer.text.replace("bí mật", "")
                    assert not [one for one in secrets if one in text], (path, query)
                    told += 1
        await browser.aclose()
    assert told >= 150


@pytest.mark.parametrize("word", ["facilities", "products", "growing-areas"])
async def test_a_draft_has_no_public_page(
    registry: Registry, foreign: dict[str, str], word: str
) -> None:
    if word == "facilities":
        entered = await registry.entered("facilities", builders.facility(), registry.clerk())
        record_id = entered["id"]
    else:
        record_id = foreign[word]
    assert (await registry.client.get(f"/{word}/{record_id}")).status_code == 404


async def test_a_facility_enters_nothing_for_another(
    registry: Registry, foreign: dict[str, str]
) -> None:
    operator = registry.operator("another-facility")
    body = builders.product(facility_id=foreign["facilities"])
    refused(await registry.post("/products", body, operator), 404, "not_found")
    picture = await registry.upload(builders.picture(), foreign["facilities"], operator)
    refused(picture, 404, "not_found")


async def test_an_official_enters_no_facility_outside_of_the_own_area_or_sector(
    registry: Registry,
) -> None:
    outside = builders.facility(commune=builders.OTHER_COMMUNE)
    refused(await registry.post("/facilities", outside, registry.clerk()), 404, "not_found")
    health = registry.clerk(sector="health")
    refused(await registry.post("/facilities", builders.facility(), health), 404, "not_found")


async def test_a_facility_moves_to_another_commune_only_by_who_answers_for_both(
    registry: Registry,
) -> None:
    facility = await registry.a_facility()
    body = builders.facility(commune=builders.OTHER_COMMUNE, version=facility["version"])
    path = f"/facilities/{facility['id']}"
    refused(await registry.put(path, body, registry.clerk()), 404, "not_found")
    ok(await registry.put(path, body, registry.operator(facility["id"])))
    await registry.submitted("facilities", facility["id"], registry.operator(facility["id"]))
    for commune in (builders.COMMUNE, builders.OTHER_COMMUNE):
        checker = registry.checker(commune)
        refused(
            await registry.decide("facilities", facility["id"], "accept", checker),
            404,
            "not_found",
        )
    unit = registry.token("unit", "check")
    ok(await registry.decide("facilities", facility["id"], "accept", unit))
    ok(await registry.decide("facilities", facility["id"], "publish", registry.approver()))
    moved = registry.clerk(builders.OTHER_COMMUNE)
    ok(await registry.get(path, moved))
    refused(await registry.get(path, registry.clerk()), 404, "not_found")


async def test_its_records_follow_a_facility_to_its_new_name_and_commune(
    registry: Registry,
) -> None:
    facility = await registry.a_facility()
    product = await registry.a_product(facility["id"])
    body = builders.facility(
        name="Tên mới của cơ sở", commune=builders.OTHER_COMMUNE, version=facility["version"]
    )
    ok(await registry.put(f"/facilities/{facility['id']}", body, registry.operator(facility["id"])))
    await registry.submitted("facilities", facility["id"], registry.operator(facility["id"]))
    unit = registry.token("unit", "check")
    ok(await registry.decide("facilities", facility["id"], "accept", unit))
    ok(await registry.decide("facilities", facility["id"], "publish", registry.approver()))
    moved = ok(
        await registry.get(f"/products/{product['id']}", registry.clerk(builders.OTHER_COMMUNE))
    )
    assert moved["facility_name"] == "Tên mới của cơ sở"
    page = (await registry.client.get("/products?q=ten+moi+cua+co+so")).text
    assert product["id"] in page


@pytest.mark.parametrize(
    ("tier", "kind"),
    [
        ("facility", "report"),
        ("commune", "report"),
        ("department", "report"),
        ("province", "system"),
    ],
)
async def test_who_may_only_read_changes_nothing(
    registry: Registry, foreign: dict[str, str], tier: str, kind: str
) -> None:
    claims = {"facility": foreign["facilities"], "communes": []} if tier == "facility" else {}
    token = registry.token(tier, kind, **claims)
    body = builders.product(facility_id=foreign["facilities"])
    refused(await registry.post("/products", body, token), 403, "forbidden")
    edit = builders.product(version=1)
    answer = await registry.put(f"/products/{foreign['products']}", edit, token)
    refused(answer, 403, "forbidden")
    assert ok(await registry.get(f"/products/{foreign['products']}", token))


async def test_without_a_token_the_api_is_closed_and_a_page_asks_to_sign_in(
    registry: Registry,
) -> None:
    refused(await registry.client.get("/api/registry/v1/products"), 401, "unauthenticated")
    page = await registry.client.get("/console/registry/products")
    assert page.status_code == 307
    assert page.headers["location"].startswith("/session/refresh?next=")


def test_files_are_served_by_the_routes_that_are_tested_and_no_other() -> None:
    """Pictures above; scanned documents in test_certificates.py."""
    assert [route.path for route in all_routes(files)] == [
        "/media/documents/{document_id}",
        "/media/{name}",
    ]
