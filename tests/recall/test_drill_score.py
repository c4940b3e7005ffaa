"""The score of a drill: never above what was made, the same in any order, never lowered by an
answer."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.recall.domain.amounts import Made
from services.recall.domain.drill_lots import Books, LotTraced, Statement, by_shortage
from services.recall.domain.drill_refusals import StatedMoreThanHad
from services.recall.domain.drill_score import (
    Place,
    rehearsed,
    rules,
    score,
    unit_rehearsed,
    until,
)
from services.recall.domain.drill_standing import is_due
from services.recall.pages.drill_words import in_hours
from services.recall.store.drill_duties import fulfilled_until, since

SINCE = datetime(2026, 11, 1, 2, 0, tzinfo=UTC)
amounts = st.decimals(0, 1000, places=3)
statements = st.builds(
    Statement,
    held=amounts,
    sold=amounts,
    used=amounts,
    sent=st.lists(st.tuples(st.just("x"), amounts), max_size=3).map(tuple),
)


@st.composite
def lots(draw: st.DrawFn) -> LotTraced:
    made = Made(draw(st.uuids()).hex, draw(amounts), draw(st.sampled_from(["kg", "g", "hộp"])))
    books = Books(draw(amounts), draw(amounts))
    return LotTraced(made, "L", "f", books, draw(st.none() | statements))


places = st.builds(
    Place,
    facility_id=st.uuids().map(str),
    asked=st.integers(0, 5),
    stated=st.integers(0, 5),
    reachable=st.booleans(),
    acknowledged_at=st.none() | st.integers(0, 9999).map(lambda m: SINCE + timedelta(minutes=m)),
    told_at=st.none() | st.integers(0, 9999).map(lambda m: SINCE + timedelta(minutes=m)),
)


@given(st.lists(lots(), max_size=8), st.lists(places, max_size=8), st.randoms())
def test_no_share_is_above_100_and_the_order_of_answers_does_not_matter(
    some: list[LotTraced], told: list[Place], random: Random
) -> None:
    first = score(some, told, 1.0, SINCE)
    for one in some:
        assert Decimal(0) <= one.traced <= one.made.quantity
    assert all(0 <= unit["percent"] <= 100 for unit in first["units"])
    assert first["complete"] is None or 0 <= first["complete"] <= 100
    assert 0 <= first["acknowledged_percent"] <= 100
    assert first["reached"] + first["unreached"] == len(told)
    assert max(first["messaged"], first["acknowledged"]) <= first["reached"]
    assert first["own_100"] is None or first["own_100"] <= first["minutes_100"]
    random.shuffle(some)
    random.shuffle(told)
    assert score(some, told, 1.0, SINCE) == first


@given(amounts, amounts, amounts, statements)
def test_no_answer_lowers_what_is_traced(
    made: Decimal, sent: Decimal, gone: Decimal, said: Statement
) -> None:
    books = Books(sent, gone)
    silent = LotTraced(Made("l", made, "kg"), "L", "f", books, None)
    spoken = LotTraced(Made("l", made, "kg"), "L", "f", books, said)
    assert spoken.traced >= silent.traced


@given(amounts, amounts, amounts, statements)
def test_no_goods_count_twice_whatever_books_and_words_say(
    made: Decimal, sent: Decimal, gone: Decimal, said: Statement
) -> None:
    """Never more than either account knows of; who says less left than the books do is shown."""
    books = Books(sent, gone)
    lot = LotTraced(Made("l", made, "kg"), "L", "f", books, said)
    assert lot.traced <= max(books.left, said.total)
    assert lot.is_contradicted == (said.left < books.left or books.left > made)
    assert not lot.is_short or lot.is_open


def of_hundred(books: Books, said: Statement | None) -> LotTraced:
    return LotTraced(Made("l", Decimal(100), "kg"), "L", "f", books, said)


def test_boxes_that_have_a_shipment_and_still_lie_there_are_not_both_counted() -> None:
    lot = of_hundred(Books(sent=Decimal(60)), Statement(held=Decimal(60)))
    assert (lot.traced, lot.is_contradicted) == (Decimal(60), True)
    wrong_field = of_hundred(Books(sent=Decimal(60)), Statement(sold=Decimal(60)))
    assert (wrong_field.traced, wrong_field.is_contradicted) == (Decimal(60), False)
    more_than_made = of_hundred(Books(sent=Decimal(120)), None)
    assert (more_than_made.traced, more_than_made.is_contradicted) == (Decimal(100), True)


def test_what_left_without_a_shipment_is_no_contradiction() -> None:
    lot = of_hundred(Books(sent=Decimal(20)), Statement(held=Decimal(30), sold=Decimal(70)))
    assert (lot.traced, lot.is_contradicted, lot.is_open) == (Decimal(100), False, False)


def test_what_somebody_has_to_look_at_comes_first() -> None:
    whole = of_hundred(Books(), Statement(held=Decimal(100)))
    short = of_hundred(Books(sent=Decimal(90)), None)
    against = of_hundred(Books(sent=Decimal(100)), Statement(held=Decimal(100)))
    assert by_shortage([whole, against, short]) == [short, against, whole]
    found = score([whole, short, against], [], 1.0, SINCE)
    assert (found["short"], found["contradicted"]) == (1, 1)


def test_less_than_whole_never_reads_as_100() -> None:
    almost = LotTraced(Made("l", Decimal(100000), "kg"), "L", "f", Books(Decimal(99999)), None)
    assert score([almost], [], 1.0, SINCE)["complete"] == 99.9


def test_nobody_states_more_than_there_was() -> None:
    Statement(held=Decimal(60), sold=Decimal(40)).check(Decimal(100), "kg")
    with pytest.raises(StatedMoreThanHad):
        Statement(held=Decimal(60), sold=Decimal(41)).check(Decimal(100), "kg")


def test_how_long_so_many_took_counts_those_that_never_answered() -> None:
    told = [Place(str(n), 1, 1, True, SINCE + timedelta(minutes=n)) for n in range(1, 10)]
    silent = Place("silent", 1, 0, False, None)
    assert until(50, SINCE, [*told, silent]) == 5
    assert until(90, SINCE, [*told, silent]) == 9
    assert until(100, SINCE, [*told, silent]) is None


def test_who_rehearsed_is_who_answered_all() -> None:
    done = Place("done", 2, 2, True, SINCE)
    half = Place("half", 2, 1, True, SINCE)
    assert rehearsed([done, half], None, rules().duty) == ("done",)
    assert unit_rehearsed([done, half])
    assert not unit_rehearsed([half])


def test_who_began_a_drill_has_rehearsed_when_it_answered_and_another_did() -> None:
    duty = rules().duty
    own, silent = Place("own", 2, 2, True, SINCE), Place("own", 2, 0, True, SINCE)
    other, quiet = Place("other", 1, 1, True, SINCE), Place("other", 1, 0, True, None)
    assert rehearsed([own, quiet], "own", duty) == ()
    assert rehearsed([silent, other], "own", duty) == ("other",)
    assert rehearsed([own, other], "own", duty) == ("other", "own")
    assert rehearsed([own], "own", duty) == ("own",), "its goods went to nobody else"
    assert rehearsed([silent], "own", duty) == ()


def test_a_second_person_that_lets_others_wait_costs_the_grade() -> None:
    whole = of_hundred(Books(), Statement(held=Decimal(100)))
    told = [Place("f", 1, 1, True, SINCE)]
    grades = [
        score([whole], told, 0.1, SINCE, waited=waited)["grade"]
        for waited in (0.1, 3600, 3601, 14400, 14401)
    ]
    assert grades == ["good", "good", "fair", "fair", "poor"]


def test_figures_are_counted_again_after_a_while_and_a_large_drill_rests_longer() -> None:
    def due(after: float, *, took: float = 0.1, said: int = 1) -> bool:
        return is_due(SINCE, 1, took, now=SINCE + timedelta(seconds=after), said=said)

    assert [due(19, said=2), due(20, said=2)] == [False, True]
    assert [due(20), due(59), due(60)] == [False, False, True]
    assert [due(60, took=4), due(79, took=4, said=9), due(80, took=4)] == [False, False, True]


def test_hours_never_have_sixty_minutes() -> None:
    assert [in_hours(one) for one in (0.4, 119.4, 119.6, 179.4, 179.7)] == [
        (0, 0), (0, 119), (2, 0), (2, 59), (3, 0),
    ]  # fmt: skip


def test_the_duty_comes_back_after_its_months() -> None:
    duty = rules().duty
    at = datetime(2026, 11, 27, 3, 0, tzinfo=UTC)
    again = fulfilled_until(at, duty)
    assert again.date().isoformat() == "2027-11-27"
    assert since(again, duty).date().isoformat() == "2026-11-28", "due again on that day"


@pytest.mark.parametrize(
    ("done", "months", "due"),
    [
        ("2026-11-30", 12, "2027-11-30"),
        ("2026-12-31", 12, "2027-12-31"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2026-12-31", 2, "2027-02-28"),
    ],
)
def test_the_last_days_of_a_month_stay_its_last_days(done: str, months: int, due: str) -> None:
    duty = rules().duty.model_copy(update={"months": months})
    at = datetime.fromisoformat(f"{done}T03:00:00+00:00")
    assert fulfilled_until(at, duty).date().isoformat() == due


@given(st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
       st.integers(-40, 40), st.integers(1, 24))  # fmt: skip
def test_a_list_and_the_facilitys_own_page_agree_on_every_day(
    last: datetime, days: int, months: int
) -> None:
    duty = rules().duty.model_copy(update={"months": months})
    at = fulfilled_until(last, duty) + timedelta(days=days)
    assert (at < fulfilled_until(last, duty)) == (last >= since(at, duty))
