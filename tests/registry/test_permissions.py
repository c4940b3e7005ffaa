"""Every tier and kind at every address of registry: let in or refused as the matrix says (R17).

The table stands in `access_table.py`. It is complete: it is compared with the application's routes,
so that a new address, of the API or of a page, is refused here until somebody says who may use it.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from services.identity.tiers import tiers
from services.registry import pages
from shared.permissions import matrix
from shared.web.routes import all_routes
from tests.registry import access_world, builders
from tests.registry.access_pages import OPEN, PAGES
from tests.registry.access_table import API, PUBLIC, SIGNED_IN, Cell
from tests.registry.access_world import World
from tests.registry.conftest import API as BASE
from tests.registry.conftest import Registry
from tests.tokens import bearer

ROLES = [(tier.name, kind) for tier in tiers().values() for kind in tier.kinds]
# What an act answers to whoever may do it: done, or not as things stand.
LET_IN = {200, 201, 202, 204, 303, 409, 413, 422}


@pytest.fixture(scope="module")
async def world(registry: Registry) -> World:
    return await access_world.made(registry)


@pytest.fixture(scope="module")
def tokens(registry: Registry, world: World) -> dict[tuple[str, str], str]:
    """One account of every tier and kind, in whose scope the world lies."""
    found = {}
    for tier, kind in ROLES:
        is_facility = tiers()[tier].facility
        where: dict[str, Any] = {"communes": ["*"]}
        if is_facility:
            where = {"communes": [], "facility": world.facility_id}
        elif tier in ("commune", "district"):
            where = {"communes": [builders.COMMUNE]}
        found[tier, kind] = registry.token(tier, kind, account=f"{tier}-{kind}", **where)
    return found


def named(action: str, tier: str, kind: str) -> bool:
    """What the matrix says, read without the code under test."""
    pairs = {(tier, kind), (tier, "*"), ("*", kind), ("*", "*")}
    return not pairs.isdisjoint(matrix()[action].who)


def expected(cell: Cell, tier: str, kind: str) -> set[int]:
    """The statuses that may be answered: let in, forbidden, or as if there were no such thing."""
    facility = tiers()[tier].facility
    if cell.action in (SIGNED_IN, PUBLIC):
        return {cell.facility} if facility and cell.facility else LET_IN
    actions = cell.action.split(" or ")
    mine = [one for one in actions if named(one, tier, kind)]
    if not mine or (cell.also and not named(cell.also, tier, kind)):
        return {403, 404} if facility or cell.gone else {403}
    if facility and cell.facility:
        return {cell.facility}
    if cell.gone:
        return {404}
    reach = {"none", "own", "own|area"} if facility else {"none", "area", "own|area"}
    return LET_IN if any(matrix()[one].scope in reach for one in mine) else {403, 404}


def cases(table: dict[str, tuple[Cell, ...]]) -> Iterator[Any]:
    for address, cells in table.items():
        for number, cell in enumerate(cells):
            yield pytest.param(address, cell, id=f"{address} {number} {cell.action}")


@pytest.mark.parametrize(("address", "cell"), list(cases(API)))
async def test_every_tier_and_kind_is_let_in_at_the_api_as_the_matrix_says(
    world: World, tokens: dict[tuple[str, str], str], address: str, cell: Cell
) -> None:
    method, _, template = address.partition(" ")
    path = BASE + world.path(template, cell)
    before = await world.undo(cell, None)
    for (tier, kind), token in tokens.items():
        body = world.body(cell)
        more: dict[str, Any] = {"json": body} if body is not None else {}
        if cell.files:
            more = {"files": cell.files, "data": body or {}}
        answer = await world.registry.client.request(method, path, headers=bearer(token), **more)
        await world.undo(cell, before)
        wanted = expected(cell, tier, kind)
        assert answer.status_code in wanted, f"{tier}:{kind} {answer.status_code} {answer.text}"
    nobody = await world.registry.client.request(method, path)
    assert nobody.status_code == 401


@pytest.mark.parametrize(("address", "cell"), list(cases(PAGES)))
async def test_every_tier_and_kind_is_let_in_at_the_pages_as_the_matrix_says(
    world: World, tokens: dict[tuple[str, str], str], address: str, cell: Cell
) -> None:
    method, _, template = address.partition(" ")
    path = world.path(template, cell)
    before = await world.undo(cell, None)
    for (tier, kind), token in tokens.items():
        async with world.registry.browser(token) as browser:
            more: dict[str, Any] = {}
            if method == "POST":
                csrf = await world.registry.csrf(browser)
                more = {"data": {"csrf": csrf, **(world.body(cell) or {})}}
                if cell.files:
                    more["files"] = cell.files
            answer = await browser.request(method, path, **more)
        await world.undo(cell, before)
        wanted = expected(cell, tier, kind)
        said = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))[-600:]
        assert answer.status_code in wanted, f"{tier}:{kind} {answer.status_code} {said}"
    async with world.registry.browser() as stranger:
        if method == "GET":
            sent_away = await stranger.get(path)
            assert sent_away.status_code == 307
            assert sent_away.headers["location"].startswith("/session/refresh")


def test_no_address_of_the_api_is_missing_in_the_table(registry: Registry) -> None:
    told = set()
    for path, methods in registry.app.openapi()["paths"].items():
        if path.startswith(BASE):
            told |= {f"{method.upper()} {path.removeprefix(BASE)}" for method in methods}
    assert told - set(API) == set(), "say in tests/registry/access_table.py who may use these"
    assert set(API) - told == set()


def test_no_page_is_missing_in_the_table() -> None:
    told = set()
    for route in all_routes(pages.router):
        told |= {f"{method} {route.path}" for method in route.methods - {"HEAD"}}
    known = set(PAGES) | set(OPEN)
    assert told - known == set(), "say in tests/registry/access_pages.py who may use these"
    assert known - told == set()


def test_what_needs_no_account_is_public_or_has_a_key_of_its_own() -> None:
    """The open addresses do not grow unseen: pages of what is published, the transporter's, and
    those of whoever asks a facility."""
    started = ("/products", "/facilities", "/growing-areas/", "/inquiries", "/news", "/media/",
               "/transport/", "/robots.txt", "/sitemap")  # fmt: skip
    paths = [address.split(" ")[1] for address in OPEN]
    assert all(path == "/" or path.startswith(started) for path in paths)
    assert not any("/console/" in address for address in OPEN)
