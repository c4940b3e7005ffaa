"""Facilities known of but not taking part: counted by authorities, seen by nobody else (R58)."""

from typing import Any

import pytest

from shared.contracts.registry import FacilityKnown
from shared.ids import new_id
from tests.answers import ok, refused
from tests.registry import builders
from tests.registry.conftest import Registry

WORDS = "/known-facilities"
CONSOLE = "/console/registry/known-facilities"


def known(**changes: Any) -> dict[str, Any]:
    return {
        "name": f"Cơ sở giết mổ {new_id()[-6:]}",
        "address": "Tổ 3, khu Vĩnh Tuy",
        "commune": builders.COMMUNE,
        "sector": "agriculture",
        "facility_class": "commitment",
        "kinds": ["slaughter"],
        "phone": "0203 000 1007",
        "source": "Rà soát tháng 6/2026",
        **changes,
    }


async def entered(registry: Registry, **changes: Any) -> dict[str, Any]:
    return ok(await registry.post(WORDS, known(**changes), registry.clerk()), 201)


async def test_it_is_invited_registers_and_takes_part_once_its_record_is_published(
    registry: Registry,
) -> None:
    clerk = registry.clerk()
    one = await entered(registry)
    path = f"{WORDS}/{one['id']}"
    invite = {"step": "invite", "version": 1, "note": "Công văn 12/UBND"}
    assert ok(await registry.post(f"{path}/steps", invite, clerk))["status"] == "invited"
    refused(await registry.post(f"{path}/steps", invite, clerk), 409, "edit_conflict")
    again = await registry.post(f"{path}/steps", invite | {"version": 2}, clerk)
    refused(again, 409, "not_invitable")
    made = ok(await registry.post(f"{path}/conversion", {"version": 2}, clerk), 201)
    assert ok(await registry.get(path, clerk))["status"] == "registering"
    twice = await registry.post(f"{path}/conversion", {"version": 3}, clerk)
    refused(twice, 409, "already_registering")
    draft = (await registry.record("facilities", made["id"]))["draft"]
    assert draft["name"] == one["particulars"]["name"]
    await registry.carried_through("facilities", made["id"], clerk)
    found = ok(await registry.get(path, clerk))
    assert (found["status"], found["facility_id"]) == ("participating", made["id"])
    told = await registry.events(one["id"], FacilityKnown)
    statuses = ["known", "invited", "registering", "participating"]
    assert [event.status for event in told] == statuses
    assert [event.version for event in told] == [1, 2, 3, 4]
    assert one["particulars"]["name"] not in str([event.data() for event in told])


@pytest.mark.parametrize("first", ["known", "facility"])
async def test_one_tax_number_is_on_record_once(registry: Registry, first: str) -> None:
    number = "0101248141"
    if first == "known":
        one = await entered(registry, tax_number=number)
        name = one["particulars"]["name"]
    else:
        number = "0100109106"
        name = f"Cơ sở {new_id()[-6:]}"
        await registry.a_facility(name=name, tax_number=number)
    answer = await registry.post(WORDS, known(tax_number=number), registry.clerk())
    assert name in refused(answer, 409, "tax_number_known")["detail"]


async def test_only_authorities_of_the_area_know_of_it(registry: Registry) -> None:
    one = await entered(registry)
    path = f"{WORDS}/{one['id']}"
    for token in (
        registry.operator("another-facility"),
        registry.clerk(builders.OTHER_COMMUNE),
        registry.token("department", "approve", sector="health"),
    ):
        refused(await registry.get(path, token), 404, "not_found")
        for act, body in (
            ("steps", {"step": "close", "version": 1, "note": "Thử xem"}),
            ("conversion", {"version": 1}),
        ):
            refused(await registry.post(f"{path}/{act}", body, token), 404, "not_found")
        refused(await registry.put(path, known(version=1), token), 404, "not_found")
        listed = await registry.get(WORDS, token)
        if listed.status_code != 403:
            assert one["id"] not in [item["id"] for item in ok(listed)["items"]]
    refused(await registry.get(WORDS, registry.operator("another-facility")), 403, "forbidden")
    refused(await registry.post(WORDS, known(), registry.checker()), 403, "forbidden")
    assert ok(await registry.get(path, registry.checker()))["id"] == one["id"]
    visitor = registry.browser()
    name = one["particulars"]["name"]
    assert name not in (await visitor.get(f"/facilities?q={name}")).text.replace(f'"{name}"', "")
    await visitor.aclose()


async def test_counts_tell_commune_and_class_and_count_who_takes_part(registry: Registry) -> None:
    commune = "06652"
    clerk = registry.clerk(commune)

    async def counted() -> dict[tuple[str, str], int]:
        rows = (await registry.get(f"{WORDS}/counts", clerk)).json()
        assert {row["commune"] for row in rows} <= {commune}
        return {(row["facility_class"], row["status"]): row["number"] for row in rows}

    ok(await registry.post(WORDS, known(commune=commune), clerk), 201)
    closed = ok(await registry.post(WORDS, known(commune=commune), clerk), 201)
    close = {"step": "close", "version": 1, "note": "Đã nghỉ kinh doanh"}
    ok(await registry.post(f"{WORDS}/{closed['id']}/steps", close, clerk))
    assert await counted() == {("commitment", "known"): 1}


async def test_the_pages_enter_invite_and_convert_and_lose_nothing(registry: Registry) -> None:
    browser = registry.browser(registry.clerk())
    csrf = await registry.csrf(browser)
    form = known(csrf=csrf, key=new_id(), name="")
    wrong = await browser.post(f"{CONSOLE}/new", data=form)
    assert wrong.status_code == 422
    assert "Rà soát tháng 6/2026" in wrong.text
    form["name"] = "Lò mổ Vĩnh Tuy"
    sent = await browser.post(f"{CONSOLE}/new", data=form)
    assert sent.status_code == 303, sent.text
    page = sent.headers["location"]
    note = {"csrf": csrf, "version": "1", "step": "invite", "reason": "Đến làm việc 12/6"}
    assert (await browser.post(page, data=note)).status_code == 303
    assert "Đến làm việc 12/6" in (await browser.get(page)).text
    assert (await browser.get(f"{page}/edit")).status_code == 200
    listed = (await browser.get(f"{CONSOLE}?status=invited&q=lo+mo")).text
    assert "Lò mổ Vĩnh Tuy" in listed
    made = await browser.post(f"{page}/convert", data={"csrf": csrf, "version": "2"})
    assert made.status_code == 303
    assert "/console/registry/facilities/" in made.headers["location"]
    assert (await browser.get(made.headers["location"])).status_code == 200
    await browser.aclose()


async def test_a_second_facility_with_a_tax_number_is_pointed_out_with_a_link(
    registry: Registry,
) -> None:
    first = await registry.a_facility(tax_number="0100686209")
    second = await registry.a_facility(tax_number="0100686209")
    link = f'href="/console/registry/facilities/{first["id"]}"'
    official = registry.browser(registry.checker())
    own = registry.browser(registry.operator(second["id"]))
    page = f"/console/registry/facilities/{second['id']}"
    assert link in (await official.get(page)).text
    assert first["id"] not in (await own.get(page)).text
    await official.aclose()
    await own.aclose()
