"""Circulation: what a facility made, sent and earned, and its stamps; seen by those in scope."""

import asyncio
import csv
import io
import random
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from services.registry.domain import circulation as domain
from services.registry.domain.circulation import Month, MonthAhead, Revenue, months_of, summed
from services.registry.domain.records import Author
from services.registry.domain.units import in_base
from shared.contracts.scan import ScanCount, ScansRecorded
from shared.contracts.stamps import BatchIssued, Interval, IntervalsChanged, SegmentPublished
from shared.errors import EditConflict
from shared.ids import new_id
from tests.answers import ok, refused, token_in
from tests.polling import eventually
from tests.registry import builders
from tests.registry.conftest import Registry

AT = datetime(2026, 8, 31, 18, 30, tzinfo=UTC)  # 1 September in Vietnam.
TODAY = date(2026, 11, 25)
BY = Author("a", "Chị Lan", "facility", "u", "f")


@given(
    st.lists(
        st.tuples(st.decimals("0.001", "99999999", places=3), st.sampled_from(builders.UNITS)),
        max_size=30,
    )
)
def test_nothing_is_lost_when_quantities_are_added_up(rows: list[tuple[Decimal, str]]) -> None:
    added = summed(rows)
    assert sum(added.values()) == sum((in_base(*row) for row in rows), Decimal(0))
    assert summed(reversed(rows)) == added
    assert domain.together([summed(rows[:9]), summed(rows[9:])]) == added
    assert not set(added) & {"g", "yến", "tạ", "tấn", "ml"}


def test_months_end_with_the_present_one() -> None:
    assert months_of(2026, TODAY)[-1] == "2026-11"
    assert len(months_of(2025, TODAY)) == 12


def test_a_month_s_revenue_is_declared_corrected_and_taken_back() -> None:
    none = Revenue.nothing("f", "2026-10", by=BY, now=AT)
    one = none.declare(5_000_000, version=0, by=BY, today=TODAY, now=AT)
    assert one.declare(5_000_000, version=1, by=BY, today=TODAY, now=AT) is one
    with pytest.raises(EditConflict):
        one.declare(6_000_000, version=0, by=BY, today=TODAY, now=AT)
    back = one.declare(None, version=1, by=BY, today=TODAY, now=AT)
    assert (back.amount, back.version) == (None, 2)
    assert domain.total([Month("2026-10", revenue=back)]).revenue is None
    ahead = Revenue.nothing("f", "2026-12", by=BY, now=AT)
    with pytest.raises(MonthAhead):
        ahead.declare(1, version=0, by=BY, today=TODAY, now=AT)


@pytest.fixture
async def farm(registry: Registry) -> dict[str, str]:
    facility = await registry.a_facility()
    product = await registry.a_product(facility["id"])
    return {"id": facility["id"], "product": product["id"], "code": facility["code"]}


async def year(registry: Registry, farm: dict[str, str], token: str = "") -> dict[str, Any]:
    path = f"/facilities/{farm['id']}/circulation?year=2026"
    return ok(await registry.get(path, token or registry.operator(farm["id"])))


def month_in(told: dict[str, Any], month: str) -> dict[str, Any]:
    return next(row for row in told["months"] if row["month"] == month)


def issued(farm: dict[str, str], batch: int, quantity: int) -> BatchIssued:
    return BatchIssued(
        subject=str(batch),
        version=1,
        time=AT,
        batch=batch,
        request_id=new_id(),
        facility_id=farm["id"],
        product_id=farm["product"],
        quantity=quantity,
    )


def changed(farm: dict[str, str], batch: int, number: int, change: str, count: int) -> Any:
    return IntervalsChanged(
        subject=str(batch),
        version=number,
        time=AT,
        batch=batch,
        facility_id=farm["id"],
        product_id=farm["product"],
        first=0,
        last=count - 1,
        count=count,
        change=change,
    )


def segment(farm: dict[str, str], batch: int, version: int, *intervals: Interval) -> Any:
    return SegmentPublished(
        subject=f"{batch}/0",
        version=version,
        time=AT,
        batch=batch,
        segment=0,
        facility_id=farm["id"],
        product_id=farm["product"],
        intervals=intervals,
    )


