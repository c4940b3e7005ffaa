"""Symbols made together are those that segno makes one by one."""

import random

import numpy as np
import pytest
import segno
from hypothesis import given, settings
from hypothesis import strategies as st
from segno import encoder

from services.stamps.printing.masks import MAX_EDGE, Modules, as_words, penalties
from services.stamps.printing.symbols import NotPrintable, symbol_maker
from shared.stampcode import ALPHABET, LENGTH

PREFIXES = {
    "HTTPS://TXNG.TEST/": 2,
    "HTTPS://TXNG.VN/": 2,
    "HTTPS://TEM.TEST/": 2,
    "HTTPS://TXNG.TEST:8080/": 3,
    "HTTPS://TRUYXUAT.QUANGNINH.EXAMPLE/": 3,
    "HTTPS://TXNG.TEST/01/09506000134352/21/": 3,
    "HTTPS://TXNG.TEST/01/09506000134352/10/LO-12/21/": 4,
    "HTTPS://TXNG.TEST/01/09506000134352/10/lo-12/21/": 5,
    "HTTPS://TXNG.TEST/01/09506000134352/10/" + "%2F" * 20 + "/21/": 6,
    "HTTPS://" + "A" * 140 + "/": 7,
    "HTTPS://" + "A" * 220 + "/": 9,
}


def random_codes(count: int, seed: int) -> list[str]:
    chance = random.Random(seed)
    return ["".join(chance.choices(ALPHABET, k=LENGTH)) for _ in range(count)]


def by_segno(content: str) -> Modules:
    symbol = segno.make_qr(content, error="M", boost_error=False)
    return np.array([list(row) for row in symbol.matrix], np.uint8)


@pytest.mark.parametrize(("prefix", "version"), PREFIXES.items())
def test_symbols_made_together_are_those_of_segno(prefix: str, version: int) -> None:
    codes = [*random_codes(60, len(prefix)), "0" * LENGTH, "Z" * LENGTH, "W" * LENGTH]
    maker = symbol_maker(prefix)
    symbols = maker.matrices(codes)
    assert (maker.version, maker.edge) == (version, 17 + 4 * version)
    for code, symbol in zip(codes, symbols, strict=True):
        assert np.array_equal(symbol, by_segno(prefix + code)), code


def test_the_best_mask_is_chosen_as_segno_chooses_it_in_a_thousand_of_a_thousand() -> None:
    codes = random_codes(1000, 1)
    symbols = symbol_maker("HTTPS://TXNG.TEST/").matrices(codes)
    same = sum(
        np.array_equal(symbol, by_segno("HTTPS://TXNG.TEST/" + code))
        for code, symbol in zip(codes, symbols, strict=True)
    )
    assert same == 1000


def drawn_matrix(edge: int, draw: random.Random) -> Modules:
    """Runs of a few modules, so that long runs and overlapping finder likenesses come up."""
    line: list[int] = []
    pieces = ([1, 0, 1, 1, 1, 0, 1], [1, 1, 0, 1], [0, 0, 0, 0], [0], [1], [0] * 6, [1] * 7)
    while len(line) < edge * edge:
        line += draw.choice(pieces)
    return np.array(line[: edge * edge], np.uint8).reshape(edge, edge)


@settings(max_examples=200)
@given(st.sampled_from([21, 25, 29, 45, 53]), st.randoms(use_true_random=False))
def test_the_penalty_of_any_matrix_is_that_of_segno(edge: int, draw: random.Random) -> None:
    matrix = drawn_matrix(edge, draw)
    rows = tuple(bytearray(row.tobytes()) for row in matrix)
    scores = penalties(as_words(matrix[None]), as_words(matrix.T[None]))
    theirs = encoder.evaluate_mask(rows, edge, edge)  # type: ignore[no-untyped-call]
    assert scores.tolist() == [theirs]


def test_symbols_too_large_to_score_are_refused() -> None:
    words = np.zeros((1, MAX_EDGE + 1), np.uint64)
    with pytest.raises(ValueError, match="too large"):
        penalties(words, words)


@pytest.mark.parametrize("code", ["", "0" * 19, "0" * 21, "é" * 20, "a" * 20, "!" + "0" * 19])
def test_codes_that_the_symbols_cannot_hold_are_refused(code: str) -> None:
    with pytest.raises(NotPrintable):
        symbol_maker("HTTPS://TXNG.TEST/").matrices(["0" * LENGTH, code])
