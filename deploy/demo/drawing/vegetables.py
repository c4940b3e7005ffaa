"""Leaves, roots, tubers, mushrooms, shoots."""

import math
from random import Random

from deploy.demo.drawing.crockery import DEEP_GREEN, GREEN, PILE, blade
from deploy.demo.drawing.painting import (
    WHITE,
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


def leafy(paint: Canvas, chance: Random, tint: Colour) -> None:
    """A bunch of greens, tied."""
    for i in range(15):
        a = -90 + (i - 7) * 9 + chance.uniform(-3, 3)
        tip = (
            400 + 190 * math.cos(math.radians(a)) * 1.2,
            470 + 190 * math.sin(math.radians(a)) * 0.82,
        )
        paint.lit(
            ribbon([(400 + (i - 7) * 5, 520), (400 + (i - 7) * 9, 440), tip], (11, 10, 5)),
            (226, 238, 204),
            (150, 186, 120),
        )
    for i in range(19):
        a = -90 + (i - 9) * 8.6 + chance.uniform(-4, 4)
        x = 400 + (150 + i % 3 * 30) * math.cos(math.radians(a)) * 1.25
        y = 462 + (150 + i % 3 * 26) * math.sin(math.radians(a)) * 0.8
        shape = smooth(
            [
                (x, y + 52),
                (x + 36, y + 16),
                (x + 30, y - 34),
                (x, y - 56),
                (x - 30, y - 34),
                (x - 36, y + 16),
            ]
        )
        colour = mix(tint, DEEP_GREEN, chance.random() * 0.5)
        leaf = turned(shape, (x, y), a + 90)
        paint.lit(leaf, lighter(colour, 0.25), darker(colour, 0.15), 80)
        paint.line(
            turned([(x, y + 48), (x, y - 44)], (x, y), a + 90), 2.4, lighter(colour, 0.5), 0.8
        )
    paint.lit(
        ribbon([(346, 484), (400, 494), (454, 484)], (18, 20, 18)), (216, 186, 120), (180, 146, 88)
    )


def cabbage(paint: Canvas, chance: Random, tint: Colour) -> None:
    for x, y, size in ((296, 458, 0.9), (520, 460, 0.9), (404, 446, 1.12)):
        paint.round(oval(x, y, 106 * size, 92 * size), lighter(tint, 0.55), darker(tint, 0.1))
        for i in range(6):
            side = -1 if i % 2 else 1
            bend = 26 + i * 13
            vein = smooth(
                [
                    (x, y + 84 * size),
                    (x + side * bend * 0.7 * size, y + 10 * size),
                    (x + side * bend * size, y - 58 * size + i * 9),
                ],
                closed=False,
            )
            paint.line(vein, 3.4 - i * 0.3, lighter(tint, 0.8), 0.8)
        paint.lit(
            smooth(
                [
                    (x - 110 * size, y - 8),
                    (x - 52 * size, y + 10),
                    (x - 12 * size, y + 92 * size),
                    (x - 78 * size, y + 78 * size),
                ]
            ),
            lighter(tint, 0.2),
            darker(tint, 0.2),
        )
        paint.lit(
            smooth(
                [
                    (x + 110 * size, y - 8),
                    (x + 50 * size, y + 16),
                    (x + 8 * size, y + 92 * size),
                    (x + 80 * size, y + 76 * size),
                ]
            ),
            tint,
            darker(tint, 0.28),
        )


def tomato(paint: Canvas, chance: Random, tint: Colour) -> None:
    for x, y, size in PILE:
        paint.round(oval(x, y, 72 * size, 62 * size), lighter(tint, 0.4), darker(tint, 0.22))
        for i in range(5):
            blade(
                paint, x, y - 50 * size, 34 * size, i * 72 - 90 + chance.uniform(-8, 8), DEEP_GREEN
            )
        paint.haze(x - 24 * size, y - 24 * size, 22, 14, WHITE, 0.7)


def cucumber(paint: Canvas, chance: Random, tint: Colour) -> None:
    for i in range(5):
        y = 424 + i * 25
        x = 400 + chance.uniform(-20, 20)
        body: list[Point] = [(x - 176, y + 4), (x - 60, y - 8), (x + 70, y - 6), (x + 176, y + 8)]
        paint.lit(ribbon(body, (26, 46, 46, 24)), lighter(tint, 0.35), darker(tint, 0.3), 90)
        for _ in range(26):
            paint.flat(
                oval(x + chance.uniform(-160, 160), y + chance.uniform(-16, 16), 2, 2),
                lighter(tint, 0.65),
                0.6,
            )
    for i in range(3):
        paint.flat(oval(610 + i * 26, 508 - i * 10, 32, 28), tint)
        paint.round(oval(610 + i * 26, 508 - i * 10, 27, 23), (238, 246, 206), (190, 216, 140))


def radish(paint: Canvas, chance: Random, tint: Colour) -> None:
    """White radishes with their leaves."""
    for i in range(3):
        y = 428 + i * 40
        for j in range(5):
            a = math.radians(-24 + j * 12 + chance.uniform(-4, 4))
            tip = (210 - 130 * math.cos(a), y - 130 * math.sin(a))
            paint.lit(
                ribbon([(226, y), (170, y - 40 * math.sin(a)), tip], (9, 24, 10)),
                lighter(GREEN, 0.2),
                DEEP_GREEN,
            )
        body: list[Point] = [(220, y), (330, y - 2), (480, y + 2), (584, y + 10), (660, y + 16)]
        paint.lit(ribbon(body, (46, 58, 48, 22, 3)), (255, 255, 252), darker(tint, 0.12), 90)
        for j in range(7):
            paint.line(
                [(270 + j * 44, y - 16 + (j * 13) % 22), (284 + j * 44, y - 16 + (j * 13) % 22)],
                1.6,
                darker(tint, 0.3),
                0.5,
            )


def kohlrabi(paint: Canvas, chance: Random, tint: Colour) -> None:
    for x, y, size in ((288, 468, 0.95), (512, 468, 0.95), (400, 458, 1.1)):
        for i in range(7):
            a = math.radians(-150 + i * 20 + chance.uniform(-5, 5))
            tip = (x + 150 * math.cos(a) * size, y - 20 + 140 * math.sin(a) * size)
            paint.lit(
                ribbon([(x, y - 40 * size), (x + 50 * math.cos(a), y - 60), tip], (8, 8, 7)),
                lighter(GREEN, 0.3),
                GREEN,
            )
            blade(paint, tip[0], tip[1] + 10, 54, math.degrees(a), DEEP_GREEN)
        paint.round(oval(x, y, 78 * size, 66 * size), lighter(tint, 0.5), darker(tint, 0.14))


def mushroom(paint: Canvas, chance: Random, tint: Colour) -> None:
    """A cluster of broad caps."""
    for x, y, broad in (
        (286, 452, 84),
        (516, 452, 84),
        (344, 420, 78),
        (462, 416, 84),
        (400, 452, 104),
        (322, 496, 66),
        (480, 498, 70),
    ):
        wide = broad + chance.uniform(-6, 6)
        paint.lit(
            ribbon([(x, y + 2), (x + 4, y + 40), (400 + (x - 400) * 0.6, 528)], (26, 22, 20)),
            (250, 244, 232),
            (206, 192, 170),
        )
        cap = smooth(
            [
                (x - wide, y + 10),
                (x - wide * 0.7, y - 38),
                (x, y - 58),
                (x + wide * 0.7, y - 38),
                (x + wide, y + 10),
                (x, y + 24),
            ]
        )
        paint.round(cap, lighter(tint, 0.5), darker(tint, 0.12))
        for i in range(-5, 6):
            paint.line(
                [(x + i * wide * 0.16, y + 18 - abs(i)), (x + i * wide * 0.08, y + 4)],
                1.6,
                darker(tint, 0.3),
                0.4,
            )


def bamboo_shoot(paint: Canvas, chance: Random, tint: Colour) -> None:
    for x, lean, high in (
        (276, -10, 170),
        (524, 10, 170),
        (346, -5, 205),
        (456, 6, 200),
        (402, 0, 232),
    ):
        foot = 520
        for i in range(7):
            share = i / 7
            wide = 58 * (1 - share * 0.72)
            y = foot - high * share
            cx = x + lean * share * 3
            sheath = smooth(
                [
                    (cx - wide, y),
                    (cx - wide * 0.7, y - high * 0.2),
                    (cx + (8 if i % 2 else -8), y - high * 0.3),
                    (cx + wide * 0.7, y - high * 0.2),
                    (cx + wide, y),
                    (cx, y + 12),
                ]
            )
            colour = mix(tint, (128, 96, 62), share * 0.5)
            paint.lit(sheath, lighter(colour, 0.3), darker(colour, 0.25), 20)
            for j in (-0.5, 0, 0.5):
                paint.line(
                    [(cx + j * wide, y), (cx + j * wide * 0.5, y - high * 0.2)],
                    1.4,
                    darker(colour, 0.35),
                    0.4,
                )
