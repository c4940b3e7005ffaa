"""What a rule finds in facts, whatever their order, and how rare chance makes it."""

from datetime import UTC, datetime, timedelta
from math import exp, factorial
from typing import Any

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.recall.domain.signals.comparing import Compared
from services.recall.domain.signals.fact import Fact
from services.recall.domain.signals.finding import find, needed
from services.recall.domain.signals.rules import rules

START = datetime(2026, 1, 1, tzinfo=UTC)


def fact(n: int, day: int, facility: str, *, active: bool = True, **more: Any) -> Fact:
    given: dict[str, Any] = {"lot_id": f"l{n}", "product_id": f"p{n % 3}", **more}
    return Fact(
        id=f"test:{n}",
        version=1,
        kind="test",
        at=START + timedelta(days=day),
        event_id=str(n),
        active=active,
        facility_id=facility,
        stamp=f"1/{n}",
        **given,
    )


# Dense enough that each rule finds something in many of them.
facts = st.lists(
    st.tuples(
        st.one_of(st.integers(0, 12), st.integers(0, 300)),
        st.sampled_from("abcdef"),
        st.integers(0, 9).map(bool),
        st.sampled_from("pq"),
        st.sampled_from("xyz"),
    ),
    max_size=40,
).map(
    lambda rows: [
        fact(n, day, owner, active=active, product_id=product, lot_id=lot_id + str(n % 5))
        for n, (day, owner, active, product, lot_id) in enumerate(rows)
    ]
)
any_rule = st.sampled_from(sorted(rules()))


@pytest.mark.parametrize("key", sorted(rules()))
def test_every_rule_finds_something_in_facts_like_those_below(key: str) -> None:
    """Else the properties would hold of nothing."""
    hypothesis.find(facts, lambda told: bool(find(rules()[key], told)))


@given(facts, st.randoms(), any_rule)
def test_the_order_of_facts_makes_no_difference(told: list[Fact], random: object, key: str) -> None:
    rule = rules()[key]
    mixed = list(told)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert find(rule, mixed) == find(rule, told)


def test_a_cluster_of_many_thousands_is_one_finding_cut_out_once() -> None:
    """Where each window that holds enough were joined fact by fact, this would take minutes."""
    rule = rules()["complaints_product"]
    many = [fact(n, n // 200, "abc"[n % 3]) for n in range(20_000)]
    spent = [f"test:{n}" for n in range(-20_000, 0)]
    [found] = find(rule, many, spent)
    assert len(found.facts) == 20_000


@given(facts, any_rule)
def test_what_was_found_holds_what_the_rule_needs_and_no_fact_twice(
    told: list[Fact], key: str
) -> None:
    rule = rules()[key]
    found = find(rule, told)
    ids = [one.id for finding in found for one in finding.facts]
    assert len(ids) == len(set(ids))
    for finding in found:
        assert finding.count >= finding.needed >= rule.threshold
        assert all(one.active for one in finding.facts)
        at = [one.at for one in finding.facts]
        assert at == sorted(at)


@given(facts, any_rule)
def test_what_was_decided_raises_nothing_again(told: list[Fact], key: str) -> None:
    rule = rules()[key]
    spent = {one.id for finding in find(rule, told) for one in finding.facts}
    left = find(rule, told, spent)
    assert not spent & {one.id for finding in left for one in finding.facts}


@given(facts)
def test_without_a_base_rate_it_is_found_where_a_window_holds_enough(told: list[Fact]) -> None:
    rule = rules()["laboratory_input"]
    span = timedelta(days=rule.days)
    active = [one for one in told if one.active]
    crossed = any(
        len({o.facility_id for o in active if one.at - span < o.at <= one.at}) >= rule.threshold
        for one in active
    )
    assert bool(find(rule, told)) == crossed


@given(st.floats(0.01, 40), st.floats(0.0001, 0.2))
def test_chance_alone_reaches_what_is_needed_less_often_than_stated(
    mean: float, rate: float
) -> None:
    def reached(number: int) -> float:
        return 1 - sum(exp(-mean) * mean**n / factorial(n) for n in range(number))

    number = needed(mean, rate)
    assert reached(number) <= rate + 1e-9
    assert number == 0 or reached(number - 1) > rate - 1e-9


def test_what_is_always_complained_about_needs_more_than_what_never_was() -> None:
    rule = rules()["complaints_lot"]
    usual = [fact(n, n // 2, "a") for n in range(360)]
    burst = [fact(1000 + n, 181, "a") for n in range(4)]
    assert find(rule, burst)
    assert not any(one in finding.facts for finding in find(rule, usual + burst) for one in burst)
    flood = [fact(2000 + n, 182, "a") for n in range(40)]
    [found] = [one for one in find(rule, usual + flood) if flood[0] in one.facts]
    assert found.needed > 40


def test_severity_grows_with_the_evidence_of_one_window() -> None:
    rule = rules()["laboratory_facility"]
    few, more, many = (
        find(rule, [fact(n, n, "a") for n in range(count)])[0].severity for count in (2, 4, 8)
    )
    assert (few, more, many) == ("attention", "serious", "critical")


def test_what_goes_on_for_years_is_no_worse_for_that() -> None:
    rule = rules()["laboratory_facility"]
    [found] = find(rule, [fact(n, 170 * n, "a") for n in range(8)])
    assert (found.count, found.severity) == (8, "attention")


def test_an_expired_paper_is_as_bad_as_it_is_old_however_many_lots_were_made() -> None:
    rule = rules()["expired_certificate"]

    def graded(over: int, count: int) -> str:
        return find(rule, [fact(n, n, "a", over=over) for n in range(count)])[0].severity

    assert [graded(over, 1) for over in (1, 29, 30, 300)] == [
        *("attention", "attention", "serious", "serious")
    ]
    assert graded(1, 40) == "attention"


def test_what_was_over_long_ago_is_over_the_same_day_whenever_it_is_told() -> None:
    rule = rules()["complaints_area"]
    told = [fact(n, n, "ab"[n % 2]) for n in range(5)]
    [found] = find(rule, told)
    last = told[-1].at
    assert not found.is_over(last + timedelta(days=29)), "a week late is no matter"
    assert found.is_over(last + timedelta(days=30))


@pytest.mark.parametrize(
    ("failed", "passed", "others_failed", "others_passed", "raised"),
    [
        (3, 0, 0, 0, True),
        (3, 1, 0, 0, True),
        (3, 0, 0, 25, True),
        (3, 4, 0, 50, True),
        (3, 20, 0, 5, False),
        (3, 97, 0, 1, False),
        (3, 3, 10, 5, False),
        (6, 0, 0, 0, True),
    ],
)
def test_an_input_that_everybody_uses_is_no_cause(
    failed: int, passed: int, others_failed: int, others_passed: int, raised: bool
) -> None:
    assert Compared(failed, passed, others_failed, others_passed).stands_out == raised


@given(st.integers(1, 30), st.integers(0, 30), st.integers(0, 30), st.integers(0, 30))
def test_who_passed_with_it_never_speaks_against_it_and_who_passed_without_never_for_it(
    failed: int, passed: int, others_failed: int, others_passed: int
) -> None:
    one = Compared(failed, passed, others_failed, others_passed)
    assert 0 < one.chance <= 1 + 1e-9
    if not one.stands_out:
        assert not Compared(failed, passed + 1, others_failed, others_passed).stands_out
    if one.stands_out and others_passed:
        more = Compared(failed, passed, others_failed, others_passed + 1)
        assert more.stands_out
