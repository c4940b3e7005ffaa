"""Statistics of scans by product, facility, commune and hour, and who may read them."""

import csv
import io
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import pytest
import pytest_asyncio
import python_calamine
from hypothesis import given
from hypothesis import strategies as st

from services.scan.desk.main import build
from services.scan.domain.figures import MOST_DAYS, Period, PeriodWrong
from services.scan.store import counts, people
from services.scan.store.pace import Pace
from shared.contracts.acts import ScanActRecorded
from shared.contracts.scan import ScanCount
from shared.days import local_midnight, spoken, today
from shared.ids import now
from shared.mongo import Tx, transact
from shared.settings import Settings
from shared.spreadsheets import neutral, plain_text
from tests import in_process
from tests.answers import ok, refused
from tests.scan.desk import AWAY, HOME_COMMUNE, Desk
from tests.scan.test_desk import desk_settings
from tests.scan.world import Goods, facility, lot, product
from tests.tokens import bearer

API: Final = "/api/scan/v1/figures"
PAGE: Final = "/console/scan/figures"
LONGER_AGO_AT: Final = 9
FORMULA: Final = '=HYPERLINK("http://example.com")'


@pytest_asyncio.fixture(scope="module")
async def desk(settings: Settings) -> AsyncIterator[Desk]:
    made = desk_settings(settings)
    async with in_process.running(build(made), Desk, made) as found:
        yield found


@dataclass
class Counted:
    """Goods of two facilities that were scanned in two communes, on two days: the first hour of
    the day that it was when they were counted, and 09:00 two days before."""

    ours: Goods
    theirs: Goods
    today: date

    def day(self, ago: int) -> str:
        """That day or one so many days before, whatever day it has become since."""
        return (self.today - timedelta(days=ago)).isoformat()


def one_count(
    goods: Goods | None, hour: datetime, scans: int, users: int, **more: Any
) -> ScanCount:
    whose: dict[str, Any] = {}
    if goods is not None:
        whose = {
            "facility_id": goods.facility,
            "product_id": goods.product,
            "lot_id": goods.lot,
        }
    given_: dict[str, Any] = {"hour": hour, "verdict": "genuine", **whose, **more}
    return ScanCount(scans=scans, first_of_user=users, **given_)


@pytest_asyncio.fixture(scope="module")
async def counted(desk: Desk) -> Counted:
    ours, theirs = Goods(), Goods()
    found = Counted(ours, theirs, today())
    tonight = local_midnight(found.today)
    morning = local_midnight(found.today - timedelta(days=2)) + timedelta(hours=LONGER_AGO_AT)
    long_ago = local_midnight(found.today - timedelta(days=45))
    # As a recorder does that was there from the first scan on.
    await people.prepare(desk.db)
    await desk.knows(*ours.events())
    await desk.knows(
        facility(theirs.facility, commune="06649"),
        product(theirs.product, theirs.facility, name=FORMULA),
        lot(theirs.lot, theirs.product, theirs.facility),
        theirs.segment(),
    )
    made = [
        one_count(ours, tonight, 7, 5, commune=HOME_COMMUNE),
        one_count(ours, tonight, 2, 1, verdict="recalled"),
        one_count(ours, morning, 4, 4, commune=AWAY),
        one_count(ours, long_ago, 1000, 900),
        one_count(theirs, tonight, 3, 2),
        one_count(None, tonight, 11, 9, verdict="unknown"),
    ]

    met = {
        (found.day(0), (ours.facility, ours.product, ours.lot)): who(0, 8),
        (found.day(0), (ours.facility, "our other product", "")): who(7, 9),
        (found.day(2), (ours.facility, ours.product, ours.lot)): who(0, 4),
        (found.day(45), (ours.facility, ours.product, ours.lot)): who(0, 100),
        (found.day(0), (theirs.facility, theirs.product, theirs.lot)): who(0, 2),
        (found.day(0), ("", "", "")): who(20, 29),
    }

    async def work(tx: Tx) -> None:
        await counts.add_hours(tx, made, Pace(None))
        await people.add(tx, met, now(), Pace(None))

    await transact(desk.db, work)
    return found


def who(first: int, last: int) -> set[bytes]:
    return {number.to_bytes(8, "big") for number in range(first, last)}


def people_of(found: dict[str, Any]) -> dict[str, int | None]:
    return {one["key"]: one["people"] for one in found["items"]}


async def asked(desk: Desk, token: str, **query: Any) -> dict[str, Any]:
    return ok(await desk.client.get(API, params=query, headers=bearer(token)))


def words(page: Any) -> str:
    """What a page says, without its marks."""
    return " ".join(re.sub(r"<[^>]*>", " ", page.text).split())


