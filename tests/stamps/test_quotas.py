"""Quotas of a facility: never exceeded, however many approve at once; every change is kept."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from httpx2 import Response
from hypothesis import given
from hypothesis import strategies as st

from services.stamps.domain.quota_room import must_be_open, must_leave
from services.stamps.domain.quotas import (
    Period,
    Quota,
    QuotaChange,
    Quotas,
    Standing,
    first_day,
    span,
    standings,
)
from shared.contracts.acts import StampsActRecorded
from shared.days import VIETNAM, local_day, spoken
from shared.errors import Refusal
from tests.answers import ok, refused
from tests.stamps import builders
from tests.stamps.conftest import Farm, Stamps

# Well within a year of Vietnam, so that no test runs into the next period.
WHY = "Theo sản lượng đã đăng ký"


async def set_quota(
    stamps: Stamps, facility: str, limit: int, token: str = "", **more: Any
) -> dict[str, Any]:
    body = {"act": "set", "period": "year", "limit": limit, "reason": WHY, **more}
    return ok(await stamps.post(f"/quotas/{facility}", body, token or stamps.approver()), 201)


async def quotas_of(stamps: Stamps, facility: str) -> list[dict[str, Any]]:
    found = ok(await stamps.get(f"/quotas/{facility}", stamps.approver()))
    quotas: list[dict[str, Any]] = found["quotas"]
    return quotas


async def issued(stamps: Stamps, facility: str) -> int:
    rows = stamps.db.collection("batches").find({"facility_id": facility})
    return sum([int(row["quantity"]) async for row in rows])


async def all_heard(calls: Sequence[Callable[[], Awaitable[Response]]]) -> list[Response]:
    """What becomes of these acts, all sent at once, each with its key: who is told that a busy
    machine did not get to it sends it again, as clients do."""
    answers = await asyncio.gather(*(call() for call in calls))
    for at, call in enumerate(calls):
        while answers[at].status_code == 503:
            answers[at] = await call()
    return answers


async def test_a_request_beyond_the_quota_is_refused_with_what_is_left(stamps: Stamps) -> None:
    farm = await stamps.a_farm()
    await stamps.a_batch(farm, 300)
    await set_quota(stamps, farm.facility, 1_000)
    body = {"product_id": farm.product, "quantity": 701}
    answer = await stamps.post("/requests", body, stamps.operator(farm.facility))
    refused(answer, 409, "quota_exceeded")
    assert "còn 700" in answer.json()["detail"]
    await stamps.ask(farm, 700)
    assert await quotas_of(stamps, farm.facility) == [
        {
            "product_id": "",
            "period": "year",
            "begins": f"{local_day(datetime.now(UTC)).year}-01-01",
            "limit": 1_000,
            "issued": 300,
            "left": 700,
            "waiting": 700,
            "change": 1,
        }
    ]


async def test_an_approval_beyond_the_quota_is_refused_and_a_smaller_one_is_not(
    stamps: Stamps,
) -> None:
    farm = await stamps.a_farm()
    first, second = [await stamps.ask(farm, 600) for _ in range(2)]
    await set_quota(stamps, farm.facility, 1_000)
    ok(await stamps.decide(first["id"], "approve"))
    refused(await stamps.decide(second["id"], "approve"), 409, "quota_exceeded")
    less = await stamps.decide(second["id"], "approve", quantity=400, reason="Còn lại")
    assert ok(less)["approved"] == 400
    assert await issued(stamps, farm.facility) == 1_000
    acts = await stamps.events(second["id"], StampsActRecorded)
    assert [one.outcome for one in acts] == ["accepted", "quota_exceeded", "accepted"]


async def test_a_quota_of_one_product_and_one_of_all_both_bind(stamps: Stamps) -> None:
    farm = await stamps.a_farm()
    other = builders.product(farm.facility)
    await stamps.know(other)
    second = Farm(farm.facility, other.subject, "")
    await set_quota(stamps, farm.facility, 100, product_id=farm.product, period="month")
    await set_quota(stamps, farm.facility, 150)
    await stamps.a_batch(farm, 80)
    body = {"product_id": farm.product, "quantity": 21}
    who = stamps.operator(farm.facility)
    refused(await stamps.post("/requests", body, who), 409, "quota_exceeded")
    await stamps.a_batch(second, 70)
    answer = await stamps.post("/requests", {**body, "quantity": 1}, who)
    refused(answer, 409, "quota_used_up")
    assert "cho mọi sản phẩm của cơ sở" in answer.json()["detail"]
    left = {(one["product_id"], one["left"]) for one in await quotas_of(stamps, farm.facility)}
    assert left == {("", 0), (farm.product, 20)}


@pytest.mark.parametrize("apart", [False, True])
async def test_of_a_hundred_approvals_at_once_as_many_are_accepted_as_the_quota_has_room_for(
    stamps: Stamps, request: pytest.FixtureRequest, apart: bool
) -> None:
    if apart:
        request.getfixturevalue("many_processes")
    farm, who = await stamps.a_farm(), stamps.approver()
    asked = [(await stamps.ask(farm, 10))["id"] for _ in range(100)]
    await set_quota(stamps, farm.facility, 205)
    answers = await all_heard([partial(stamps.decide, one, "approve", who, one) for one in asked])
    assert [one.status_code for one in answers].count(200) == 20
    assert {one.json()["code"] for one in answers if one.status_code != 200} == {"quota_exceeded"}
    assert await issued(stamps, farm.facility) == 200
    (left,) = await quotas_of(stamps, farm.facility)
    assert (left["issued"], left["left"], left["waiting"]) == (200, 5, 800)


async def test_approvals_while_a_quota_is_set_exceed_it_by_none_that_came_later(
    stamps: Stamps,
) -> None:
    farm = await stamps.a_farm()
    asked = [await stamps.ask(farm, 10) for _ in range(12)]
    await set_quota(stamps, farm.facility, 200)
    setting = asyncio.create_task(set_quota(stamps, farm.facility, 20))
    await asyncio.gather(*(stamps.decide(one["id"], "approve") for one in asked[:10]))
    await setting
    before = await issued(stamps, farm.facility)
    assert before >= 20
    late = await stamps.decide(asked[10]["id"], "approve")
    refused(late, 409, "quota_used_up")
    assert await issued(stamps, farm.facility) == before


async def test_a_quota_is_changed_and_ended_and_every_change_is_kept(stamps: Stamps) -> None:
    farm = await stamps.a_farm()
    who = stamps.approver()
    await set_quota(stamps, farm.facility, 100, who)
    await set_quota(stamps, farm.facility, 50, who)
    refused(
        await stamps.post(
            "/requests",
            {"product_id": farm.product, "quantity": 60},
            stamps.operator(farm.facility),
        ),
        409,
        "quota_exceeded",
    )
    end = {"act": "end", "period": "year", "reason": "Đã kiểm tra vùng trồng"}
    ended = ok(await stamps.post(f"/quotas/{farm.facility}", end, who), 201)
    assert (ended["number"], ended["limit"]) == (3, None)
    await stamps.ask(farm, 60)
    refused(await stamps.post(f"/quotas/{farm.facility}", end, who), 409, "no_quota_to_end")
    found = ok(await stamps.get(f"/quotas/{farm.facility}", stamps.operator(farm.facility)))
    assert found["quotas"] == []
    changes = [(one["number"], one["limit"], one["reason"]) for one in found["changes"]["items"]]
    assert changes == [(3, None, "Đã kiểm tra vùng trồng"), (2, 50, WHY), (1, 100, WHY)]
    acts = await stamps.events(farm.facility, StampsActRecorded)
    assert [(a.action, a.outcome) for a in acts] == [
        ("stamps.quota", "accepted"),
        ("stamps.quota", "accepted"),
        ("stamps.quota", "accepted"),
        ("stamps.quota", "no_quota_to_end"),
    ]


async def test_twenty_changes_at_once_are_numbered_without_a_gap(stamps: Stamps) -> None:
    farm = await stamps.a_farm()
    who = stamps.approver()
    body = {"act": "set", "period": "year", "reason": WHY}
    answers = await asyncio.gather(
        *(stamps.post(f"/quotas/{farm.facility}", {**body, "limit": n}, who) for n in range(20))
    )
    done = [one.json() for one in answers if one.status_code == 201]
    assert {one.json()["code"] for one in answers if one.status_code != 201} <= {"edit_conflict"}
    assert sorted(one["number"] for one in done) == list(range(1, len(done) + 1))
    (holds,) = await quotas_of(stamps, farm.facility)
    last = max(done, key=lambda one: one["number"])
    assert (holds["limit"], holds["change"]) == (last["limit"], last["number"])


async def test_the_same_key_sets_a_quota_once(stamps: Stamps) -> None:
    farm = await stamps.a_farm()
    who, body = stamps.approver(), {"act": "set", "period": "year", "limit": 7, "reason": WHY}
    headers = {"Idempotency-Key": "quota-once"}
    first, again = [
        ok(await stamps.post(f"/quotas/{farm.facility}", body, who, headers=headers), 201)
        for _ in range(2)
    ]
    assert first == again
    other = await stamps.post(
        f"/quotas/{farm.facility}", {**body, "limit": 8}, who, headers=headers
    )
    refused(other, 409, "idempotency_key_reused")


async def test_what_a_higher_tier_set_no_lower_one_changes(stamps: Stamps) -> None:
    farm = await stamps.a_farm()
    commune = stamps.token("commune", "approve", communes=[builders.COMMUNE])
    await set_quota(stamps, farm.facility, 100)
    body = {"act": "set", "period": "year", "limit": 900, "reason": WHY}
    refused(await stamps.post(f"/quotas/{farm.facility}", body, commune), 403, "decided_above")
    end = {"act": "end", "period": "year", "reason": WHY}
    refused(await stamps.post(f"/quotas/{farm.facility}", end, commune), 403, "decided_above")
    await set_quota(stamps, farm.facility, 10, commune, period="month")
    await set_quota(stamps, farm.facility, 20, period="month")
    assert [(q["period"], q["limit"]) for q in await quotas_of(stamps, farm.facility)] == [
        ("month", 20),
        ("year", 100),
    ]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"limit": -1}, "invalid_input"),
        ({"limit": "5"}, "invalid_input"),
        ({"limit": 1_000_000_001}, "invalid_input"),
        ({"limit": None}, "limit_needed"),
        ({"act": "end"}, "limit_not_used"),
        ({"act": "erase"}, "invalid_input"),
        ({"period": "week"}, "invalid_input"),
        ({"reason": " "}, "invalid_input"),
        ({"product_id": "none"}, "product_of_others"),
        ({"product_id": {"$ne": 1}}, "invalid_input"),
        ({"product_id": "{foreign}"}, "product_of_others"),
        ({"number": 1}, "invalid_input"),
    ],
)
async def test_what_is_no_quota_is_refused(
    stamps: Stamps, farm: Farm, wrong: dict[str, Any], code: str
) -> None:
    if wrong.get("product_id") == "{foreign}":
        wrong = {"product_id": (await stamps.a_farm()).product}
    body = {"act": "set", "period": "year", "limit": 5, "reason": WHY, **wrong}
    refused(await stamps.post(f"/quotas/{farm.facility}", body, stamps.approver()), 422, code)


async def test_a_facility_that_nobody_told_of_has_no_quota(stamps: Stamps) -> None:
    body = {"act": "set", "period": "year", "limit": 5, "reason": WHY}
    for sector in ("*", "agriculture"):
        who = stamps.approver(sector=sector)
        refused(await stamps.post("/quotas/nobody", body, who), 404, "not_found")
        refused(await stamps.get("/quotas/nobody", who), 404, "not_found")


async def test_lists_show_the_own_scope(stamps: Stamps) -> None:
    farm = await stamps.a_farm(commune=builders.OTHER_COMMUNE)
    await set_quota(stamps, farm.facility, 100)
    of_commune = stamps.token("commune", "check", communes=[builders.OTHER_COMMUNE])
    found = ok(await stamps.get("/quotas", of_commune))
    assert [one["facility_id"] for one in found["items"]] == [farm.facility]
    elsewhere = stamps.token("commune", "check", communes=["00000"])
    assert ok(await stamps.get("/quotas", elsewhere))["total"] == 0
    another = (await stamps.a_farm()).facility
    assert ok(await stamps.get("/quotas", stamps.operator(another)))["total"] == 0


async def test_the_pages_set_it_and_show_what_is_left(stamps: Stamps) -> None:
    farm = await stamps.a_farm(name="Hợp tác xã Hạn Mức")
    who, mine = stamps.approver(), stamps.operator(farm.facility)
    assert "chưa có hạn mức" in (await stamps.page("/quotas", mine)).text
    for typed in ("hạn+mức", "hop+tac+xa++HAN+muc", "HẠN+MỨC"):
        searched = await stamps.page(f"/quotas?q={typed}", who)
        assert f"/quotas/{farm.facility}" in searched.text, typed
    assert f"/quotas/{farm.facility}" not in (await stamps.page("/quotas?q=.*", who)).text
    fields = {"act": "set", "period": "year", "limit": "1000", "reason": WHY}
    sent = await stamps.send_form(f"/quotas/{farm.facility}", fields, who)
    assert sent.status_code == 303
    request = await stamps.ask(farm, 400)
    await stamps.decide((await stamps.ask(farm, 600))["id"], "approve")
    await set_quota(stamps, farm.facility, 900, who)
    left = "Đã cấp 600 trên 900 tem, còn 300."
    for path in ("/requests", "/requests/new", f"/quotas/{farm.facility}"):
        page = (await stamps.page(path, mine)).text
        assert left in page, path
        assert "Đang chờ quyết định: 400 tem; còn xin thêm được 0." in page, path
        assert "<meter" in page, path
    assert "Ghi hạn mức" not in page
    assert WHY in page
    decision = (await stamps.page(f"/requests/{request['id']}", who)).text
    assert left in decision
    assert "vượt hạn mức này 100 tem" in decision
    assert "xuống nhiều nhất 300" in decision
    assert "Đang chờ quyết định, kể cả yêu cầu này: 400 tem." in decision
    assert "nhiều hơn phần còn lại 100 tem" in decision
    assert "Hạn mức tem" not in (await stamps.page(f"/requests/{request['id']}", mine)).text
    tried = await stamps.send_form(f"/requests/{request['id']}", {"decision": "approve"}, who)
    assert tried.status_code == 409
    assert "còn 300" in tried.text


async def test_what_waits_leaves_less_to_ask_for_and_gives_it_back_when_it_is_refused(
    stamps: Stamps,
) -> None:
    farm = await stamps.a_farm()
    who = stamps.operator(farm.facility)
    await set_quota(stamps, farm.facility, 100)
    first = await stamps.ask(farm, 60)
    answer = await stamps.post("/requests", {"product_id": farm.product, "quantity": 41}, who)
    refused(answer, 409, "quota_awaited")
    assert [one["field"] for one in answer.json()["errors"]] == ["quantity"]
    assert "xin 60, nên chỉ xin thêm được 40" in answer.json()["detail"]
    second = await stamps.ask(farm, 40)
    ok(await stamps.decide(second["id"], "reject", reason="Nhầm"))
    third = await stamps.ask(farm, 40)
    ok(await stamps.decide(first["id"], "approve", quantity=10, reason="Đủ dùng"))
    await stamps.ask(farm, 50)
    (left,) = await quotas_of(stamps, farm.facility)
    assert (left["issued"], left["left"], left["waiting"]) == (10, 90, 90)
    ok(await stamps.decide(third["id"], "approve"))
    acts = await stamps.events(farm.product, StampsActRecorded)
    assert [(one.action, one.outcome) for one in acts] == [("stamps.request", "quota_awaited")]


async def test_what_waits_of_another_product_or_facility_leaves_the_quota_of_one_alone(
    stamps: Stamps,
) -> None:
    farm = await stamps.a_farm()
    other = builders.product(farm.facility)
    await stamps.know(other)
    await set_quota(stamps, farm.facility, 50, product_id=farm.product)
    await stamps.ask(Farm(farm.facility, other.subject, ""), 900)
    await stamps.ask(await stamps.a_farm(), 900)
    await stamps.ask(farm, 50)
    body = {"product_id": farm.product, "quantity": 1}
    refused(
        await stamps.post("/requests", body, stamps.operator(farm.facility)),
        409,
        "quota_all_awaited",
    )


@pytest.mark.parametrize("apart", [False, True])
async def test_of_a_hundred_requests_at_once_as_many_are_taken_as_the_quota_has_room_for(
    stamps: Stamps, request: pytest.FixtureRequest, apart: bool
) -> None:
    if apart:
        request.getfixturevalue("many_processes")
    farm = await stamps.a_farm()
    await set_quota(stamps, farm.facility, 205)
    body, who = {"product_id": farm.product, "quantity": 10}, stamps.operator(farm.facility)
    keys = [{"Idempotency-Key": f"one-of-a-hundred-{n}"} for n in range(100)]
    answers = await all_heard(
        [partial(stamps.post, "/requests", body, who, headers=key) for key in keys]
    )
    assert [one.status_code for one in answers].count(201) == 20
    assert {one.json()["code"] for one in answers if one.status_code != 201} == {"quota_awaited"}
    (left,) = await quotas_of(stamps, farm.facility)
    assert (left["issued"], left["waiting"]) == (0, 200)


# The calendar.

FACILITY = "f"
moments = st.datetimes(
    datetime(2000, 1, 1),
    datetime(2100, 1, 1),
    timezones=st.just(UTC),
)


@given(moments, st.sampled_from(["year", "month"]))
def test_every_moment_lies_in_one_period_and_the_next_follows_without_a_gap(
    now: datetime, period: Any
) -> None:
    begins, ends = span(period, now)
    assert begins <= now < ends
    assert begins.astimezone(VIETNAM).date() == first_day(period, now)
    assert span(period, ends)[0] == ends
    assert span(period, ends - timedelta(microseconds=1))[0] == begins


def test_a_year_turns_at_midnight_in_vietnam_not_in_greenwich() -> None:
    late = datetime(2026, 12, 31, 16, 59, tzinfo=UTC)
    assert first_day("year", late) == date(2026, 1, 1)
    assert first_day("month", late) == date(2026, 12, 1)
    new_year = datetime(2026, 12, 31, 17, 0, tzinfo=UTC)
    assert span("month", late)[1] == span("year", late)[1] == new_year
    assert first_day("year", new_year) == date(2027, 1, 1)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["", "p", "q"]),
            st.sampled_from(["year", "month"]),
            st.one_of(st.none(), st.integers(0, 10)),
        ),
        max_size=12,
    )
)
def test_what_holds_is_the_last_change_of_each_product_and_period(
    made: list[tuple[str, Any, int | None]],
) -> None:
    quotas = Quotas(FACILITY)
    expected: dict[tuple[str, Any], int] = {}
    for product, period, limit in made:
        if limit is None and (product, period) not in expected:
            continue
        change = QuotaChange(
            FACILITY, quotas.next, product, period, limit, "", "a", "A", "department",
            datetime(2026, 1, 1, tzinfo=UTC),
        )  # fmt: skip
        quotas = quotas.changed(change)
        if limit is None:
            del expected[product, period]
        else:
            expected[product, period] = limit
    assert {(one.product_id, one.period): one.limit for one in quotas.limits} == expected


@given(st.integers(0, 50), st.dictionaries(st.sampled_from("pqr"), st.integers(0, 30)))
def test_what_is_left_is_never_negative_and_of_all_products_together(
    limit: int, of_products: dict[str, int]
) -> None:
    quota = Quota("", "year", limit, 1, "department")
    now = datetime(2026, 6, 1, tzinfo=UTC)
    (one,) = standings([quota], {"year": of_products, "month": {}}, {}, now)
    assert one.issued == sum(of_products.values())
    assert one.left == one.open == max(0, limit - one.issued)


@given(st.integers(0, 50), st.integers(0, 60), st.integers(0, 60), st.integers(1, 60))
def test_what_may_be_asked_for_is_what_neither_was_issued_nor_waits(
    limit: int, given_out: int, waiting: int, quantity: int
) -> None:
    quota = Quota("p", "year", limit, 1, "department")
    now = datetime(2026, 6, 1, tzinfo=UTC)
    used: dict[Period, dict[str, int]] = {"year": {"p": given_out, "q": 7}, "month": {}}
    (one,) = standings([quota], used, {"p": waiting, "q": 9}, now)
    assert (one.issued, one.waiting) == (given_out, waiting)
    assert one.beyond == 0 or one.open == 0
    fits = given_out + waiting + quantity <= limit
    if fits:
        must_be_open([one], quantity)
    else:
        with pytest.raises(Refusal):
            must_be_open([one], quantity)


# What a refusal offers.

TODAY = date(2026, 11, 27)


def standing(limit: int, given_out: int, waiting: int, **more: Any) -> Standing:
    period: Period = more.get("period", "year")
    quota = Quota(more.get("product", "p"), period, limit, 1, more.get("tier", "department"))
    begins = TODAY.replace(day=1, month=1) if period == "year" else TODAY.replace(day=1)
    return Standing(quota, begins, given_out, waiting)


def refusal_of(judge: Callable[..., None], found: list[Standing], quantity: int) -> Refusal | None:
    try:
        judge(found, quantity)
    except Refusal as refusal:
        return refusal
    return None


some = st.one_of(st.just(0), st.integers(0, 40))
bound = st.lists(
    st.builds(standing, some, some, some, period=st.sampled_from(["year", "month"])), max_size=4
)


@pytest.mark.parametrize("judge", [must_leave, must_be_open])
@given(found=bound, quantity=st.integers(1, 100))
def test_the_number_that_a_refusal_offers_is_taken_and_one_more_is_not(
    judge: Callable[..., None], found: list[Standing], quantity: int
) -> None:
    refusal = refusal_of(judge, found, quantity)
    rooms = [one.left if judge is must_leave else one.open for one in found]
    assert (refusal is None) == all(quantity <= room for room in rooms)
    if refusal is None:
        return
    offered = int(str(refusal.params.get("left", 0)))
    assert offered == min(rooms)
    if offered:
        assert f"nhiều nhất {offered}" in str(refusal)
        judge(found, offered)
    else:
        assert "nhiều nhất" not in str(refusal)
    again = refusal_of(judge, found, offered + 1)
    assert again is not None
    assert again.params == refusal.params
    # Nothing is left standing in its words that nobody filled.
    assert "{" not in str(refusal)


@given(found=bound)
def test_until_the_day_that_a_refusal_names_nothing_is_left(found: list[Standing]) -> None:
    refusal = refusal_of(must_leave, found, 1)
    empty = [one for one in found if not one.left]
    assert (refusal is not None) == bool(empty)
    if refusal is not None and refusal.code == "quota_used_up":
        assert refusal.params["next"] == spoken(max(one.ends for one in empty))
    elif refusal is not None:
        assert refusal.code == "quota_of_none"
        assert not all(one.quota.limit for one in empty)


@pytest.mark.parametrize(
    ("found", "quantity", "code", "says"),
    [
        # Of what waits and what is left the tighter quota counts, not the first.
        ([(100, 0, 90), (50, 20, 0)], 40, "quota_awaited", "nhiều nhất 10"),
        ([(50, 20, 0), (100, 60, 30)], 40, "quota_awaited", "rút lại yêu cầu đang chờ"),
        ([(100, 40, 0), (30, 10, 0)], 25, "quota_exceeded", "nhiều nhất 20"),
        ([(100, 40, 60)], 1, "quota_all_awaited", "Hãy rút lại yêu cầu"),
        # Where all was issued, taking back what waits helps nobody.
        ([(100, 100, 7)], 1, "quota_used_up", "Trước ngày 01/01/2027"),
        ([(100, 40, 60), (10, 10, 0)], 1, "quota_used_up", "sở quản lý ngành nâng hạn mức"),
        ([(0, 0, 0)], 1, "quota_of_none", "kỳ này cũng như các kỳ sau"),
    ],
)
def test_the_remedy_is_one_that_works(
    found: list[tuple[int, int, int]], quantity: int, code: str, says: str
) -> None:
    refusal = refusal_of(must_be_open, [standing(*one) for one in found], quantity)
    assert refusal is not None
    assert refusal.code == code
    assert says in str(refusal)


def test_a_month_ends_before_the_year_does() -> None:
    both = [standing(5, 5, 0, period="month"), standing(9, 9, 0)]
    for found in (both, both[::-1]):
        refusal = refusal_of(must_be_open, found, 1)
        assert refusal is not None
        assert refusal.params["next"] == "01/01/2027"
    assert standing(5, 5, 0, period="month").ends == date(2026, 12, 1)


async def test_what_a_refusal_offers_is_then_taken(stamps: Stamps) -> None:
    farm = await stamps.a_farm()
    who = stamps.operator(farm.facility)
    await set_quota(stamps, farm.facility, 100, product_id=farm.product, period="month")
    await set_quota(stamps, farm.facility, 90)
    await stamps.a_batch(farm, 50)
    waits = await stamps.ask(farm, 15)
    body = {"product_id": farm.product, "quantity": 60}
    answer = await stamps.post("/requests", body, who)
    refused(answer, 409, "quota_awaited")
    assert "nhiều nhất 25" in answer.json()["detail"]
    one_more = await stamps.post("/requests", {**body, "quantity": 26}, who)
    refused(one_more, 409, "quota_awaited")
    await stamps.ask(farm, 25)
    full = await stamps.post("/requests", {**body, "quantity": 1}, who)
    refused(full, 409, "quota_all_awaited")
    assert "nhiều nhất" not in full.json()["detail"]
    # What is taken back can be asked for again.
    ok(await stamps.post(f"/requests/{waits['id']}/withdrawal", {"reason": "Nhầm"}, who))
    await stamps.ask(farm, 15)
