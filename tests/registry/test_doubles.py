"""Programs are told whom a facility under review may repeat, within the scope of its page."""

from typing import Any

from shared.ids import new_id
from tests.answers import ok, refused
from tests.registry import builders
from tests.registry.conftest import Registry


async def test_a_draft_that_repeats_a_facility_is_told_of_until_it_is_settled(
    registry: Registry,
) -> None:
    name = f"Hợp tác xã Bưởi Diễn {new_id()[-6:]}"
    known = await registry.a_facility(name=name, address="Thôn Khe Sím")
    typed = builders.facility(tax_number="", name=name.upper(), address="Thôn Khe Sím")
    draft = await registry.entered("facilities", typed, registry.clerk())
    path = f"/facilities/{draft['id']}/doubles"
    found: list[dict[str, Any]] = ok(await registry.get(path, registry.checker()))["items"]
    told = [one for one in found if one["id"] == known["id"]]
    assert [(one["reason"], one["public"]) for one in told] == [("similar_name", False)]
    assert draft["id"] not in {one["id"] for one in found}
    page = await registry.browser(registry.checker()).get(
        f"/console/registry/facilities/{draft['id']}"
    )
    assert known["code"] in page.text, "as its page tells"
    refused(await registry.get(path, registry.checker("06715")), 404, "not_found")
    stranger = registry.operator((await registry.a_facility())["id"])
    refused(await registry.get(path, stranger), 404, "not_found")
    await registry.carried_through("facilities", draft["id"], registry.clerk())
    found = ok(await registry.get(path, registry.checker()))["items"]
    assert known["id"] not in {one["id"] for one in found}


async def test_the_same_tax_number_is_told_within_ones_area_and_publicly_beyond_it(
    registry: Registry,
) -> None:
    number = "0100233488012"
    place = builders.OTHER_COMMUNE
    far = builders.facility(commune=place, name=f"Cơ sở xa {new_id()[-6:]}", tax_number=number)
    entered = await registry.entered("facilities", far, registry.clerk(place))
    await registry.submitted("facilities", entered["id"], registry.clerk(place))
    ok(await registry.decide("facilities", entered["id"], "accept", registry.checker(place)))
    ok(await registry.decide("facilities", entered["id"], "publish", registry.approver()))
    here = builders.facility(name=f"Cơ sở gần {new_id()[-6:]}", tax_number=number)
    draft = await registry.entered("facilities", here, registry.clerk())
    path = f"/facilities/{draft['id']}/doubles"

    async def told(token: str) -> dict[str, tuple[str, bool]]:
        rows = ok(await registry.get(path, token))["items"]
        return {one["id"]: (one["reason"], one["public"]) for one in rows}

    assert (await told(registry.checker())).get(entered["id"]) == (
        "same_tax_number_elsewhere",
        True,
    )
    assert (await told(registry.approver())).get(entered["id"]) == ("same_tax_number", False)
    assert entered["id"] not in await told(registry.operator(draft["id"]))
