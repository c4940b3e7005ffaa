"""What a higher tier took out of use, no lower one changes: single stamps and ranges of them."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.stamps.domain.deciding import (
    FREE,
    Decided,
    Undecided,
    changes_left,
    must_be_theirs,
)
from services.stamps.domain.life import CHANGES, Changed, change_of_state
from services.stamps.pages.words import STAMP_STATES
from shared.contracts.acts import StampsActRecorded
from shared.contracts.stamps import Interval
from shared.errors import Refusal
from shared.ids import now
from shared.tiers import ORDER
from tests.answers import ok, refused
from tests.stamps import builders
from tests.stamps.conftest import Farm, Stamps
from tests.stamps.test_serials import unchanged

SIZE = 30
STATES = list(STAMP_STATES)
ranges = st.tuples(st.integers(0, SIZE - 1), st.integers(0, SIZE - 1)).map(sorted)


def made(number: int, first: int, last: int) -> Changed:
    told: dict[str, Any] = {"lot": "", "reason": "", "by": "", "by_name": "", "by_authority": True}
    return Changed(number, 1, first, last, "suspend", at=now(), **told)


@settings(max_examples=200)
@given(st.lists(ranges, max_size=5), st.lists(ranges, max_size=15))
def test_of_every_serial_the_last_change_is_found(
    spans: list[list[int]], done: list[list[int]]
) -> None:
    wanted = {n for first, last in spans for n in range(first, last + 1)}
    last_of: dict[int, int] = {}
    for number, (first, last) in enumerate(done):
        last_of.update(dict.fromkeys(range(first, last + 1), number))
    undecided, found = Undecided((first, last) for first, last in spans), {}
    for number, (first, last) in reversed(list(enumerate(done))):
        for one in undecided.found(made(number, first, last)):
            for n in range(one.first, one.last + 1):
                assert n not in found
                found[n] = one.by.number
    assert found == {n: number for n, number in last_of.items() if n in wanted}
    assert bool(undecided) == bool(wanted - set(found))


def commune(stamps: Stamps) -> str:
    return stamps.token("commune", "approve", communes=[builders.COMMUNE], name="Xã")


async def test_what_the_department_decided_neither_commune_nor_facility_changes(
    stamps: Stamps, farm: Farm
) -> None:
    number, above = await stamps.a_batch(farm, 100), stamps.approver()
    ok(await stamps.change(number, 0, 9, "suspend", above))
    ok(await stamps.change(number, 20, 29, "revoke", above))
    ok(await stamps.change(number, 40, 49, "lost", above))

    own, below = stamps.operator(farm.facility), commune(stamps)

    async def act() -> None:
        for first, last, change in (
            (5, 5, "revoke"),
            (9, 12, "damaged"),  # Some are theirs to change, some are not.
            (0, 9, "lost"),
            (0, 9, "destroyed"),
            (25, 25, "destroyed"),
            (40, 49, "revoke"),
        ):
            for who in (own, below):
                answer = await stamps.change(number, first, last, change, who)
                assert "sở quản lý ngành" in refused(answer, 403, "decided_above")["detail"]
        lift = await stamps.change(number, 0, 9, "unsuspend", below)
        refused(lift, 403, "decided_above")
        lift = await stamps.change(number, 0, 9, "unsuspend", own)
        refused(lift, 403, "suspended_by_authority")
        # What nobody can do is not a matter of tiers.
        answer = await stamps.change(number, 40, 49, "destroyed", below)
        refused(answer, 409, "serials_not_usable")

    await unchanged(stamps, number, act())
    ok(await stamps.change(number, 0, 9, "unsuspend", above))
    ok(await stamps.change(number, 20, 29, "destroyed", above))


async def test_a_higher_tier_changes_what_a_lower_one_decided(stamps: Stamps, farm: Farm) -> None:
    number, own = await stamps.a_batch(farm, 100), stamps.operator(farm.facility)
    below, above = commune(stamps), stamps.approver()
    ok(await stamps.change(number, 0, 29, "suspend", own))
    ok(await stamps.change(number, 0, 9, "unsuspend", below))
    ok(await stamps.change(number, 10, 19, "revoke", above))
    ok(await stamps.change(number, 20, 29, "unsuspend", own))
    ok(await stamps.change(number, 40, 49, "suspend", below))
    answer = await stamps.change(number, 40, 49, "damaged", own)
    refused(answer, 403, "decided_above")
    assert "cơ quan cấp xã" in answer.json()["detail"]
    ok(await stamps.change(number, 40, 49, "unsuspend", above))
    # What is in use again is nobody's: a lower tier may take it out of use, and bring it back.
    ok(await stamps.change(number, 40, 49, "suspend", own))
    ok(await stamps.change(number, 40, 49, "unsuspend", own))
    ok(await stamps.change(number, 50, 59, "suspend", above))
    ok(await stamps.change(number, 50, 59, "revoke", above))


async def test_the_refusal_is_on_record_and_the_batch_says_which_tier_decided(
    stamps: Stamps, farm: Farm
) -> None:
    number, below = await stamps.a_batch(farm, 100), commune(stamps)
    ok(await stamps.change(number, 0, 9, "suspend", below))
    ok(await stamps.change(number, 5, 9, "revoke", stamps.approver()))
    assert (await stamps.batch(number))["decided"] == [
        {"first": 0, "last": 4, "tier": "commune"},
        {"first": 5, "last": 9, "tier": "department"},
    ]
    refused(await stamps.change(number, 0, 9, "destroyed", below), 403, "decided_above")
    assert (await stamps.events(str(number), StampsActRecorded))[-1].outcome == "decided_above"


async def test_what_was_decided_before_tiers_were_kept_is_nobodys(
    stamps: Stamps, farm: Farm
) -> None:
    number, own = await stamps.a_batch(farm, 100), stamps.operator(farm.facility)
    ok(await stamps.change(number, 0, 9, "suspend", stamps.approver()))
    ok(await stamps.change(number, 10, 19, "revoke", stamps.approver()))
    await stamps.db.collection("changes").update_many(
        {"batch": number}, {"$unset": {"by_tier": ""}}
    )
    assert (await stamps.batch(number))["decided"] == []
    # An authority's suspension never was a facility's to lift.
    refused(await stamps.change(number, 0, 9, "unsuspend", own), 403, "suspended_by_authority")
    ok(await stamps.change(number, 0, 4, "unsuspend", commune(stamps)))
    ok(await stamps.change(number, 5, 9, "damaged", own))
    ok(await stamps.change(number, 10, 19, "destroyed", own))


@pytest.mark.parametrize(
    ("lang", "words"),
    [("vi", "Tem 10–19: sở quản lý ngành"), ("en", "Stamps 10–19: the department")],
)
async def test_the_form_says_what_is_not_theirs_and_offers_the_rest(
    stamps: Stamps, farm: Farm, lang: str, words: str
) -> None:
    number, own = await stamps.a_batch(farm, 100), stamps.operator(farm.facility)
    ok(await stamps.change(number, 10, 19, "suspend", stamps.approver()))
    path = f"/batches/{number}"
    form = (await stamps.page(f"{path}/change", own, lang)).text
    assert words in form
    assert words in (await stamps.page(path, own, lang)).text
    assert 'value="suspend"' in form
    assert 'value="unsuspend"' not in form
    assert 'value="unsuspend"' in (await stamps.page(f"{path}/change", stamps.approver())).text
    sent = {"first": "15", "last": "25", "change": "damaged", "reason": "Rách <b>hết</b>"}
    answer = await stamps.send_form(f"{path}/change", sent, own)
    assert answer.status_code == 403
    assert "Trạng thái của các tem 15–19 do sở quản lý ngành quyết định" in answer.text
    assert "Rách &lt;b&gt;hết&lt;/b&gt;" in answer.text
    assert 'value="25"' in answer.text


async def test_where_nothing_is_theirs_to_change_no_form_is_offered(
    stamps: Stamps, farm: Farm
) -> None:
    number, own = await stamps.a_batch(farm, 100), stamps.operator(farm.facility)
    path = f"/batches/{number}"
    assert f"{path}/change" in (await stamps.page(path, own)).text
    ok(await stamps.change(number, 0, 99, "revoke", stamps.approver()))
    shown = (await stamps.page(path, own)).text
    assert f"{path}/change" not in shown
    assert "Tem 0–99: sở quản lý ngành" in shown
    assert f"{path}/change" in (await stamps.page(path, stamps.approver())).text
    form = await stamps.page(f"{path}/change", own)
    assert form.status_code == 200
    assert "Không còn tem nào của lô này mà bạn đổi được trạng thái" in form.text
    assert 'name="reason"' not in form.text


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("decider", ["", *ORDER])
@pytest.mark.parametrize("tier", ORDER)
def test_what_is_offered_is_what_is_possible(state: str, decider: str, tier: str) -> None:
    interval, own = Interval(0, 9, "", state), tier == "facility"
    by = replace(made(1, 0, 9), by_tier=decider, by_authority=decider != "facility")
    decided = [] if state in FREE else [Decided(0, 9, by)]

    def possible(change: str) -> bool:
        try:
            change_of_state(change)(interval)
            must_be_theirs(decided, change, tier=tier, own=own)
        except Refusal:
            return False
        return True

    assert changes_left([interval], decided, tier=tier, own=own) == set(filter(possible, CHANGES))


async def test_no_button_lifts_a_hold_of_a_higher_tier(stamps: Stamps, farm: Farm) -> None:
    number = await stamps.a_batch(farm)
    body = {"batch": number, "reason": "Nghi sao chép"}
    held = ok(await stamps.post("/holds", body, stamps.approver()), 201)
    path = f"/batches/{number}"
    lift = f"{path}/holds/{held['id']}/lift"
    below = stamps.token("unit", "check")
    shown = (await stamps.page(path, below)).text
    assert lift not in shown
    assert "Lệnh này do sở quản lý ngành ra; hãy đề nghị nơi đó gỡ." in shown
    assert 'name="reason"' not in (await stamps.page(lift, below)).text
    assert lift in (await stamps.page(path, stamps.approver())).text
    answer = await stamps.send_form(lift, {"reason": "Đã rõ"}, below, opened=f"{path}/hold")
    assert answer.status_code == 403
    assert "Cấp trên đã quyết định việc này" in answer.text
