"""Nothing is published unless somebody else checked it and a third approved it (R17)."""

import asyncio
from typing import Any

import pytest

from shared.contracts.acts import RegistryActRecorded
from shared.contracts.registry import FacilityPublished, ProductPublished, ReviewDecided
from tests.answers import ok, refused
from tests.polling import eventually
from tests.registry import builders
from tests.registry.conftest import Registry


async def test_a_facility_goes_from_draft_to_published_by_three_people(registry: Registry) -> None:
    clerk = registry.clerk()
    entered = await registry.entered("facilities", builders.facility(), clerk)
    assert entered["state"] == "draft"
    assert entered["code"].startswith("CS22-")
    submitted = await registry.submitted("facilities", entered["id"], clerk)
    assert submitted["state"] == "submitted"
    checked = ok(await registry.decide("facilities", entered["id"], "accept", registry.checker()))
    assert checked["state"] == "checked"
    assert checked["published"] is None
    published = ok(
        await registry.decide("facilities", entered["id"], "publish", registry.approver())
    )
    assert published["state"] == "published"
    assert published["published"]["name"] == builders.facility()["name"]
    assert published["draft"] is None

    passport = (await registry.events(entered["id"], FacilityPublished))[-1]
    assert passport.code == entered["code"]
    assert passport.commune_name == "Phường An Sinh"
    assert passport.version == published["version"]
    decisions = await registry.events(entered["id"], ReviewDecided)
    assert [d.decision for d in decisions] == ["accepted", "published"]


async def test_the_true_author_of_an_entry_on_behalf_is_recorded(registry: Registry) -> None:
    clerk = registry.clerk(name="Trần Thị Nhập", account="clerk-1")
    entered = await registry.entered("facilities", builders.facility(), clerk)
    versions = (
        await registry.get(f"/facilities/{entered['id']}/versions", registry.approver())
    ).json()
    assert versions[0]["by"] == "Trần Thị Nhập"
    assert versions[0]["on_behalf"] is True


async def test_nobody_checks_what_they_entered(registry: Registry) -> None:
    both = registry.token("commune", "operate", "check", communes=[builders.COMMUNE])
    entered = await registry.entered("facilities", builders.facility(), both)
    await registry.submitted("facilities", entered["id"], both)
    answer = await registry.decide("facilities", entered["id"], "accept", both)
    refused(answer, 403, "own_entry")
    assert (await registry.record("facilities", entered["id"]))["state"] == "submitted"


async def test_nobody_checks_what_they_only_submitted(registry: Registry) -> None:
    both = registry.token("commune", "operate", "check", communes=[builders.COMMUNE])
    entered = await registry.entered("facilities", builders.facility(), registry.clerk())
    await registry.submitted("facilities", entered["id"], both)
    refused(await registry.decide("facilities", entered["id"], "accept", both), 403, "own_entry")


async def test_nobody_checks_a_draft_of_which_they_entered_an_earlier_version(
    registry: Registry,
) -> None:
    both = registry.token("commune", "operate", "check", communes=[builders.COMMUNE])
    entered = await registry.entered("facilities", builders.facility(), both)
    other = registry.clerk()
    edited = ok(
        await registry.put(
            f"/facilities/{entered['id']}",
            builders.facility(phone="0203 000 9999", version=1),
            other,
        )
    )
    assert edited["version"] == 2
    await registry.submitted("facilities", entered["id"], other)
    refused(await registry.decide("facilities", entered["id"], "accept", both), 403, "own_entry")


async def test_nobody_publishes_what_they_checked(registry: Registry) -> None:
    both = registry.token("commune", "check", "approve", communes=[builders.COMMUNE])
    entered = await registry.entered("facilities", builders.facility(), registry.clerk())
    await registry.submitted("facilities", entered["id"], registry.clerk())
    ok(await registry.decide("facilities", entered["id"], "accept", both))
    refused(await registry.decide("facilities", entered["id"], "publish", both), 403, "own_check")


