"""The stock of a batch: whatever is done with it, each serial lies in one place."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import takewhile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.stamps.domain.places import Place
from services.stamps.domain.printing import Span, joined
from services.stamps.domain.requests import Batch
from services.stamps.domain.spans import Ambiguous, count, left, spans_written, within, written
from services.stamps.domain.stock import MAX_PIECES, Stock, ordered
from services.stamps.domain.stock_refusals import NotToBePrinted, TooManyPieces
from shared.errors import Refusal

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
SIZE = 24
UNITS = ("sở", "xã")


def a_stock(quantity: int = SIZE) -> Stock:
    return ordered(Batch(1, "r", "f", "p", quantity, NOW))


@dataclass
class Model:
    """Serial by serial: the place of each, the unit, the job and the hand-over."""

    serials: list[tuple[Place, str, str, str]] = field(
        default_factory=lambda: [("ordered", "", "", "")] * SIZE
    )

    def move(
        self,
        spans: tuple[Span, ...],
        may: Callable[[tuple[Place, str, str, str]], bool],
        to: Callable[[tuple[Place, str, str, str]], tuple[Place, str, str, str]],
    ) -> bool:
        chosen = [serial for first, last in spans for serial in range(first, last + 1)]
        if not all(serial < SIZE and may(self.serials[serial]) for serial in chosen):
            return False
        for serial in chosen:
            self.serials[serial] = to(self.serials[serial])
        return True

    def where(self, place: Place, **of: str) -> tuple[Span, ...]:
        names = {"job": 2, "handover": 3}
        found = [
            serial
            for serial, one in enumerate(self.serials)
            if one[0] == place and all(one[names[name]] == it for name, it in of.items())
        ]
        return tuple((serial, serial) for serial in found)


def each(stock: Stock) -> list[tuple[Place, str, str, str]]:
    """What the stock says of every serial; fails where one lies in no place or in two."""
    found: list[tuple[Place, str, str, str]] = []
    for one in stock.lying:
        assert one.first == len(found)
        assert one.last >= one.first
        told = (one.place, one.unit_id, one.job, one.handover)
        found += [told] * (one.last - one.first + 1)
    return found


numbers = st.integers(0, SIZE + 1)
spans = st.tuples(numbers, numbers).map(lambda pair: (min(pair), max(pair)))
lists = st.lists(spans, min_size=1, max_size=3).map(
    lambda found: spans_written(written(tuple(found)))
)
acts = st.one_of(
    st.tuples(st.just("print"), st.one_of(spans, st.sampled_from(((0, 11), (12, SIZE - 1))))),
    st.tuples(
        st.just("store"),
        numbers,
        st.one_of(st.just([]), st.lists(spans, max_size=2)),
        st.sampled_from(UNITS),
    ),
    st.tuples(st.just("hand_over"), st.one_of(numbers, spans, lists), st.sampled_from(UNITS)),
    st.tuples(st.just("take_back"), numbers),
    st.tuples(st.just("cancel"), numbers),
    st.tuples(
        st.just("receive"),
        numbers,
        st.sampled_from(("", "missing", "damaged")),
        st.sampled_from(("", *UNITS)),
    ),
)


@given(st.lists(acts, max_size=20))
def test_each_serial_lies_in_one_place_and_moves_only_as_it_may(
    done: list[tuple[object, ...]],
) -> None:
    stock, model = a_stock(), Model()
    for number, drawn in enumerate(done, 1):
        act = _of_something(stock, drawn)
        before, model_before = stock, list(model.serials)
        try:
            stock = _done(stock, act, number)
        except Refusal:
            stock = before
        else:
            assert stock.version == before.version + 1
            assert _modelled(model, act, number), "the stock let through what may not be"
        if stock is before:
            model.serials = model_before
        assert each(stock) == model.serials
        assert sum(stock.counts.values()) == SIZE
        told = [(s, p) for a, b, p in stock.moved_since(before) for s in range(a, b + 1)]
        changed = [
            (serial, one[0])
            for serial, (one, was) in enumerate(zip(each(stock), each(before), strict=True))
            if (one[0], one[2]) != (was[0], was[2])
        ]
        assert told == changed


def _of_something(stock: Stock, act: tuple[object, ...]) -> tuple[object, ...]:
    """The act with a number drawn for a job or hand-over made one that there is."""
    match act:
        case (("store" | "cancel") as name, int(number), *rest):
            jobs = sorted({int(one.job.removeprefix("job ")) for one in stock.lying if one.job})
            return (name, jobs[number % len(jobs)] if jobs else 0, *rest)
        case ("hand_over", int(aimed), unit):
            held = [one for one in stock.lying if one.place in ("stock", "handed")]
            piece = held[aimed % len(held)] if held else None
            span = (piece.first, piece.last) if piece else (aimed, aimed)
            return ("hand_over", (span,), unit)
        case ("hand_over", (int(first), int(last)), unit):
            return ("hand_over", ((first, last),), unit)
        case (("take_back" | "receive") as name, int(number), *rest):
            made = {one.handover for one in stock.lying if one.handover}
            numbers = sorted(int(one.removeprefix("h ")) for one in made)
            return (name, numbers[number % len(numbers)] if numbers else 0, *rest)
    return act


def _done(stock: Stock, act: tuple[object, ...], number: int) -> Stock:
    match act:
        case ("print", (int(first), int(last))):
            return stock.print((first, last), job=f"job {number}", failed=(), now=NOW)
        case ("store", int(job), list(bad), str(unit)):
            spoilt = spans_written(written(tuple(bad)))
            return stock.store(f"job {job}", spoilt, unit=unit, now=NOW)
        case ("hand_over", tuple(given_), str(unit)):
            return stock.hand_over(given_, handover=f"h {number}", unit=unit, now=NOW)
        case ("take_back", int(made)):
            return stock.take_back(f"h {made}", now=NOW)
        case ("cancel", int(job)):
            return stock.cancel_print(f"job {job}", now=NOW)
        case ("receive", int(made), str(lack), str(unit)):
            some = _first_piece(stock, f"h {made}") if lack else ()
            missing, damaged = (some if lack == one else () for one in ("missing", "damaged"))
            return stock.receive(f"h {made}", missing, damaged, now=NOW, unit=unit)
    raise AssertionError(act)


def _first_piece(stock: Stock, handover: str) -> tuple[Span, ...]:
    mine = [one for one in stock.lying if (one.place, one.handover) == ("handed", handover)]
    return tuple((one.first, one.last) for one in mine[:1])


def _modelled(model: Model, act: tuple[object, ...], number: int) -> bool:
    match act:
        case ("print", (int(first), int(last))):
            return model.move(
                ((first, last),),
                lambda one: one[0] == "ordered",
                lambda one: ("printing", one[1], f"job {number}", ""),
            )
        case ("store", int(job), list(bad), str(unit)):
            mine, spoilt = model.where("printing", job=f"job {job}"), tuple(bad)
            bad_ones = {s for first, last in spoilt for s in range(first, last + 1)}
            good = tuple(one for one in mine if one[0] not in bad_ones)

            def here(one: tuple[Place, str, str, str]) -> bool:
                return one[0] in ("printing", "spoilt") and one[2] == f"job {job}"

            return model.move(good, here, lambda one: ("stock", unit, one[2], "")) and model.move(
                spoilt, here, lambda one: ("spoilt", one[1], "", "")
            )
        case ("hand_over", tuple(given_), str(unit)):
            return model.move(
                given_,
                lambda one: one[:2] == ("stock", unit),
                lambda one: ("handed", unit, one[2], f"h {number}"),
            )
        case ("take_back", int(made)):
            mine = model.where("handed", handover=f"h {made}")
            return model.move(mine, lambda _: True, lambda one: ("stock", one[1], one[2], ""))
        case ("cancel", int(job)):
            mine = model.where("printing", job=f"job {job}")
            return model.move(mine, lambda _: True, lambda one: ("ordered", one[1], "", ""))
        case ("receive", int(made), str(lack), str(unit)):
            return _received(model, f"h {made}", lack, unit)
    raise AssertionError(act)


def _received(model: Model, made: str, lack: str, unit: str) -> bool:
    mine = [serial for serial, _ in model.where("handed", handover=made)]
    gone: set[int] = set()
    if lack and mine:
        same = model.serials[mine[0]]
        gone = set(takewhile(lambda serial: model.serials[serial] == same, range(mine[0], SIZE)))
    for serial in mine:
        _, giver, job, _ = model.serials[serial]
        if serial in gone:
            place: Place = "missing" if lack == "missing" else "damaged"
            model.serials[serial] = (place, giver, "", "")
        elif unit:
            model.serials[serial] = ("stock", unit, job, "")
        else:
            model.serials[serial] = ("received", giver, "", "")
    return True


def test_what_was_printed_is_not_printed_again_unless_its_job_failed() -> None:
    stock = a_stock().print((0, 9), job="a", failed=(), now=NOW)
    with pytest.raises(NotToBePrinted):
        stock.print((5, 12), job="b", failed=(), now=NOW)
    again = stock.print((5, 12), job="b", failed={"a"}, now=NOW)
    assert again.of_job("a") == ((0, 4),)
    assert again.of_job("b") == ((5, 9), (10, 12)) or again.of_job("b") == ((5, 12),)


@pytest.mark.parametrize(
    ("text", "spans_"),
    [
        ("", ()),
        ("7", ((7, 7),)),
        ("0-499, 600–699", ((0, 499), (600, 699))),
        ("1.000 – 1.999; 5", ((5, 5), (1000, 1999))),
        ("0-5,3-9,10", ((0, 10),)),
        ("1.234", ((1234, 1234),)),
        ("143, 200", ((143, 143), (200, 200))),
        ("143;200", ((143, 143), (200, 200))),
        ("1,2345", ((1, 1), (2345, 2345))),
    ],
)
def test_ranges_are_read_as_people_write_them(text: str, spans_: tuple[Span, ...]) -> None:
    assert spans_written(text) == spans_
    assert spans_written(written(spans_)) == spans_


@pytest.mark.parametrize(
    "text", ["a", "9-3", "1-", "-1", "1 2", "1--2", "1,,2", ",", "12345678", "1.00", "1," * 101]
)
def test_what_is_no_range_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each text is wrong in its own way.
        spans_written(text)


@pytest.mark.parametrize("text", ["1,000-1,010", "1,234", "5, 12,345", "143,200", "1,000,000"])
def test_what_may_be_thousands_is_not_read_as_two_numbers(text: str) -> None:
    with pytest.raises(Ambiguous):
        spans_written(text)


@given(st.lists(spans, max_size=5), st.lists(spans, max_size=5))
def test_what_is_left_is_what_nobody_took(some: list[Span], others: list[Span]) -> None:
    outer = spans_written(written(tuple(some)))
    taken = spans_written(written(tuple(others)))
    rest = left(outer, taken)

    def members(found: tuple[Span, ...]) -> set[int]:
        return {serial for first, last in found for serial in range(first, last + 1)}

    assert members(rest) == members(outer) - members(taken)
    assert count(rest) == len(members(rest))
    assert within(rest, outer)


def test_what_lies_in_one_place_is_told_as_one_though_it_came_there_twice() -> None:
    stock = a_stock().print((0, 9), job="a", failed=(), now=NOW)
    stock = stock.print((10, 19), job="b", failed=(), now=NOW)
    for job in ("a", "b"):
        stock = stock.store(job, (), unit="xã", now=NOW)
    assert len(stock.lying) == 3
    assert stock.at("stock", unit="xã") == ((0, 19),)
    assert stock.at("stock", unit="sở") == ()


def in_stock(quantity: int) -> Stock:
    stock = a_stock(quantity).print((0, quantity - 1), job="a", failed=(), now=NOW)
    return stock.store("a", (), unit="xã", now=NOW)


def test_a_batch_is_handed_over_bit_by_bit_to_its_end() -> None:
    stock = in_stock(2 * MAX_PIECES)
    for serial in range(2 * MAX_PIECES):
        at = NOW + timedelta(seconds=serial)
        span = ((serial, serial),)
        stock = stock.hand_over(span, handover=f"h {serial}", unit="xã", now=at)
        stock = stock.receive(f"h {serial}", (), (), now=at)
        assert len(stock.lying) <= 2
    assert stock.counts == {"received": 2 * MAX_PIECES}


def test_what_waits_for_its_receipt_is_not_cut_too_small_but_goes_on_in_whole_pieces() -> None:
    stock = in_stock(2 * MAX_PIECES)
    for number in range(MAX_PIECES - 1):
        stock = stock.hand_over(((number, number),), handover=f"h {number}", unit="xã", now=NOW)
    rest = (MAX_PIECES - 1, 2 * MAX_PIECES - 1)
    with pytest.raises(TooManyPieces):
        stock.hand_over((rest[:1] * 2,), handover="one", unit="xã", now=NOW)
    stock = stock.hand_over((rest,), handover="all", unit="xã", now=NOW)
    # However much is missing, a receipt is taken in.
    lost = tuple((serial, serial) for serial in range(rest[0], rest[1], 2))
    stock = stock.receive("all", lost, (), now=NOW)
    assert len(stock.lying) > MAX_PIECES
    assert stock.counts["missing"] == len(lost)


scattered = st.builds(
    lambda start, step: set(range(start, 3 * MAX_PIECES, step)),
    st.integers(0, 9),
    st.integers(2, 40),
)


@settings(max_examples=25)
@given(scattered, scattered, st.integers(1, 3 * MAX_PIECES))
def test_no_report_of_what_is_spoilt_or_missing_is_refused_for_pieces(
    spoilt: set[int], missing: set[int], cut: int
) -> None:
    """And what is left goes on, in the pieces that there are."""
    quantity = 3 * MAX_PIECES
    stock = a_stock(quantity).print((0, quantity - 1), job="a", failed=(), now=NOW)
    bad = tuple(joined((serial, serial) for serial in spoilt))
    stock = stock.store("a", bad, unit="xã", now=NOW)
    good = stock.at("stock")
    for name, some in (("a", good[:cut]), ("b", good[cut:])):
        if some:
            stock = stock.hand_over(some, handover=name, unit="xã", now=NOW)
            lost = (
                (serial, serial) for serial in missing - spoilt if within(((serial, serial),), some)
            )
            stock = stock.receive(name, tuple(joined(lost)), (), now=NOW)
    found = {place for place, *_ in each(stock)}
    assert found <= {"received", "missing", "spoilt"}
    assert stock.counts.get("spoilt", 0) == len(spoilt)
    assert stock.counts.get("missing", 0) == len(missing - spoilt)
    neighbours = zip(stock.lying, stock.lying[1:], strict=False)
    assert all(one.place != other.place for one, other in neighbours)
