"""The filter of codes finds whatever was put in, and little else."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scan.domain.code_filter import (
    BITS_PER_CODE,
    CodeFilter,
    filled,
    pair_of,
    pairs_of,
    room_in,
    size_for,
)
from shared.stampcode import ALPHABET

CODES = st.text(ALPHABET, min_size=20, max_size=20)


def holding(codes: list[str]) -> CodeFilter:
    return filled(pairs_of(codes))


@given(st.lists(CODES, max_size=400))
def test_whatever_was_put_in_is_found(codes: list[str]) -> None:
    made = holding(codes)
    assert all(code in made for code in codes)
    assert len(made.data) * 8 == made.size == size_for(len(codes))


@given(st.lists(CODES, max_size=50), st.lists(CODES, max_size=50))
def test_the_order_and_repeats_change_no_answer(some: list[str], others: list[str]) -> None:
    made, again = holding([*some, *others]), holding([*others, *some])
    assert made == again


def test_an_empty_filter_finds_nothing() -> None:
    assert "0" * 20 not in holding([])


def test_fewer_than_one_in_a_thousand_are_found_by_mistake() -> None:
    inside = [f"{n:020d}" for n in range(20_000)]
    outside = (f"{n:020d}" for n in range(10**6, 10**6 + 200_000))
    made = holding(inside)
    wrong = sum(code in made for code in outside)
    assert 0 < wrong <= 200


def test_the_hash_is_what_the_documentation_says() -> None:
    code = "0123456789ABCDEFGHJK"
    assert pair_of(code) == hashlib.sha256(f"TXNG-offline-1{code}".encode()).digest()[:8]


def test_what_fits_is_reckoned_both_ways() -> None:
    assert size_for(room_in(4_000_000)) <= 32_000_000 < size_for(room_in(4_000_000) + 8)
    assert room_in(10**12) * BITS_PER_CODE <= 2**30
    with pytest.raises(ValueError, match="more than a filter holds"):
        size_for(10**9)
