"""The ledger is a chain: whatever is edited, removed, moved, added or cut off shows."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.reporting.domain.checking import ChainCheck, Findings
from services.reporting.domain.ledger import GENESIS, Link, link


def chain(bodies: list[str]) -> list[Link]:
    links: list[Link] = []
    head = (0, GENESIS)
    for i, body in enumerate(bodies):
        one = link(
            after=head,
            event_id=f"e{i}",
            source="recall",
            type_="recall.ordered.v1",
            number=i + 1,
            body=body,
            salt="ab" * 16,
        )
        head = (one.seq, one.hash)
        links.append(one)
    return links


def check(
    links: list[Link], *, head: tuple[int, str], signed: dict[int, set[str]] | None = None
) -> Findings:
    walk = ChainCheck(signed or {})
    for one in links:
        walk.take(one)
    return walk.finish(head)


def head_of(links: list[Link]) -> tuple[int, str]:
    return (links[-1].seq, links[-1].hash) if links else (0, GENESIS)


@given(st.lists(st.text(max_size=20), max_size=8))
def test_an_untouched_chain_is_sound(bodies: list[str]) -> None:
    links = chain(bodies)
    assert check(links, head=head_of(links)).sound


@given(st.integers(2, 7), st.data())
def test_every_single_tampering_is_found(length: int, data: st.DataObject) -> None:
    links = chain([f"body {i}" for i in range(length)])
    head, signed = head_of(links), {length: {links[-1].hash}}
    at = data.draw(st.integers(0, length - 1))
    kind = data.draw(st.sampled_from(["edit", "delete", "swap", "truncate", "digest", "rename"]))
    changed = list(links)
    if kind == "edit":
        changed[at] = replace(links[at], body="another")
    elif kind == "digest":
        changed[at] = replace(links[at], digest="00" * 32)
    elif kind == "rename":
        changed[at] = replace(links[at], event_id="other")
    elif kind == "delete":
        del changed[at]
    elif kind == "swap":
        other = (at + 1) % length
        changed[at], changed[other] = changed[other], changed[at]
    else:
        changed = changed[:at]
        head = head_of(changed)
    assert not check(changed, head=head, signed=signed).sound


def test_a_rewritten_history_is_found_by_its_signed_head() -> None:
    old, new = chain(["a", "b"]), chain(["a", "x"])
    assert check(new, head=head_of(new)).sound
    assert not check(new, head=head_of(new), signed={2: {old[-1].hash}}).sound


def test_two_signed_histories_are_a_fork() -> None:
    old, new = chain(["a", "b"]), chain(["a", "x"])
    signed = {2: {old[-1].hash, new[-1].hash}}
    assert not check(new, head=head_of(new), signed=signed).sound


def test_a_body_that_is_gone_is_a_fault() -> None:
    links = chain(["a", "b", "c"])
    links[1] = replace(links[1], body=None, salt="")
    assert not check(links, head=head_of(links)).sound


@pytest.mark.parametrize(
    ("numbers", "gaps"),
    [([1, 2, 3], {}), ([3, 1], {"recall": [(2, 2)]}), ([4], {"recall": [(1, 3)]})],
)
def test_missing_numbers_of_a_source_are_named(numbers: list[int], gaps: dict[str, Any]) -> None:
    links = [
        replace(one, number=n) for one, n in zip(chain(["x"] * len(numbers)), numbers, strict=True)
    ]
    assert check(links, head=head_of(links)).missing == gaps


def test_what_is_left_out_is_no_gap_and_cannot_be_made_up_later() -> None:
    first = chain(["a"])[0]
    second = link(
        after=(first.seq, first.hash),
        event_id="e9",
        source="recall",
        type_="recall.ordered.v1",
        number=4,
        body="b",
        salt="ab" * 16,
        passed="recall:2,recall:3,registry:1",
    )
    found = check([first, second], head=head_of([second]))
    assert found.sound
    assert found.missing == {}
    for changed in ("", "recall:2,recall:3", "recall:2,recall:3,registry:1,registry:2"):
        links = [first, replace(second, passed=changed)]
        assert not check(links, head=head_of([second])).sound