def lines(found: dict[str, Any]) -> dict[str, tuple[int, int]]:
    return {one["key"]: (one["scans"], one["users"]) for one in found["items"]}


async def test_a_facility_reads_its_own_by_product_commune_day_and_hour(
    desk: Desk, counted: Counted
) -> None:
    ours = counted.ours
    own = desk.token("facility", "operate", facility=ours.facility, communes=[])
    by_product = await asked(desk, own)
    assert lines(by_product) == {ours.product: (13, 10)}
    assert by_product["items"][0]["name"] == "Na dai Đông Triều"
    assert by_product["items"][0]["verdicts"] == {"genuine": 11, "recalled": 2}
    assert by_product["verdicts"] == {"genuine": 11, "recalled": 2}
    assert (by_product["scans"], by_product["users"]) == (13, 10)
    by_commune = await asked(desk, own, by="commune")
    assert lines(by_commune) == {HOME_COMMUNE: (7, 5), AWAY: (4, 4), "": (2, 1)}
    assert lines(await asked(desk, own, by="lot")) == {ours.lot: (13, 10)}
    by_day = await asked(desk, own, by="day")
    assert sum(scans for scans, _ in lines(by_day).values()) == 13
    assert list(lines(by_day)) == sorted(lines(by_day))
    by_hour = lines(await asked(desk, own, by="hour"))
    assert by_hour[str(LONGER_AGO_AT)][0] == 4
    assert sum(by_day["hours"]) == 13
    assert len(by_day["hours"]) == 24


async def test_people_are_those_of_each_product_and_facility_whatever_else_they_scanned(
    desk: Desk, counted: Counted
) -> None:
    ours, theirs = counted.ours, counted.theirs
    own = desk.token("facility", "operate", facility=ours.facility, communes=[])
    found = await asked(desk, own)
    assert people_of(found) == {ours.product: 12}
    # Of its two products together: one of those of today has scanned both.
    assert found["people"] == 13
    assert (await asked(desk, own, product=ours.product))["people"] == 12
    by_day = people_of(await asked(desk, own, by="day"))
    assert by_day[counted.day(2)] == 4
    assert (await asked(desk, own, by="lot"))["items"][0]["people"] is None
    everything = await asked(desk, desk.approver(), by="facility")
    assert everything["people"] is None
    assert people_of(everything)[ours.facility] == 13
    assert people_of(everything)[theirs.facility] == 2
    assert people_of(everything)[""] == 9
    that_day = {"from": counted.day(0), "to": counted.day(0)}
    assert (await asked(desk, own, **that_day))["people"] == 9
    commune = desk.token("commune", "check", communes=["07090"])
    assert theirs.facility not in people_of(await asked(desk, commune, by="facility"))


@asynccontextmanager
async def since(desk: Desk, day: str) -> AsyncIterator[None]:
    """People are counted from this day on, and were not before."""
    kept = desk.db.collection(people.SINCE)
    await kept.update_one({}, {"$set": {"day": day}})
    try:
        yield
    finally:
        await kept.update_one({}, {"$set": {"day": ""}})


def head_of(file: str) -> list[str]:
    return next(csv.reader(io.StringIO(file.removeprefix("\ufeff")), delimiter=";"))


async def test_a_period_with_days_on_which_nobody_was_counted_has_no_number_of_people(
    desk: Desk, counted: Counted
) -> None:
    own = desk.token("facility", "operate", facility=counted.ours.facility, communes=[])
    browser = desk.browser(own)
    assert (await asked(desk, own))["people_since"] is None
    assert "được đếm trọn từ ngày" not in (await browser.get(PAGE)).text
    async with since(desk, counted.day(1)):
        for query in ({}, {"to": counted.day(2)}, {"by": "day", "to": counted.day(2)}):
            found = await asked(desk, own, **query)
            assert found["people_since"] == counted.day(1)
            assert found["people"] is None
            assert set(people_of(found).values()) == {None}, query
            page = words(await browser.get(PAGE, params=query))
            # As many as their first scans tell, under a name that says so.
            assert f"Người quét lần đầu trong ngày {found['users']} mỗi người" in page
            assert "được đếm trọn từ ngày" in page
            file = (await browser.get(f"{PAGE}.csv", params=query)).text
            assert head_of(file)[3] == "Người quét lần đầu trong ngày"
        later = await asked(desk, own, **{"from": counted.day(1)})
        assert later["people"] == 9
        assert people_of(later) == {counted.ours.product: 8}
        page = words(await browser.get(PAGE, params={"from": counted.day(1)}))
        assert "Người quét 9 mỗi người" in page
        assert "được đếm trọn từ ngày" not in page


