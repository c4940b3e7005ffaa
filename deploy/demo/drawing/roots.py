"""Tubers, medicinal roots, spices, peanuts."""

from random import Random

from deploy.demo.drawing.crockery import PILE, blade
from deploy.demo.drawing.painting import (
    Canvas,
    Colour,
    Point,
    darker,
    lighter,
    mix,
    oval,
    ribbon,
    smooth,
    turned,
)


def tuber(paint: Canvas, chance: Random, tint: Colour) -> None:
    """Long tubers and one cut open."""
    for x, y, degrees in ((300, 430, 16), (492, 432, -18), (330, 486, -8), (480, 492, 10)):
        shape = smooth(
            [
                (x - 108, y),
                (x - 60, y - 36),
                (x + 30, y - 42),
                (x + 104, y - 4),
                (x + 40, y + 38),
                (x - 60, y + 34),
            ]
        )
        paint.lit(
            turned(shape, (x, y), degrees + chance.uniform(-5, 5)),
            lighter(tint, 0.35),
            darker(tint, 0.28),
            80,
        )
        for _ in range(7):
            px, py = x + chance.uniform(-70, 70), y + chance.uniform(-22, 22)
            paint.line([(px, py), (px + 14, py + 2)], 2, darker(tint, 0.4), 0.5)
    flesh = mix(tint, (255, 226, 150), 0.62)
    paint.flat(oval(604, 506, 60, 46), darker(tint, 0.1))
    paint.round(oval(604, 504, 52, 39), lighter(flesh, 0.4), flesh)


def round_tuber(paint: Canvas, chance: Random, tint: Colour) -> None:
    """Taro and canna: round, ringed."""
    for x, y, size in PILE:
        paint.round(
            oval(x, y, 72 * size, 64 * size, chance.uniform(-20, 20)),
            lighter(tint, 0.3),
            darker(tint, 0.3),
        )
        for i in range(5):
            ring = [
                (px, py)
                for px, py in oval(x, y - 6 + i * 6, (68 - i * 4) * size, (16 + i * 8) * size)
                if py > y - 6 + i * 6
            ]
            ring.sort()
            if len(ring) > 3:
                paint.line(ring, 2, darker(tint, 0.4), 0.5)
        blade(paint, x, y - 60 * size, 30, -90 + chance.uniform(-20, 20), (196, 120, 110))


def roots(paint: Canvas, chance: Random, tint: Colour) -> None:
    """Morinda: long, knotty, purple inside."""
    for i in range(9):
        y = 414 + i * 13
        x = 220 + chance.uniform(-14, 14)
        line: list[Point] = [
            (x, y),
            (x + 90, y + chance.uniform(-16, 16)),
            (x + 190, y + chance.uniform(-12, 12)),
            (x + 280, y + chance.uniform(-16, 16)),
            (x + 366, y + 6),
        ]
        widths = [chance.uniform(12, 28) for _ in range(10)]
        paint.lit(ribbon(line, [8, *widths, 5]), lighter(tint, 0.35), darker(tint, 0.3), 90)
    for i in range(4):
        x, y = 566 + (i % 2) * 46, 478 + (i // 2) * 34
        paint.flat(oval(x, y, 25, 20), darker(tint, 0.15))
        paint.round(oval(x, y, 20, 15), (186, 150, 190), (116, 74, 130))
        paint.flat(oval(x, y, 6, 5), (232, 212, 176))


def spice(paint: Canvas, chance: Random, tint: Colour) -> None:
    """Quills of cinnamon and stars of anise."""
    bark = (168, 96, 58)
    for i in range(5):
        y = 424 + i * 19
        a = chance.uniform(-5, 5)
        stick: list[Point] = [(206, y), (400, y - 4 + a), (560, y + a)]
        paint.lit(ribbon(stick, (30, 32, 30)), lighter(bark, 0.3), darker(bark, 0.3), 90)
        paint.flat(oval(206, y, 9, 15), darker(bark, 0.45))
        paint.line([(212, y + 1), (556, y + a)], 2, darker(bark, 0.4), 0.5)
    for x, y, size in ((300, 506, 0.9), (560, 446, 0.9), (600, 508, 1.1), (470, 516, 1.0)):
        turn = chance.uniform(0, 45)
        for i in range(8):
            a = i * 45 + turn
            petal = smooth(
                [
                    (x, y),
                    (x + 22 * size, y - 10 * size),
                    (x + 48 * size, y),
                    (x + 22 * size, y + 10 * size),
                ]
            )
            paint.lit(turned(petal, (x, y), a), lighter(tint, 0.2), darker(tint, 0.3))
            paint.flat(
                turned(oval(x + 27 * size, y, 8 * size, 4 * size), (x, y), a), (206, 160, 100)
            )
        paint.flat(oval(x, y, 7 * size, 7 * size), darker(tint, 0.2))


def peanut(paint: Canvas, chance: Random, tint: Colour) -> None:
    for i in range(20):
        x, y = (
            250 + (i % 6) * 60 + chance.uniform(-16, 16),
            414 + (i // 6) * 34 + chance.uniform(-8, 8),
        )
        degrees = chance.uniform(0, 180)
        shell = smooth(
            [
                (x - 44, y),
                (x - 24, y - 22),
                (x, y - 13),
                (x + 24, y - 22),
                (x + 44, y),
                (x + 24, y + 22),
                (x, y + 13),
                (x - 24, y + 22),
            ]
        )
        paint.round(turned(shell, (x, y), degrees), (240, 212, 160), (190, 148, 96))
        for j in range(4):
            paint.line(
                turned([(x - 32 + j * 20, y - 10), (x - 30 + j * 20, y + 10)], (x, y), degrees),
                1.6,
                (160, 118, 74),
                0.5,
            )
    for i in range(9):
        x, y = 300 + i * 28, 508 + (i % 3) * 9
        paint.round(oval(x, y, 15, 11, i * 40), lighter(tint, 0.35), darker(tint, 0.15))