async def test_nobody_publishes_what_they_entered(registry: Registry) -> None:
    both = registry.token("department", "approve", sector="agriculture", communes=["*"])
    entered = await registry.entered("facilities", builders.facility(), both)
    await registry.submitted("facilities", entered["id"], both)
    ok(await registry.decide("facilities", entered["id"], "accept", registry.checker()))
    refused(await registry.decide("facilities", entered["id"], "publish", both), 403, "own_entry")
    browser = registry.browser(both)
    page = (await browser.get(f"/console/registry/facilities/{entered['id']}")).text
    assert "nên người khác phải duyệt đăng" in page
    waiting = "/console/registry/facilities?waiting=publish&q=" + entered["code"]
    other = registry.browser(registry.approver())
    assert entered["id"] not in (await browser.get(waiting)).text

    async def told() -> bool:
        return entered["id"] in (await other.get(waiting)).text

    await eventually(told)
    for one in (browser, other):
        await one.aclose()
    ok(await registry.decide("facilities", entered["id"], "publish", registry.approver()))


async def test_a_rejection_needs_a_reason_and_leads_back_to_draft(registry: Registry) -> None:
    clerk = registry.clerk()
    entered = await registry.entered("facilities", builders.facility(), clerk)
    await registry.submitted("facilities", entered["id"], clerk)
    checker = registry.checker()
    refused(
        await registry.decide("facilities", entered["id"], "reject", checker),
        422,
        "reason_missing",
    )
    back = ok(
        await registry.decide(
            "facilities", entered["id"], "reject", checker, reason="Thiếu giấy chứng nhận"
        )
    )
    assert back["state"] == "draft"
    assert back["reason"] == "Thiếu giấy chứng nhận"
    again = await registry.carried_through("facilities", entered["id"], clerk)
    assert again["state"] == "published"
    assert again["reason"] == ""


async def test_the_approver_may_reject_what_was_checked(registry: Registry) -> None:
    clerk = registry.clerk()
    entered = await registry.entered("facilities", builders.facility(), clerk)
    await registry.submitted("facilities", entered["id"], clerk)
    ok(await registry.decide("facilities", entered["id"], "accept", registry.checker()))
    back = ok(
        await registry.decide(
            "facilities", entered["id"], "reject", registry.approver(), reason="Sai địa chỉ"
        )
    )
    assert back["state"] == "draft"


async def test_of_fifty_approvers_at_once_exactly_one_publishes(registry: Registry) -> None:
    facility = await registry.a_facility()
    clerk = registry.clerk()
    entered = await registry.entered(
        "products", builders.product(facility_id=facility["id"]), clerk
    )
    await registry.submitted("products", entered["id"], clerk)
    checked = ok(await registry.decide("products", entered["id"], "accept", registry.checker()))
    answers = await asyncio.gather(
        *(
            registry.decide(
                "products",
                entered["id"],
                "publish",
                registry.approver(),
                version=checked["version"],
            )
            for _ in range(50)
        )
    )
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [200] + [409] * 49
    assert {a.json()["code"] for a in answers if a.status_code == 409} == {"edit_conflict"}
    assert len(await registry.events(entered["id"], ProductPublished)) == 1
    assert len(await registry.events(entered["id"], ReviewDecided)) == 2


async def test_of_two_editors_the_second_is_told_and_changes_nothing(registry: Registry) -> None:
    clerk = registry.clerk()
    entered = await registry.entered("facilities", builders.facility(), clerk)
    path = f"/facilities/{entered['id']}"
    ok(await registry.put(path, builders.facility(phone="0203 111 1111", version=1), clerk))
    second = builders.facility(phone="0203 222 2222", version=1)
    refused(await registry.put(path, second, registry.clerk()), 409, "edit_conflict")
    assert (await registry.record("facilities", entered["id"]))["draft"]["phone"] == "0203 111 1111"


async def test_what_is_published_stays_while_a_newer_draft_is_reviewed(
    registry: Registry,
) -> None:
    facility = await registry.a_facility()
    product = await registry.a_product(facility["id"])
    operator = registry.operator(facility["id"])
    edited = ok(
        await registry.put(
            f"/products/{product['id']}",
            builders.product(name="Na dai mới", version=product["version"]),
            operator,
        )
    )
    assert edited["state"] == "draft"
    assert edited["draft"]["name"] == "Na dai mới"
    assert edited["published"]["name"] == "Na dai Đông Triều"
    page = await registry.client.get(f"/products/{product['id']}")
    assert "Na dai Đông Triều" in page.text
    assert "Na dai mới" not in page.text
    await registry.carried_through("products", product["id"], operator)
    assert "Na dai mới" in (await registry.client.get(f"/products/{product['id']}")).text


