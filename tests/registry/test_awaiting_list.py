"""What waits for an account is told to programs as the console's first page shows it (R17)."""

import re
from datetime import timedelta
from typing import Any

import pytest

from shared.days import local_day
from shared.ids import new_id, now
from tests.answers import ok
from tests.registry import builders
from tests.registry.conftest import Registry
from tests.registry.test_certificates import paper


@pytest.fixture(scope="module")
async def waiting(registry: Registry) -> dict[str, Any]:
    """A product sent in by its facility, one sent back to it, and one that is only begun."""
    facility = await registry.a_facility()
    operator = registry.operator(facility["id"])
    found: dict[str, Any] = {"facility": facility["id"], "operator": operator}
    for name in ("sent", "returned", "begun"):
        body = builders.product(name=f"Na {name} {new_id()[-6:]}")
        found[name] = (await registry.entered("products", body, operator))["id"]
    for name in ("sent", "returned"):
        await registry.submitted("products", found[name], operator)
    why = {"reason": "Thiếu ảnh nhãn"}
    ok(await registry.decide("products", found["returned"], "reject", registry.checker(), **why))
    return found


async def told(registry: Registry, token: str) -> dict[tuple[str, str], list[str]]:
    """By act and kind the ids of the oldest; the counts fit them."""
    found = ok(await registry.get("/awaiting", token))
    listed = {}
    for task in found["records"]:
        ids = [one["id"] for one in task["oldest"]]
        assert task["count"] >= len(ids) > 0
        listed[task["waiting"], task["kind"]] = ids
    return listed


async def test_each_finds_there_what_it_may_do_and_nothing_else(
    registry: Registry, waiting: dict[str, Any]
) -> None:
    of_facility = await told(registry, waiting["operator"])
    assert of_facility[("back", "products")] == [waiting["returned"]]
    assert of_facility[("draft", "products")] == [waiting["begun"]]
    assert not any(act in ("check", "publish") for act, _ in of_facility)
    of_checker = await told(registry, registry.checker())
    assert waiting["sent"] in of_checker[("check", "products")]
    assert not any(act in ("publish", "draft") for act, _ in of_checker)
    assert ("check", "products") not in await told(registry, registry.approver())


async def test_outside_ones_scope_nothing_waits(
    registry: Registry, waiting: dict[str, Any]
) -> None:
    strangers = (
        registry.operator("another-facility"),
        registry.checker(builders.OTHER_COMMUNE),
        registry.token("unit", "check", sector="health"),
    )
    for token in strangers:
        found = ok(await registry.get("/awaiting", token))
        assert found["records"] == []
        assert waiting["facility"] not in str(found)


async def test_the_counts_are_those_of_the_first_page(
    registry: Registry, waiting: dict[str, Any]
) -> None:
    for token in (waiting["operator"], registry.checker(), registry.approver()):
        found = ok(await registry.get("/awaiting", token))
        async with registry.browser(token) as browser:
            page = (await browser.get("/console/registry")).text
        shown = re.findall(r'/(\S+)\?waiting=(\w+)">[^<]+</a> <span class="count">(\d+)<', page)
        listed = [(one["kind"], one["waiting"], str(one["count"])) for one in found["records"]]
        assert sorted(listed) == sorted((path.split("/")[-1], *rest) for path, *rest in shown)


async def test_what_a_record_is_told_with_is_enough_to_decide_on_it(
    registry: Registry, waiting: dict[str, Any]
) -> None:
    body = builders.product(facility_id=waiting["facility"], name="Na chờ quyết định")
    entered = await registry.entered("products", body, waiting["operator"])
    await registry.submitted("products", entered["id"], waiting["operator"])
    checker = registry.checker()
    found = ok(await registry.get("/awaiting", checker))["records"]
    rows = next(one for one in found if one["kind"] == "products")["oldest"]
    row = next(one for one in rows if one["id"] == entered["id"])
    assert (row["name"], row["facility_id"]) == ("Na chờ quyết định", waiting["facility"])
    decision = {"decision": "accept", "version": row["version"]}
    ok(await registry.post(f"/products/{row['id']}/decisions", decision, checker))
    ids = (await told(registry, checker)).get(("check", "products"), [])
    assert entered["id"] not in ids


async def test_a_program_is_told_of_nothing_that_it_was_not_granted(registry: Registry) -> None:
    papers = [paper(local_day(now()) + timedelta(days=3))]
    await registry.a_facility(certificates=papers)

    async def certificates(*granted: str) -> int:
        claims = {"auth_time": None, "amr": None, "scope": " ".join(granted)}
        found = ok(await registry.get("/awaiting", registry.token("client", "read", **claims)))
        assert found["records"] == []
        return int(found["certificates"]["expiring"])

    assert await certificates("facility.read", "unit.read") >= 1
    assert await certificates("unit.read") == 0