def scanned(*facilities: str) -> ScansRecorded:
    counts = tuple(
        ScanCount(hour=AT, verdict="genuine", facility_id=one, scans=3, first_of_user=2)
        for one in facilities
    )
    return ScansRecorded(
        subject=new_id(), version=1, time=AT, replica="r", sequence=1, counts=counts
    )


async def test_stamps_and_scans_count_in_vietnam_s_month_though_events_come_twice(
    registry: Registry, farm: dict[str, str]
) -> None:
    number = random.randrange(10**6, 10**7)
    events = [
        issued(farm, number, 1000),
        changed(farm, number, 2, "activate", 300),
        changed(farm, number, 3, "damaged", 20),
        scanned(farm["id"], "", farm["id"], "another"),
    ]
    await registry.tell(*events, *reversed(events))
    await registry.taken_in(*events)
    last = issued(farm, number + 1, 1)
    await registry.tell(*events, last)
    await registry.taken_in(last)
    told = await year(registry, farm)
    september = month_in(told, "2026-09")
    assert (september["stamps_issued"], september["stamps_activated"]) == (1001, 300)
    assert (september["scans"], september["readers"]) == (6, 4)
    assert month_in(told, "2026-08")["stamps_issued"] == 0
    assert told["total"]["stamps_issued"] == 1001


async def test_stamps_on_hand_are_those_of_the_newest_segment_whatever_order_they_come_in(
    registry: Registry, farm: dict[str, str]
) -> None:
    number = random.randrange(10**6, 10**7)
    first = segment(farm, number, 1, Interval(0, 999, "", "issued"))
    second = segment(
        farm,
        number,
        3,
        Interval(0, 299, "lot", "active"),
        Interval(300, 309, "lot", "revoked"),
        Interval(310, 319, "", "damaged"),
        Interval(320, 329, "", "suspended"),
        Interval(330, 999, "", "issued"),
    )
    await registry.tell(second, first, second)

    async def complete() -> bool:
        return bool((await year(registry, farm))["stamps"]["issued"] == 1000)

    await eventually(complete)
    await registry.tell(first)
    last = issued(farm, number, 1000)
    await registry.tell(last)
    await registry.taken_in(last)
    stamps = (await year(registry, farm))["stamps"]
    assert stamps == {"issued": 1000, "unused": 680, "used": 310, "spoilt": 10}


async def test_output_is_what_was_made_and_not_what_was_split(
    registry: Registry, farm: dict[str, str]
) -> None:
    lot = await registry.a_lot(farm["id"], farm["product"])
    await registry.a_lot(farm["id"], farm["product"], quantity="0.5", unit="tấn")
    boxes = {"quantity": "40", "unit": "hộp"}
    await registry.a_lot(farm["id"], farm["product"], **boxes)
    operator = registry.operator(farm["id"])
    draft = builders.lot(farm["product"], code=new_id()[-12:], entries=builders.diary())
    await registry.entered("lots", draft, operator)
    parts = [{"code": new_id()[-12:], "quantity": "600", "unit": "kg"} for _ in range(2)]
    split = {
        "kind": "split",
        "at": "2026-08-21T08:00:00+07:00",
        "place": "Nhà sơ chế",
        "given": [{"lot": lot["id"], "quantity": "1200", "unit": "kg"}],
        "made": parts,
    }
    made = ok(await registry.post("/transformations", split, operator), 201)
    await registry.carried_through("lots", made["made"][0]["lot_id"], operator)
    told = await year(registry, farm)
    august = {unit: Decimal(n) for unit, n in month_in(told, "2026-08")["made"].items()}
    assert august == {"kg": Decimal(1700), "hộp": Decimal(40)}
    assert told["total"]["made"].keys() == {"kg", "hộp"}
    page = (await registry.browser(operator).get(address(farm))).text
    assert "1.700 kg · 40 hộp" in page


