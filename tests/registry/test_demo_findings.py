"""The demo province's lots that truth checks find something in: one waits, one is published."""

from collections.abc import AsyncIterator
from math import inf

import pytest_asyncio

from deploy.demo import truth
from deploy.demo.client import Account, Api
from shared.days import local_day
from shared.ids import now
from tests.answers import ok
from tests.in_process import served
from tests.registry import builders
from tests.registry.conftest import Registry


@pytest_asyncio.fixture(scope="module")
async def api(registry: Registry) -> AsyncIterator[Api]:
    async with served(registry.app) as address, Api(address) as found:
        yield found


def signed_in(api: Api, token: str) -> Account:
    return Account(api, "somebody", "", _token=token, _until=inf)


async def test_one_lot_waits_and_one_is_published_with_a_reason_however_often_it_is_run(
    registry: Registry, api: Api
) -> None:
    facility = await registry.a_facility()
    product = await registry.a_product(facility["id"], net_content="500 g")
    today = local_day(now())
    season = {"name": "Năm", "starts_on": f"{today.year}-01-01", "ends_on": f"{today.year}-12-31"}
    area = await registry.published(
        "growing-areas",
        builders.growing_area(facility_id=facility["id"], seasons=[season], species="vegetables"),
    )
    scene = truth.Scene(
        facility=facility["id"],
        product=product["id"],
        area=area["id"],
        enters=signed_in(api, registry.operator(facility["id"])),
        overrides=signed_in(api, registry.approver()),
        today=today,
    )
    made = await truth.findings(scene)
    assert await truth.findings(scene) == made
    lots = ok(await registry.get(f"/lots?facility_id={facility['id']}", registry.approver()))
    assert sorted(one["state"] for one in lots["items"]) == ["published", "submitted"]
    found = ok(await registry.get(f"/lots/{made}/findings", registry.checker()))
    assert found["decided"][0]["override"] == truth.OVERRIDE
    waiting = next(one for one in lots["items"] if one["state"] == "submitted")
    found = ok(await registry.get(f"/lots/{waiting['id']}/findings", registry.checker()))
    assert [one["effect"] for one in found["now"]] == ["block"]
