"""Whatever hides another's object is recorded, also off the beaten paths (R10, ADR 14)."""

import re
from typing import Any

import pytest

from shared.ids import new_id
from tests.answers import ok
from tests.refusals_told import refused_addresses
from tests.registry import builders
from tests.registry.conftest import Registry
from tests.registry.test_inquiries import asked, the_one
from tests.registry.test_lots import farm as farm  # noqa: PLC0414 - the fixture of that module

C = "/console/registry"


@pytest.fixture(scope="module")
async def theirs(registry: Registry) -> dict[str, str]:
    """A lot with a result and a draft, an inquiry, of a facility that is not the readers'."""
    facility = await registry.a_facility()
    product = await registry.a_product(facility["id"])
    lot = await registry.a_lot(facility["id"], product["id"])
    owner = registry.operator(facility["id"])
    body = builders.laboratory()
    result = ok(await registry.post(f"/lots/{lot['id']}/tests", body, owner), 201)
    body = builders.lot(product["id"], code=new_id()[-12:])
    draft = await registry.entered("lots", body, owner)
    await asked(registry, facility["id"])
    inquiry = await the_one(registry, facility["id"])
    return {
        "facility": facility["id"],
        "lot": lot["id"],
        "result": result["id"],
        "draft": draft["id"],
        "inquiry": inquiry["id"],
    }


@pytest.fixture(scope="module")
async def mine(registry: Registry) -> dict[str, str]:
    facility = await registry.a_facility()
    product = await registry.a_product(facility["id"])
    lot = await registry.a_lot(facility["id"], product["id"])
    return {"facility": facility["id"], "lot": lot["id"]}


FOREIGN = [
    "/received/{lot}",
    "/recordings?facility_id={facility}",
    "/lots/{my_lot}/tests/{result}",
    "/lots/{my_lot}/tests/{result}/report",
    "/stock/{draft}?facility_id={my_facility}",
]


def named(path: str, theirs: dict[str, str], mine: dict[str, str]) -> str:
    return path.format(**theirs, **{f"my_{name}": value for name, value in mine.items()})


@pytest.mark.parametrize("path", FOREIGN)
async def test_another_s_object_is_answered_404_and_recorded(
    registry: Registry, theirs: dict[str, str], mine: dict[str, str], path: str
) -> None:
    account = new_id()
    browser = registry.browser(registry.operator(mine["facility"], account=account))
    assert (await browser.get(C + named(path, theirs, mine))).status_code == 404
    told = await refused_addresses(registry.db, account)
    assert len(told) == 1, told
    assert told[0].startswith(C + re.split(r"/?[{?]", path, maxsplit=1)[0])


@pytest.mark.parametrize("path", FOREIGN)
async def test_what_does_not_exist_is_no_entry(
    registry: Registry, mine: dict[str, str], path: str
) -> None:
    nothing = {name: new_id() for name in ("facility", "lot", "result", "draft")}
    account = new_id()
    browser = registry.browser(registry.operator(mine["facility"], account=account))
    assert (await browser.get(C + named(path, nothing, mine))).status_code == 404
    assert await refused_addresses(registry.db, account) == []


async def test_one_s_own_at_an_address_where_it_is_not_is_no_entry(
    registry: Registry, theirs: dict[str, str]
) -> None:
    account = new_id()
    owner = registry.browser(registry.operator(theirs["facility"], account=account))
    for path in ("/lots/{draft}/tests/{result}", "/stock/{draft}"):
        assert (await owner.get(C + path.format(**theirs))).status_code == 404, path
    token: Any = registry.operator(theirs["facility"], account=account)
    assert (await registry.get(f"/received/{theirs['lot']}", token)).status_code == 404
    assert await refused_addresses(registry.db, account) == []


async def test_an_inquiry_that_nobody_reported_is_not_for_officials_and_that_is_recorded(
    registry: Registry, theirs: dict[str, str]
) -> None:
    account = new_id()
    token: Any = registry.token("commune", "approve", communes=[builders.COMMUNE], account=account)
    assert (await registry.get(f"/inquiries/{theirs['inquiry']}", token)).status_code == 404
    assert (await registry.get(f"/inquiries/{new_id()}", token)).status_code == 404
    told = await refused_addresses(registry.db, account)
    assert told == ["/api/registry/v1/inquiries/{inquiry_id}"]


async def test_an_official_goes_from_a_facility_to_its_recordings_and_no_further(
    registry: Registry, theirs: dict[str, str]
) -> None:
    here = f"{C}/recordings?facility_id={theirs['facility']}"
    official = registry.browser(registry.checker())
    page = (await official.get(f"{C}/facilities/{theirs['facility']}")).text
    assert f'href="{here}"' in page
    listed = await official.get(here)
    assert listed.status_code == 200
    assert "Chưa có video, âm thanh hay tài liệu nào" in listed.text
    assert f'href="{C}/facilities/{theirs["facility"]}"' in listed.text
    assert "Tải lên ở đây" not in listed.text  # A checker enters nothing.
    elsewhere = registry.browser(registry.checker(builders.OTHER_COMMUNE))
    assert (await elsewhere.get(here)).status_code == 404