async def test_goods_sent_count_for_the_sender_and_for_the_receiver_as_counted(
    registry: Registry, farm: dict[str, str]
) -> None:
    lot = await registry.a_lot(farm["id"], farm["product"])
    receiver = await registry.a_facility()
    sent = ok(
        await registry.post(
            "/shipments",
            {
                "end": "transfer",
                "place": "Kho An Sinh",
                "receiver": receiver["code"],
                "lines": [{"lot": lot["id"], "quantity": "100", "unit": "kg"}],
            },
            registry.operator(farm["id"]),
        ),
        201,
    )
    assert not (await year(registry, farm))["total"]["sent"], "it has not set out yet"
    body = {
        "id": new_id(),
        "at": datetime.now(UTC).isoformat(),
        "counted": [{"lot_id": lot["id"], "quantity": "95", "reason": "Hao hụt"}],
    }
    ok(
        await registry.post(
            f"/shipments/{sent['id']}/receive", body, registry.operator(receiver["id"])
        )
    )
    there = {"id": receiver["id"]}
    arrived = ok(
        await registry.get(
            f"/facilities/{there['id']}/circulation", registry.operator(receiver["id"])
        )
    )
    assert Decimal(arrived["total"]["received"]["kg"]) == 95
    mine = ok(
        await registry.get(f"/facilities/{farm['id']}/circulation", registry.operator(farm["id"]))
    )
    assert Decimal(mine["total"]["sent"]["kg"]) == 100


async def test_revenue_is_seen_by_the_facility_and_its_authorities_alone(
    registry: Registry, farm: dict[str, str]
) -> None:
    path = f"/facilities/{farm['id']}/revenue"
    body = {"month": "2026-10", "amount": 987_654_321, "version": 0}
    own = registry.operator(farm["id"])
    ok(await registry.post(path, body, own))
    for token in (own, registry.checker(), registry.approver(), registry.token("unit", "report")):
        declared = month_in(await year(registry, farm, token), "2026-10")["declared"]
        assert (declared["amount"], declared["on_behalf"]) == (987_654_321, False)
    worker = registry.token("facility", "produce", facility=farm["id"], communes=[])
    refused(await registry.get(f"/facilities/{farm['id']}/circulation", worker), 403, "forbidden")
    for token in (
        registry.operator("another-facility"),
        registry.checker(builders.OTHER_COMMUNE),
        registry.token("department", "approve", sector="health"),
    ):
        refused(
            await registry.get(f"/facilities/{farm['id']}/circulation", token), 404, "not_found"
        )
        listed = ok(await registry.get("/circulation?year=2026", token))
        assert farm["id"] not in [one["facility_id"] for one in listed["items"]]
    refused(await registry.post(path, {**body, "version": 1}, registry.checker()), 403, "forbidden")
    told = " ".join(event.model_dump_json() for event in await registry.events())
    assert "revenue.declare" in told
    assert "987654321" not in told
    public = (await registry.client.get(f"/facilities/{farm['id']}")).text
    assert "987.654.321" not in public


async def test_what_an_authority_declares_says_so(registry: Registry, farm: dict[str, str]) -> None:
    path = f"/facilities/{farm['id']}/revenue"
    ok(await registry.post(path, {"month": "2026-10", "amount": 5}, registry.clerk()))
    declared = month_in(await year(registry, farm), "2026-10")["declared"]
    assert (declared["by"], declared["on_behalf"]) == ("Cán bộ nhập", True)
    page = (await registry.browser(registry.operator(farm["id"])).get(address(farm))).text
    assert "(nhập thay cơ sở)" in page


async def test_of_two_who_declare_at_once_one_is_told(
    registry: Registry, farm: dict[str, str]
) -> None:
    path = f"/facilities/{farm['id']}/revenue"
    token = registry.operator(farm["id"])
    answers = await asyncio.gather(
        *(registry.post(path, {"month": "2026-09", "amount": n}, token) for n in range(1, 5))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    refused(next(a for a in answers if a.status_code == 409), 409, "edit_conflict")
    kept = next(answer.json()["amount"] for answer in answers if answer.status_code == 200)
    row = await registry.db.collection("revenues").find_one({"_id": f"{farm['id']}/2026-09"})
    assert row is not None
    assert (row["amount"], row["version"]) == (kept, 1)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"month": "2999-01"}, "month_ahead"),
        ({"month": "2001-01"}, "month_too_old"),
        ({"month": "2026-13"}, "invalid_input"),
        ({"amount": -1}, "invalid_input"),
        ({"amount": 10**16}, "invalid_input"),
        ({"amount": {"$ne": 1}}, "invalid_input"),
        ({"more": 1}, "invalid_input"),
    ],
)
async def test_a_wrong_declaration_is_refused(
    registry: Registry, farm: dict[str, str], changes: dict[str, Any], code: str
) -> None:
    body = {"month": "2026-10", "amount": 1, **changes}
    answer = await registry.post(
        f"/facilities/{farm['id']}/revenue", body, registry.operator(farm["id"])
    )
    refused(answer, 422, code)


