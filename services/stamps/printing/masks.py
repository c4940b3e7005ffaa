"""Scores QR masks for many symbols at once, by the four rules of ISO/IEC 18004:2015, table 11.

A line of modules is one 64-bit word, its first module the lowest bit, so that a rule looks at a
whole line with a few shifts.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

# The light modules that the finder rule takes to lie beyond both edges.
_BEYOND = 4
MAX_EDGE = 64 - 2 * _BEYOND

Modules = npt.NDArray[np.uint8]
Words = npt.NDArray[np.uint64]
Scores = npt.NDArray[np.int64]


def as_words(modules: Modules) -> Words:
    """The rows of symbols as words: (…, edge, edge) modules of 0 and 1 become (…, edge) words."""
    edge = modules.shape[-1]
    wide = np.zeros((*modules.shape[:-1], 64), np.uint8)
    wide[..., :edge] = modules
    packed = np.packbits(wide, axis=-1, bitorder="little")
    words: Words = packed.view("<u8")[..., 0].astype(np.uint64)
    return words


def penalties(rows: Words, columns: Words) -> Scores:
    """The penalty of each symbol, given its rows and its columns as (symbols, edge) words."""
    edge = rows.shape[-1]
    if edge > MAX_EDGE:
        raise ValueError(f"a symbol of {edge} modules is too large to score")
    lines = np.concatenate([rows, columns], axis=-1)
    return (
        _runs(lines, edge) + _blocks(rows, edge) + _finder_likenesses(lines, edge) + _balance(rows)
    )


def _runs(lines: Words, edge: int) -> Scores:
    """3 for a run of five like modules, 1 more for each further one."""
    same = _like_next(lines, edge)
    five = same & _shifted(same, 1) & _shifted(same, 2) & _shifted(same, 3)
    begins = five & ~(five << np.uint64(1))
    # A run of five modules is one window of five and one beginning.
    return _count(five) + 2 * _count(begins)


def _blocks(rows: Words, edge: int) -> Scores:
    """3 for every square of two by two like modules."""
    across = _like_next(rows, edge)
    down = ~(rows[..., 1:] ^ rows[..., :-1])
    return 3 * _count(across[..., 1:] & across[..., :-1] & down)


def _finder_likenesses(lines: Words, edge: int) -> Scores:
    """40 for every 1:1:3:1:1 with four light modules (or the edge) before or behind it."""
    dark = lines << np.uint64(_BEYOND)
    light = ~dark
    found = np.full_like(lines, ((1 << (edge - 6)) - 1) << _BEYOND)
    for place, is_dark in enumerate((True, False, True, True, True, False, True)):
        found &= _shifted(dark if is_dark else light, place)
    four = light & _shifted(light, 1) & _shifted(light, 2) & _shifted(light, 3)
    found &= four << np.uint64(_BEYOND) | _shifted(four, 7)
    return 40 * _count(_without_overlaps(found))


def _without_overlaps(found: Words) -> Words:
    """Two likenesses can share one or three modules: then only the first is counted.

    Whether one counts hangs on those before it alone, so that repeating the rule settles.
    """
    counted = found
    while True:
        kept = found & ~(counted << np.uint64(4) | counted << np.uint64(6))
        if np.array_equal(kept, counted):
            return kept
        counted = kept


def _balance(rows: Words) -> Scores:
    """10 for every 5 % that the share of dark modules is away from one half."""
    percent = _count(rows) / rows.shape[-1] ** 2 * 100
    steps: Scores = (np.abs(percent - 50) / 5).astype(np.int64)
    return 10 * steps


def _like_next(lines: Words, edge: int) -> Words:
    """A bit for each module that is like the one behind it in its line."""
    like: Words = ~(lines ^ _shifted(lines, 1)) & np.uint64((1 << (edge - 1)) - 1)
    return like


def _shifted(lines: Words, places: int) -> Words:
    return lines >> np.uint64(places)


def _count(flags: npt.NDArray[Any]) -> Scores:
    """The bits set in all lines of each symbol."""
    counts: Scores = np.bitwise_count(flags).sum(axis=-1, dtype=np.int64)
    return counts
