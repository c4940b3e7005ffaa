"""Holds by an officer's order: placed and lifted one by one, each version told."""

from typing import Any

import pytest

from shared.contracts.stamps import HoldPublished
from tests.answers import ok, refused
from tests.stamps import builders
from tests.stamps.conftest import Farm, Stamps


async def hold(stamps: Stamps, number: int, key: str = "", token: str = "") -> dict[str, Any]:
    headers = {"Idempotency-Key": key} if key else {}
    body = {"batch": number, "reason": "Nghi tem bị sao chép"}
    return ok(await stamps.post("/holds", body, token or stamps.approver(), headers=headers), 201)


async def test_holds_are_placed_and_lifted_one_by_one(stamps: Stamps, farm: Farm) -> None:
    number, approver = await stamps.a_batch(farm), stamps.approver()
    one, two = await hold(stamps, number), await hold(stamps, number)
    held = (await stamps.batch(number))["holds"]
    assert {h["id"] for h in held} == {one["id"], two["id"]}
    lifted = ok(await stamps.post(f"/holds/{one['id']}/lift", {"reason": "Đã rõ"}, approver))
    assert not lifted["active"]
    assert [h["id"] for h in (await stamps.batch(number))["holds"]] == [two["id"]]
    again = await stamps.post(f"/holds/{one['id']}/lift", {"reason": "Nữa"}, approver)
    refused(again, 409, "hold_already_lifted")
    told = await stamps.events(one["id"], HoldPublished)
    assert [(e.version, e.active, e.scope, e.target) for e in told] == [
        (1, True, "batch", str(number)),
        (2, False, "batch", str(number)),
    ]


async def test_a_hold_is_told_in_the_languages_it_was_given_in(stamps: Stamps, farm: Farm) -> None:
    number, approver = await stamps.a_batch(farm), stamps.approver()
    words = {"reason": "Nghi tem giả", "reason_en": "Maybe forged", "reason_zh": "疑似假标签"}
    fields = {key: text for key, text in words.items() if key != "reason_zh"}
    sent = await stamps.send_form(f"/batches/{number}/hold", fields, approver)
    assert sent.status_code == 303
    ok(await stamps.post("/holds", {"batch": number, **words}, approver), 201)
    held = [one for one in await stamps.events(kind=HoldPublished) if one.target == str(number)]
    assert [(one.reason, one.reason_en, one.reason_zh) for one in held] == [
        ("Nghi tem giả", "Maybe forged", ""),
        tuple(words.values()),
    ]
    only_english = {"batch": number, "reason_en": "Maybe forged"}
    refused(await stamps.post("/holds", only_english, approver), 422, "invalid_input")


async def test_what_a_department_holds_no_lower_tier_lets_go(stamps: Stamps, farm: Farm) -> None:
    number, reason = await stamps.a_batch(farm), {"reason": "Đã rõ"}
    unit = stamps.token("unit", "check")
    above, below = await hold(stamps, number), await hold(stamps, number, token=unit)
    path = f"/holds/{above['id']}/lift"
    refused(await stamps.post(path, reason, unit), 403, "decided_above")
    assert len((await stamps.batch(number))["holds"]) == 2
    for one in (above, below):
        assert not ok(await stamps.post(f"/holds/{one['id']}/lift", reason, stamps.approver()))[
            "active"
        ]


async def test_the_same_key_holds_once(stamps: Stamps, farm: Farm) -> None:
    number, approver = await stamps.a_batch(farm), stamps.approver()
    first = await hold(stamps, number, "hold-once", approver)
    assert await hold(stamps, number, "hold-once", approver) == first
    assert len((await stamps.batch(number))["holds"]) == 1


async def test_nobody_lifts_by_hand_what_follows_a_stopped_facility(stamps: Stamps) -> None:
    farm = await stamps.a_farm()
    number, approver = await stamps.a_batch(farm), stamps.approver()
    await stamps.know(builders.stopped(farm.facility, 2))
    (held,) = (await stamps.batch(number))["holds"]
    assert held["reason_kind"] == "facility_stopped"
    answer = await stamps.post(f"/holds/{held['id']}/lift", {"reason": "Xin cho"}, approver)
    refused(answer, 409, "hold_follows_facility")
    page = await stamps.page(f"/batches/{number}", approver)
    assert "Cơ sở ngừng hoạt động nên tem bị tạm giữ" in page.text
    assert "/lift" not in page.text
    assert (
        await stamps.page(f"/batches/{number}/holds/{held['id']}/lift", approver)
    ).status_code == 404
    await stamps.know(builders.resumed(farm.facility, 3))
    assert (await stamps.batch(number))["holds"] == []


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"batch": 1},
        {"batch": "1", "reason": "Thử"},
        {"batch": 1.0, "reason": "Thử"},
        {"batch": -1, "reason": "Thử"},
        {"batch": 10**30, "reason": "Thử"},
        {"batch": {"$ne": 1}, "reason": "Thử"},
        {"batch": 1, "reason": {"$ne": 1}},
        {"batch": 1, "reason": "Thử", "active": False},
    ],
    ids=str,
)
async def test_a_wrong_hold_is_told_and_holds_nothing(
    stamps: Stamps, wrong: dict[str, Any]
) -> None:
    before = await stamps.state_of_everything()
    refused(await stamps.post("/holds", wrong, stamps.approver()), 422, "invalid_input")
    assert await stamps.state_of_everything() == before
