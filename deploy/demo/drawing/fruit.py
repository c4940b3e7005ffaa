"""Fruit, mostly in piles."""

import math
from random import Random

from deploy.demo.drawing.crockery import DEEP_GREEN, PILE, blade
from deploy.demo.drawing.painting import (
    INK,
    WHITE,
    Canvas,
    Colour,
    darker,
    lighter,
    mix,
    oval,
    smooth,
    turned,
)


def citrus(paint: Canvas, chance: Random, tint: Colour) -> None:
    for x, y, size in PILE:
        paint.round(oval(x, y, 74 * size, 70 * size), lighter(tint, 0.35), darker(tint, 0.2))
        for _ in range(16):
            a, d = chance.uniform(0, 6.3), chance.uniform(10, 62) * size
            paint.flat(
                oval(x + d * math.cos(a), y + d * math.sin(a) * 0.94, 1.7, 1.7),
                darker(tint, 0.3),
                0.35,
            )
        paint.flat(oval(x + 6, y - 56 * size, 8, 5), DEEP_GREEN)
        blade(paint, x + 8, y - 57 * size, 54, chance.uniform(-50, -10))
    cut = (588, 500)
    paint.flat(oval(*cut, 60, 52), tint)
    paint.flat(oval(*cut, 54, 46), (255, 248, 226))
    for i in range(9):
        a = i / 9 * 2 * math.pi
        piece = smooth(
            [
                (cut[0] + 6 * math.cos(a), cut[1] + 6 * math.sin(a)),
                (cut[0] + 46 * math.cos(a - 0.28), cut[1] + 39 * math.sin(a - 0.28)),
                (cut[0] + 46 * math.cos(a + 0.28), cut[1] + 39 * math.sin(a + 0.28)),
            ]
        )
        paint.round(piece, lighter(tint, 0.35), tint)


def custard_apple(paint: Canvas, chance: Random, tint: Colour) -> None:
    for x, y, size in ((292, 462, 1.0), (510, 464, 1.0), (402, 444, 1.18)):
        paint.round(oval(x, y, 88 * size, 82 * size), tint, darker(tint, 0.3))
        for row in range(6):
            across = (3, 5, 6, 6, 5, 3)[row]
            for i in range(across):
                px = x + (i - (across - 1) / 2) * 28 * size
                py = y + (row - 2.5) * 25 * size + abs(i - (across - 1) / 2) * -2
                paint.round(
                    oval(px, py, 16 * size, 14 * size), lighter(tint, 0.5), darker(tint, 0.12)
                )
        paint.line([(x, y - 78 * size), (x + 8, y - 104 * size)], 8, (110, 90, 60))
    blade(paint, 412, 338, 84, chance.uniform(-30, 0))
    blade(paint, 404, 340, 70, chance.uniform(-170, -140))


def lychee(paint: Canvas, chance: Random, tint: Colour) -> None:
    for i in range(7):
        blade(paint, 400, 380, 120, -160 + i * 26 + chance.uniform(-6, 6))
    for x, y in (
        (270, 450),
        (340, 430),
        (410, 422),
        (480, 436),
        (548, 456),
        (304, 500),
        (376, 488),
        (448, 494),
        (520, 506),
    ):
        paint.line([(400, 384), (x, y - 30)], 3, (120, 92, 62))
        paint.round(oval(x, y, 39, 40), lighter(tint, 0.35), darker(tint, 0.25))
        for j in range(22):
            a, d = j * 2.4, 34 * math.sqrt(j / 22)
            paint.flat(
                oval(x + d * math.cos(a), y + d * math.sin(a), 3, 3), darker(tint, 0.28), 0.45
            )
        paint.haze(x - 12, y - 14, 13, 11, WHITE, 0.6)


def guava(paint: Canvas, chance: Random, tint: Colour) -> None:
    for x, y, size in PILE:
        shape = [
            (x, y - 78 * size),
            (x + 44 * size, y - 40 * size),
            (x + 66 * size, y + 14 * size),
            (x, y + 66 * size),
            (x - 66 * size, y + 14 * size),
            (x - 44 * size, y - 40 * size),
        ]
        paint.round(smooth(shape), lighter(tint, 0.45), darker(tint, 0.22))
        paint.line([(x, y - 74 * size), (x + 6, y - 96 * size)], 6, (112, 94, 60))
        blade(paint, x + 4, y - 86 * size, 60, chance.uniform(-40, 20))


def dragon_fruit(paint: Canvas, chance: Random, tint: Colour) -> None:
    for x, y, size in ((286, 460, 0.94), (500, 456, 1.04)):
        paint.round(oval(x, y, 104 * size, 78 * size), lighter(tint, 0.3), darker(tint, 0.22))
        for i in range(13):
            px, py = x + ((i * 37) % 180 - 90) * size * 0.9, y + ((i * 53) % 116 - 58) * size * 0.9
            fin = [(px, py), (px + 8, py - 32 * size), (px + 20, py + 2)]
            paint.lit(
                turned(smooth(fin), (px, py), (px - x) * 0.5),
                lighter(tint, 0.2),
                (134, 168, 92),
                270,
            )
        for i in range(5):
            blade(paint, x - 92 * size, y, 54, 150 + i * 15, (128, 164, 88))
    paint.round(oval(626, 500, 74, 66), tint, darker(tint, 0.2))
    paint.flat(oval(626, 498, 62, 54), mix(tint, (200, 30, 96), 0.5))
    for _ in range(60):
        a, d = chance.uniform(0, 6.3), 52 * math.sqrt(chance.random())
        paint.flat(oval(626 + d * math.cos(a), 498 + d * math.sin(a) * 0.88, 2.2, 2.2), INK)


def apricot(paint: Canvas, chance: Random, tint: Colour) -> None:
    for i in range(16):
        row = i // 6
        x = 262 + (i % 6) * 56 + row * 26 + chance.uniform(-4, 4)
        y = 494 - row * 44 + chance.uniform(-4, 4)
        paint.round(oval(x, y, 36, 34), lighter(tint, 0.4), darker(tint, 0.18))
        paint.line(
            smooth([(x + 4, y - 32), (x + 12, y), (x + 4, y + 30)], closed=False),
            2,
            darker(tint, 0.3),
            0.5,
        )
        paint.haze(x + 12, y + 6, 22, 22, (224, 96, 60), 0.35)
    blade(paint, 390, 392, 96, -24)
    blade(paint, 400, 394, 84, -150)