def address(farm: dict[str, str]) -> str:
    return f"/console/registry/facilities/{farm['id']}/circulation?year=2026"


async def test_the_page_declares_and_a_second_editor_loses_nothing_typed(
    registry: Registry, farm: dict[str, str]
) -> None:
    browser = registry.browser(registry.operator(farm["id"]))
    path = address(farm).partition("?")[0]
    page = await browser.get(f"{path}?month=2026-10")
    assert page.status_code == 200
    assert page.text.count("<svg") >= 2
    assert "Xem số liệu dạng bảng" in page.text
    sent = {"csrf": token_in(page.text), "month": "2026-10", "version": "0"}
    first = await browser.post(path, data={**sent, "amount": "12.000.000"})
    assert first.status_code == 303, first.text
    assert "12.000.000" in (await browser.get(first.headers["location"])).text
    second = await browser.post(path, data={**sent, "amount": "13.500.000"})
    assert second.status_code == 409
    assert 'value="13.500.000"' in second.text
    assert "Đang ghi: 12.000.000" in second.text
    assert 'name="version" value="1"' in second.text
    wrong = await browser.post(path, data={**sent, "amount": "nhiều"})
    assert wrong.status_code == 422
    assert 'value="nhiều"' in wrong.text
    empty = await browser.post(path, data={**sent, "version": "1", "amount": ""})
    assert empty.status_code == 303


async def test_a_page_without_any_figure_says_so_in_both_languages(
    registry: Registry, farm: dict[str, str]
) -> None:
    token = registry.operator(farm["id"])
    page = (await registry.browser(token).get(address(farm))).text
    assert "Năm này chưa có lô nào được công bố." in page
    english = await registry.browser(token, **{"Accept-Language": "en"}).get(address(farm))
    assert "No lot of this year has been published yet." in english.text
    home = await registry.browser(token).get("/console/registry/circulation")
    assert home.status_code == 303
    assert home.headers["location"].endswith(f"/facilities/{farm['id']}/circulation")


async def test_the_exports_hold_the_scope_and_no_formula(registry: Registry) -> None:
    name = f'=HYPERLINK("http://x") {new_id()[-6:]}'
    facility = await registry.a_facility(name=name)
    await registry.a_facility(commune=builders.COMMUNE)
    officer = registry.browser(registry.checker())
    query = f"year=2026&q={name[-6:]}"
    text = (await officer.get(f"/console/registry/circulation.csv?{query}")).content
    rows = list(csv.reader(io.StringIO(text.decode("utf-8-sig")), delimiter=";"))
    assert [row[1] for row in rows[1:]] == [f"'{name}"]
    book = await officer.get(f"/console/registry/circulation.xlsx?{query}")
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(book.content)).get_sheet_by_index(0)
    assert sheet.to_python()[1][1] == f"'{name}"
    elsewhere = registry.browser(registry.checker(builders.OTHER_COMMUNE))
    other = await elsewhere.get(f"/console/registry/circulation.csv?{query}")
    assert name[-6:] not in other.text
    own = registry.browser(registry.operator(facility["id"]))
    path = f"/console/registry/facilities/{facility['id']}/circulation"
    csv_file = await own.get(f"{path}.csv?year=2025")
    assert len(csv_file.text.strip().splitlines()) == 13
    assert (await elsewhere.get(f"{path}.xlsx")).status_code == 404


async def test_an_official_s_list_has_the_sums_of_each_facility(
    registry: Registry, farm: dict[str, str]
) -> None:
    await registry.a_lot(farm["id"], farm["product"])
    listed = ok(await registry.get(f"/circulation?year=2026&q={farm['code']}", registry.checker()))
    assert [one["facility_id"] for one in listed["items"]] == [farm["id"]]
    assert Decimal(listed["items"][0]["made"]["kg"]) == 1200
    page = await registry.browser(registry.checker()).get(
        f"/console/registry/circulation?year=2026&q={farm['code']}"
    )
    assert "1.200 kg" in page.text
