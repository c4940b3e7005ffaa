"""Backgrounds of fine, woven lines, as on banknotes: drawn from a seed, the same whenever asked.

A seed gives a facility a pattern of its own: whoever copies a stamp by hand has to copy it too.
"""

import math
import random
from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Final

from services.stamps.printing.labels import dots

PATTERNS: Final = ("none", "waves", "rosette", "mesh")
_HAIRLINE: Final = 2  # Dots: 0.08 mm.
_MOST_LINES: Final = 48
_STEPS: Final = 90
_TURN_STEPS: Final = 240
_SPACING: Final = dots(0.9)

Points = Iterator[tuple[float, float]]


def background(pattern: str, seed: str, tint: str, width: int, height: int) -> str:
    """Lines over a place of `width` by `height` dots from its lower left corner; "" for none."""
    if pattern == "none":
        return ""
    chance = random.Random(sha256(f"{pattern} {seed}".encode()).digest())  # noqa: S311
    curves = {"waves": _waves, "mesh": _mesh, "rosette": _rosette}[pattern]
    drawn = [f"{_HAIRLINE} w {rgb(tint)} RG"]
    for curve in curves(chance, width, height):
        points = [f"{x:.0f} {y:.0f}" for x, y in curve]
        drawn.append(f"{points[0]} m " + " ".join(f"{point} l" for point in points[1:]) + " S")
    return "\n".join(drawn) + "\n0 G\n"


def rgb(colour: str) -> str:
    """`#RRGGBB` as the operands of a PDF colour."""
    return " ".join(f"{int(colour[at : at + 2], 16) / 255:.3f}" for at in (1, 3, 5))


def _waves(chance: random.Random, width: int, height: int) -> Iterator[Points]:
    """Waves of two frequencies, each a little behind the one below it."""
    swing = _swing(chance, height * 0.06 + _SPACING)
    count = min(_MOST_LINES, height // _SPACING + 2)
    for line in range(count):
        base = height * line / (count - 1)
        yield ((x, base + swing(x / width, line)) for x in _over(width))


def _mesh(chance: random.Random, width: int, height: int) -> Iterator[Points]:
    """Waves along and waves across."""
    yield from _waves(chance, width, height)
    for curve in _waves(chance, height, width):
        yield ((y, x) for x, y in curve)


def _rosette(chance: random.Random, width: int, height: int) -> Iterator[Points]:
    """Petals turned about the middle, each ring a little further."""
    petals, turn = chance.randint(7, 13), chance.uniform(0.03, 0.09)
    depth, phase = chance.uniform(0.25, 0.45), chance.uniform(0, math.tau)
    reach = math.hypot(width, height) / 2
    count = min(_MOST_LINES, int(reach / _SPACING) + 1)
    for ring in range(1, count + 1):
        radius = reach * ring / count
        yield (
            _around(width / 2, height / 2, radius * (1 + depth * math.cos(petals * at + phase)), at)
            for at in (
                math.tau * step / _TURN_STEPS + ring * turn for step in range(_TURN_STEPS + 1)
            )
        )


def _around(x: float, y: float, radius: float, angle: float) -> tuple[float, float]:
    return x + radius * math.cos(angle), y + radius * math.sin(angle)


def _swing(chance: random.Random, reach: float) -> Callable[[float, int], float]:
    slow, fast = chance.uniform(1.2, 2.6), chance.uniform(4.0, 8.0)
    first, second = chance.uniform(0, math.tau), chance.uniform(0, math.tau)
    lag = chance.uniform(0.12, 0.3)

    def swing(along: float, line: int) -> float:
        low = math.sin(math.tau * slow * along + first + line * lag)
        high = math.sin(math.tau * fast * along + second - line * lag)
        return reach * (0.7 * low + 0.3 * high)

    return swing


def _over(width: int) -> list[float]:
    return [width * step / _STEPS for step in range(_STEPS + 1)]
