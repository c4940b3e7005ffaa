"""Every tier and kind at every address of registry: let in or refused as the matrix says (R17).

The table stands in `access_table.py`. It is complete: it is compared with the application's routes,
so that a new address, of the API or of a page, is refused here until somebody says who may use it.
"""

import pytest

from tests.registry import access_world, builders
from tests.registry.access_pages import OPEN, PAGES
from tests.registry.access_table import API
from tests.registry.access_world import World
from tests.registry.conftest import API as BASE
from tests.registry.conftest import Registry
from tests.roles import (
    Cell,
    Tokens,
    cases,
    missing_in,
    not_there,
    one_of_each,
    sends_strangers_away,
    served,
    tried_by_all,
)

# The table of the API leaves out what all its addresses begin with.
AT_THE_API = {address.replace(" ", f" {BASE}", 1): cells for address, cells in API.items()}
TABLE = {**AT_THE_API, **PAGES}


@pytest.fixture(scope="module")
async def world(registry: Registry) -> World:
    return await access_world.made(registry)


@pytest.fixture(scope="module")
def tokens(registry: Registry, world: World) -> Tokens:
    return one_of_each(registry, world.facility_id, builders.COMMUNE)


@pytest.mark.parametrize(("address", "cell"), list(cases(TABLE)))
async def test_every_tier_and_kind_is_let_in_as_the_matrix_says(
    world: World, tokens: Tokens, address: str, cell: Cell
) -> None:
    method, _, template = address.partition(" ")
    path = f"{method} {world.path(template, cell)}"
    before = await world.undo(cell, None)

    async def undo() -> None:
        await world.undo(cell, before)

    await tried_by_all(world.registry, tokens, path, cell, lambda: world.body(cell), undo)
    await sends_strangers_away(world.registry, path)


def test_no_address_is_missing_in_the_tables(registry: Registry) -> None:
    there = served(registry.app)
    assert missing_in([TABLE, OPEN], there) == set(), "say in access_table.py who may use these"
    assert not_there([TABLE, OPEN], there) == set()


def test_what_needs_no_account_is_public_or_has_a_key_of_its_own() -> None:
    """The open addresses do not grow unseen: pages and lists of what is published, the
    transporter's, and those of whoever asks a facility."""
    started = (f"{BASE}/published/", "/products", "/facilities", "/growing-areas/", "/inquiries",
               "/news", "/media/", "/transport/", "/robots.txt", "/sitemap")  # fmt: skip
    paths = [address.split(" ")[1] for address in OPEN]
    assert all(path == "/" or path.startswith(started) for path in paths)
    assert not any("/console/" in address for address in OPEN)