async def test_day_by_day_the_people_are_told_from_the_first_day_they_were_counted_on(
    desk: Desk, counted: Counted
) -> None:
    own = desk.token("facility", "operate", facility=counted.ours.facility, communes=[])
    browser = desk.browser(own)
    async with since(desk, counted.day(1)):
        found = await asked(desk, own, by="day")
        assert found["people"] is None
        by_day = people_of(found)
        assert by_day.pop(counted.day(2)) is None
        assert set(by_day.values()) == {9}
        answer = await browser.get(PAGE, params={"by": "day"})
        assert f"Người quét lần đầu trong ngày {found['users']} mỗi người" in words(answer)
        day = spoken(counted.today - timedelta(days=1))
        assert f"Người quét (từ ngày {day})" in words(answer)
        file = (await browser.get(f"{PAGE}.csv", params={"by": "day"})).text
        assert head_of(file)[3] == f"Người quét (từ ngày {day})"
        rows = {row[1]: row for row in csv.reader(io.StringIO(file), delimiter=";")}
        assert rows[counted.day(2)][2:4] == ["4", ""]


@pytest.mark.parametrize("by", ["product", "lot", "facility", "commune", "day", "hour"])
async def test_the_number_above_a_table_is_what_its_lines_give_or_is_called_otherwise(
    desk: Desk, counted: Counted, by: str
) -> None:
    """Those counted with their first scan of the day add up; different people of each do not."""
    own = desk.token("facility", "operate", facility=counted.ours.facility, communes=[])
    # A facility has one facility, and is offered no table of them.
    for token in (own, desk.approver())[by == "facility" :]:
        found = await asked(desk, token, by=by)
        page = words(await desk.browser(token).get(PAGE, params={"by": by}))
        above = re.search(r"(Người quét[^\d]*) ([\d.]+) mỗi người", page)
        assert above is not None
        number = int(above[2].replace(".", ""))
        if above[1] == "Người quét lần đầu trong ngày":
            assert number == found["users"] == sum(one["users"] for one in found["items"])
        else:
            assert by in ("product", "day")
            assert token == own
            assert number == found["people"]
        if "cộng các dòng lại đúng bằng số chung" in page:
            assert above[1] == "Người quét lần đầu trong ngày"


async def test_the_page_says_what_the_number_of_people_means(desk: Desk, counted: Counted) -> None:
    browser = desk.browser(desk.approver())
    by_product = (await browser.get(PAGE)).text
    assert "quét hai sản phẩm thì được đếm ở cả hai" in by_product
    # Of all products together only first scans are known, and are called so.
    assert by_product.count("Người quét lần đầu trong ngày") == 1
    by_lot = (await browser.get(f"{PAGE}?by=lot")).text
    assert "Người quét lần đầu trong ngày" in by_lot
    assert "ở lượt quét đầu tiên của ngày" in by_lot


async def test_a_period_leaves_out_what_lies_beyond_it(desk: Desk, counted: Counted) -> None:
    own = desk.token("facility", "operate", facility=counted.ours.facility, communes=[])
    long_ago = counted.day(50)
    assert (await asked(desk, own, **{"from": long_ago}))["scans"] == 1013
    assert (await asked(desk, own, **{"from": long_ago, "to": counted.day(40)}))["scans"] == 1000
    far = {"from": "2020-01-01", "to": "2026-01-01"}
    answer = await desk.client.get(API, params=far, headers=bearer(own))
    assert refused(answer, 422, "period_wrong")
    for wrong in ({"by": "person"}, {"from": "soon"}, {"colour": "red"}, {"page": 0}):
        answer = await desk.client.get(API, params=wrong, headers=bearer(own))
        assert refused(answer, 422, "invalid_input"), wrong
    page = await desk.browser(own).get(f"{PAGE}?from=2020-01-01&to=2026-01-01")
    assert page.status_code == 422
    assert f"dài nhất là {MOST_DAYS} ngày" in page.text
    assert (await desk.browser(own).get(f"{PAGE}.csv?from=hôm-qua")).status_code == 422


async def test_officials_read_their_area_and_nobody_learns_of_anothers_facility(
    desk: Desk, counted: Counted
) -> None:
    ours, theirs = counted.ours, counted.theirs
    commune = desk.token("commune", "check", communes=["07090"])
    assert set(lines(await asked(desk, commune, by="facility"))) >= {ours.facility}
    assert theirs.facility not in lines(await asked(desk, commune, by="facility"))
    whole = lines(await asked(desk, desk.approver(), by="facility"))
    assert whole[ours.facility] == (13, 10)
    assert whole[theirs.facility] == (3, 2)
    assert whole[""] == (11, 9)
    own = desk.token("facility", "operate", facility=ours.facility, communes=[])
    for token, foreign in ((own, theirs.facility), (commune, theirs.facility), (own, "nobody")):
        for path in (API, PAGE, f"{PAGE}.csv", f"{PAGE}.xlsx"):
            query = {"facility": foreign}
            if path == API:
                answer = await desk.client.get(path, params=query, headers=bearer(token))
            else:
                answer = await desk.browser(token).get(path, params=query)
            assert answer.status_code == 404, path
    of_theirs = await asked(desk, own, product=theirs.product)
    assert (of_theirs["scans"], of_theirs["items"]) == (0, [])


