"""No form of registry loses what was typed, whoever sends it and however."""

import time

import httpx2
import pytest

from tests.every_form import complaints
from tests.form_pages import Walk, posted_to, walked
from tests.registry.access_world import World, made
from tests.registry.conftest import Registry
from tests.registry.form_world import addresses

pytestmark = pytest.mark.timeout(1800)
C = "/console/registry"


@pytest.fixture(scope="module")
async def world(registry: Registry) -> World:
    return await made(registry)


@pytest.fixture(scope="module")
async def browsers(registry: Registry, world: World) -> dict[str, httpx2.AsyncClient]:
    lasting = {"exp": int(time.time()) + 7200}
    official = {"communes": ["*"], "sector": "*", **lasting}
    people = {
        "operator": registry.operator(world.facility_id, **lasting),
        "official": registry.token("unit", "check", "operate", **official),
        "approver": registry.approver(**lasting),
        "anybody": "",
    }
    return {name: registry.browser(token) for name, token in people.items()}


@pytest.fixture(scope="module")
async def walk(registry: Registry, world: World, browsers: dict[str, httpx2.AsyncClient]) -> Walk:
    at = f"?facility_id={world.facility_id}"
    kinds = ("facilities", "products", "growing-areas", "lots")
    acts = ("split", "merge", "collect", "process")
    area, lot = world.records["growing-areas"], world.records["lots"]
    seeds = [
        C,
        *(f"{C}/{kind}/{world.records[kind]}" for kind in kinds),
        *(f"{C}/{kind}/{world.records[kind]}/edit" for kind in kinds),
        *(f"{C}/{kind}/new{at}" for kind in kinds),
        *(f"{C}/transformations/new{at}&kind={kind}" for kind in acts),
        f"{C}/growing-areas/{area}/diary/new?step=planting",
        f"{C}/lots/{lot}/tests/{world.ids['test_id']}",
        f"{C}/facilities/{world.ids['draft']}",
        f"{C}/products/{world.ids['draft_product']}",
        f"{C}/known-facilities/{world.ids['known_id']}/edit",
        f"{C}/shipments/{world.ids['incoming']}",
        f"{C}/shipments/new{at}",
        f"{C}/receipts/new{at}",
        f"{C}/stock/{world.ids['lot_id']}{at}",
        f"{C}/recordings{at}",
        f"{C}/recordings/{world.ids['recording_id']}",
        f"{C}/examinations/{world.ids['examination_id']}",
        f"{C}/inspections/{world.ids['inspection_id']}",
        f"{C}/inspections/{world.ids['inspection_id']}/edit",
        *(f"{C}/facilities/{world.facility_id}/{part}" for part in ("circulation", "papers")),
        f"{C}/imports/{world.ids['import_id']}",
        f"{C}/catalogues/supplies/changes/{world.ids['change_id']}",
        f"/facilities/{world.facility_id}/inquiry",
        "/inquiries",
    ]
    more = await addresses(registry, world)
    # Recall goes on with what an inspection found (tests/recall/test_violations.py).
    further = ["/console/recall/violations/new"]
    return await walked(registry.app, browsers, [*more, *seeds], elsewhere=further)


async def test_every_form_comes_back_with_what_was_typed_and_what_is_wrong(
    registry: Registry, browsers: dict[str, httpx2.AsyncClient], walk: Walk
) -> None:
    stranger, origin = registry.browser(), registry.settings.public_origin
    wrong = await complaints(walk, browsers, stranger, origin)
    assert not wrong, "\n" + "\n".join(wrong)


# A button on identity's page, which brings what an application says (test_handed_over.py).
ELSEWHERE = {f"{C}/facilities/from-application"}


def test_no_form_was_left_out(registry: Registry, walk: Walk) -> None:
    left = posted_to(registry.app) - {kind[0] for kind in walk}
    assert sorted(left) == sorted(ELSEWHERE)