async def test_editing_back_to_what_is_published_ends_the_draft(registry: Registry) -> None:
    facility = await registry.a_facility()
    product = await registry.a_product(facility["id"])
    operator, path = registry.operator(facility["id"]), f"/products/{product['id']}"
    changed = ok(
        await registry.put(
            path, builders.product(brand="Khác", version=product["version"]), operator
        )
    )
    back = ok(await registry.put(path, builders.product(version=changed["version"]), operator))
    assert back["state"] == "published"
    assert back["draft"] is None


async def test_editing_what_waits_takes_it_back(registry: Registry) -> None:
    clerk = registry.clerk()
    entered = await registry.entered("facilities", builders.facility(), clerk)
    waiting = await registry.submitted("facilities", entered["id"], clerk)
    edited = ok(
        await registry.put(
            f"/facilities/{entered['id']}",
            builders.facility(phone="0203 555 5555", version=waiting["version"]),
            clerk,
        )
    )
    assert edited["state"] == "draft"
    answer = await registry.decide(
        "facilities", entered["id"], "accept", registry.checker(), version=waiting["version"]
    )
    refused(answer, 409, "edit_conflict")


async def test_every_version_is_kept_with_its_content(registry: Registry) -> None:
    clerk = registry.clerk()
    entered = await registry.entered("facilities", builders.facility(), clerk)
    path = f"/facilities/{entered['id']}"
    ok(await registry.put(path, builders.facility(phone="0203 777 7777", version=1), clerk))
    await registry.carried_through("facilities", entered["id"], clerk)
    versions: list[dict[str, Any]] = (
        await registry.get(f"{path}/versions", registry.approver())
    ).json()
    assert [v["act"] for v in versions] == [
        "published", "accepted", "submitted", "edited", "entered",
    ]  # fmt: skip
    assert versions[-1]["content"]["phone"] == "0203 000 1007"
    assert versions[0]["content"]["phone"] == "0203 777 7777"


@pytest.mark.parametrize("decision", ["accept", "publish"])
async def test_a_draft_cannot_be_decided_before_it_is_submitted(
    registry: Registry, decision: str
) -> None:
    entered = await registry.entered("facilities", builders.facility(), registry.clerk())
    token = registry.checker() if decision == "accept" else registry.approver()
    code = "not_submitted" if decision == "accept" else "not_checked"
    refused(await registry.decide("facilities", entered["id"], decision, token), 409, code)


async def test_a_lot_is_published_by_its_check_and_has_no_publication_of_its_own(
    registry: Registry,
) -> None:
    facility = await registry.a_facility()
    product = await registry.a_product(facility["id"])
    lot = await registry.a_lot(facility["id"], product["id"])
    assert lot["state"] == "published"
    answer = await registry.decide("lots", lot["id"], "publish", registry.approver())
    refused(answer, 422, "no_such_decision")


async def test_accepted_and_refused_acts_are_both_on_record(registry: Registry) -> None:
    both = registry.token(
        "commune", "operate", "check", communes=[builders.COMMUNE], account="acc-7", name="Bà Bảy"
    )
    entered = await registry.entered("facilities", builders.facility(), both)
    await registry.submitted("facilities", entered["id"], both)
    refused(await registry.decide("facilities", entered["id"], "accept", both), 403, "own_entry")
    acts = await registry.events(entered["id"], RegistryActRecorded)
    assert [(act.action, act.outcome) for act in acts] == [
        ("facility.enter", "accepted"),
        ("facility.submit", "accepted"),
        ("facility.accepted", "own_entry"),
    ]
    assert {(act.actor.account_id, act.actor.name) for act in acts} == {("acc-7", "")}


async def test_the_api_is_described_on_its_own_page(registry: Registry) -> None:
    page = await registry.client.get("/api/registry/v1/docs")
    assert page.status_code == 200
    for path in ("/facilities", "/lots/{record_id}/entries", "/{kind}/{record_id}/decisions"):
        assert f"/api/registry/v1{path}" in page.text