async def test_the_page_shows_figures_pictures_and_says_when_there_is_nothing(
    desk: Desk, counted: Counted
) -> None:
    browser = desk.browser(desk.approver())
    page = (await browser.get(PAGE)).text
    assert "Na dai Đông Triều" in page
    assert page.count("<svg") > 3
    assert "Lượt quét theo giờ trong ngày" in page
    assert f"{PAGE}?from=" in page
    for by in ("facility", "commune", "day", "hour", "lot", "nonsense"):
        assert (await browser.get(f"{PAGE}?by={by}&page=99")).status_code == 200
    named = (await browser.get(f"{PAGE}?by=commune")).text
    assert "Cà Mau" in named
    assert "Người quét không cho biết nơi" in named
    nothing = desk.browser(desk.token("commune", "check", communes=["00004"]))
    assert "Chưa có lượt quét nào" in (await nothing.get(PAGE)).text


async def test_a_file_holds_every_line_no_formula_and_who_took_it_is_on_record(
    desk: Desk, counted: Counted
) -> None:
    browser = desk.browser(desk.approver())
    answer = await browser.get(f"{PAGE}.csv?by=product")
    assert answer.headers["content-disposition"].startswith("attachment")
    text = answer.content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    by_key = {row[1]: row for row in rows[1:]}
    assert rows[0][:4] == ["Sản phẩm", "Mã", "Lượt quét", "Người quét"]
    assert by_key[counted.ours.product][2:4] == ["13", "12"]
    assert by_key[counted.theirs.product][0] == f"'{FORMULA}"
    book = await browser.get(f"{PAGE}.xlsx?by=product")
    read = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(book.content))
    cells = read.get_sheet_by_index(0).to_python()
    assert {str(row[0]) for row in cells} >= {"Na dai Đông Triều", f"'{FORMULA}"}
    assert {row[1]: row[2] for row in cells}[counted.ours.product] == 13
    acts = await desk.events(kind=ScanActRecorded)
    assert ("scans.export", "accepted") in {(one.action, one.outcome) for one in acts}


@given(st.text(max_size=12))
def test_no_cell_begins_as_a_formula_does(text: str) -> None:
    assert not neutral(text).startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert plain_text(neutral(text)) == text


DAYS = st.dates(date(2, 1, 1), date(9998, 12, 31))


@given(DAYS, DAYS, DAYS)
def test_a_period_has_from_one_day_to_a_year_or_is_refused(
    first: Any, last: Any, today: Any
) -> None:
    try:
        period = Period.of(first, last, today)
    except PeriodWrong:
        assert last < first or (last - first).days >= MOST_DAYS
        return
    assert period.first <= period.last
    assert len(period.days) <= MOST_DAYS


ENDS_OF_TIME: Final = (date.min, date(1, 1, 25), date.max, date(9999, 1, 1))


@given(
    first=st.none() | st.dates() | st.sampled_from(ENDS_OF_TIME),
    last=st.none() | st.dates() | st.sampled_from(ENDS_OF_TIME),
)
def test_whatever_days_are_typed_it_is_a_period_or_refused(
    first: date | None, last: date | None
) -> None:
    for one, other in ((first, last), (first, None), (None, last), (first, first)):
        with suppress(PeriodWrong):
            period = Period.of(one, other, date(2026, 11, 26))
            assert period.begins.astimezone(UTC) < period.ends.astimezone(UTC)
            assert period.days


async def test_days_at_the_ends_of_the_calendar_are_refused_like_any_wrong_period(
    desk: Desk,
) -> None:
    token = desk.approver()
    for query in ({"to": "9999-12-31"}, {"to": "0001-01-01"}, {"from": "9999-12-31"}):
        answer = await desk.client.get(API, params=query, headers=bearer(token))
        assert refused(answer, 422, "period_wrong"), query
        assert (await desk.browser(token).get(PAGE, params=query)).status_code == 422


def test_a_day_here_begins_seven_hours_before_that_of_greenwich() -> None:
    day = datetime(2026, 11, 26, tzinfo=UTC).date()
    period = Period.of(day, day, day)
    assert period.begins.astimezone(UTC) == datetime(2026, 11, 25, 17, tzinfo=UTC)
    assert period.ends.astimezone(UTC) == datetime(2026, 11, 26, 17, tzinfo=UTC)
