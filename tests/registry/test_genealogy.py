"""Both directions of a lot's genealogy, to any depth, as a picture, a list and by the API."""

from typing import Any
from xml.etree import ElementTree

import pytest

from shared.ids import new_id
from tests.answers import ok, refused
from tests.registry.conftest import Registry
from tests.registry.test_lots import farm as farm  # noqa: PLC0414 - the fixture of that module


@pytest.fixture(scope="module")
async def chain(registry: Registry, farm: dict[str, str]) -> list[dict[str, Any]]:
    """Seven lots, each made from the one before."""
    lots: list[dict[str, Any]] = []
    for _ in range(7):
        inputs = [lots[-1]["id"]] if lots else []
        lots.append(await registry.a_lot(farm["id"], farm["product"], inputs=inputs))
    return lots


async def test_a_lot_is_followed_to_its_first_origin_and_its_last_descendant(
    registry: Registry, farm: dict[str, str], chain: list[dict[str, Any]]
) -> None:
    operator = registry.operator(farm["id"])
    found = ok(await registry.get(f"/lots/{chain[3]['id']}/genealogy", operator))
    assert (found["before"], found["after"]) == (3, 3)
    told = [(row["id"], row["step"]) for row in found["items"]]
    steps = [-3, -2, -1, 1, 2, 3]
    others = [*chain[:3], *chain[4:]]
    assert told == [(lot["id"], step) for lot, step in zip(others, steps, strict=True)]


async def test_a_lot_that_goes_in_by_two_ways_is_told_once(
    registry: Registry, farm: dict[str, str]
) -> None:
    root = await registry.a_lot(farm["id"], farm["product"])
    sides = [
        await registry.a_lot(farm["id"], farm["product"], inputs=[root["id"]]) for _ in range(2)
    ]
    both = [lot["id"] for lot in sides]
    last = await registry.a_lot(farm["id"], farm["product"], inputs=[root["id"], *both])
    found = ok(await registry.get(f"/lots/{root['id']}/genealogy", registry.operator(farm["id"])))
    assert found["after"] == 3
    assert [row["id"] for row in found["items"]].count(last["id"]) == 1


def drawn_in(page: str) -> str:
    """The picture's own SVG; icons are others."""
    start = page.index('<svg role="img"')
    return page[start : page.index("</svg>", start) + len("</svg>")]


async def test_the_page_draws_what_is_near_and_lists_all_with_links_to_go_on(
    registry: Registry, farm: dict[str, str], chain: list[dict[str, Any]]
) -> None:
    browser = registry.browser(registry.operator(farm["id"]))
    address = f"/console/registry/lots/{chain[0]['id']}/genealogy"
    page = (await browser.get(address)).text
    picture = ElementTree.fromstring(drawn_in(page))
    titles = "".join(picture.itertext())
    assert chain[3]["code"] in titles
    assert chain[4]["code"] not in titles
    assert "6 lô làm ra" in str(picture.get("aria-label"))
    assert all(lot["code"] in page for lot in chain)
    assert f"/console/registry/lots/{chain[6]['id']}/genealogy" in page
    deeper = (await browser.get(f"{address}?depth=6")).text
    assert chain[6]["code"] in drawn_in(deeper)


async def test_a_lot_alone_says_so(registry: Registry, farm: dict[str, str]) -> None:
    lot = await registry.a_lot(farm["id"], farm["product"])
    browser = registry.browser(registry.operator(farm["id"]))
    page = (await browser.get(f"/console/registry/lots/{lot['id']}/genealogy")).text
    assert "Lô này chưa nối với lô nào" in page


async def test_the_genealogy_of_anothers_lot_is_not_found(
    registry: Registry, chain: list[dict[str, Any]]
) -> None:
    stranger = registry.operator(new_id())
    refused(await registry.get(f"/lots/{chain[0]['id']}/genealogy", stranger), 404, "not_found")
    page = await registry.browser(stranger).get(
        f"/console/registry/lots/{chain[0]['id']}/genealogy"
    )
    assert page.status_code == 404
