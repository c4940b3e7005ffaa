"""Shrimp, crab, oysters, clams, and the bowl of jellyfish."""

import math
from random import Random

from deploy.demo.drawing.crockery import bowl, bowl_front
from deploy.demo.drawing.painting import (
    INK,
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
from deploy.demo.drawing.sea import eye


def shrimp(paint: Canvas, chance: Random, tint: Colour) -> None:
    """Five shrimp, curled."""
    for x, y, size, flip in (
        (262, 430, 0.82, 1),
        (520, 424, 0.82, -1),
        (396, 412, 0.86, 1),
        (318, 492, 1, 1),
        (490, 492, 1, -1),
    ):
        _one_shrimp(paint, x, y, size, flip, chance.uniform(-14, 14), tint)


def _one_shrimp(
    paint: Canvas, x: float, y: float, size: float, flip: int, degrees: float, tint: Colour
) -> None:
    def at(points: list[Point]) -> list[Point]:
        placed = [(x + dx * size * flip, y + dy * size) for dx, dy in points]
        return turned(placed, (x, y), degrees)

    pale, deep = lighter(tint, 0.4), darker(tint, 0.2)
    for i in range(2):
        feeler: list[Point] = [(-66, -10), (-130, -46 - i * 26), (-60, -96 - i * 14), (30, -92)]
        paint.line(at(smooth(feeler, closed=False)), 1.8, deep, 0.8)
    for i in range(5):
        paint.line(at([(-34 + i * 20, 18), (-44 + i * 20, 46)]), 3, deep, 0.9)
    for i in (-1, 0, 1):
        fan = smooth([(78, 44), (104, 52 + i * 18), (120, 70 + i * 20), (88, 62 + i * 8)])
        paint.lit(at(fan), tint, deep)
    back: list[Point] = [(-76, -6), (-30, -26), (20, -24), (62, 2), (84, 46)]
    paint.lit(at(ribbon(back, (26, 54, 48, 36, 14))), pale, tint, 80)
    for t in ((-14, -44, -8, 18), (14, -42, 16, 14), (40, -28, 34, 20), (62, -8, 50, 30)):
        paint.line(at([(t[0], t[1]), (t[2] - 2, t[3])]), 3, deep, 0.55)
    paint.lit(at([(-66, -18), (-114, -26), (-70, 0)]), tint, deep)
    ((ex, ey),) = at([(-66, -12)])
    paint.flat(oval(ex, ey, 5 * size, 5 * size), INK)


def dried_shrimp(paint: Canvas, chance: Random, tint: Colour) -> None:
    """A heap of small curled shrimp."""
    for i in range(90):
        share = i / 90
        half = 200 * (1 - share) + 20
        x, y = 400 + chance.uniform(-half, half), 500 - share * 120 + chance.uniform(-8, 8)
        a = chance.uniform(0, 360)
        arc = [
            (x + 17 * math.cos(math.radians(a + t)), y + 13 * math.sin(math.radians(a + t)))
            for t in (0, 60, 120, 180, 230)
        ]
        colour = mix(tint, (250, 190, 140), chance.random() * 0.6)
        paint.lit(ribbon(arc, (5, 12, 13, 9, 3)), lighter(colour, 0.3), darker(colour, 0.12))


def crab(paint: Canvas, chance: Random, tint: Colour) -> None:
    """One crab, seen from the front."""
    pale, deep = lighter(tint, 0.35), darker(tint, 0.3)
    for side in (-1, 1):
        for i in range(3):
            leg: list[Point] = [
                (400 + side * 100, 446 + i * 14),
                (400 + side * (182 + i * 12), 418 + i * 30),
                (400 + side * (214 + i * 4), 470 + i * 26),
            ]
            paint.lit(ribbon(leg, (17, 15, 4)), tint, deep)
        arm: list[Point] = [
            (400 + side * 96, 420),
            (400 + side * 176, 386),
            (400 + side * 168, 336),
        ]
        paint.lit(ribbon(arm, (26, 30, 24)), tint, deep)
        claw = smooth(
            [
                (400 + side * 166, 350),
                (400 + side * 196, 306),
                (400 + side * 174, 240),
                (400 + side * 150, 290),
                (400 + side * 128, 246),
                (400 + side * 128, 310),
            ]
        )
        paint.round(claw, pale, deep)
    shell: list[Point] = [(262, 430), (300, 388), (400, 368), (500, 388), (538, 430), (486, 482)]
    paint.round(smooth([*shell, (400, 496), (314, 482)]), pale, tint)
    for i in range(14):
        paint.flat(oval(312 + i * 13.5, 400 + (i * 31) % 58, 4, 3), lighter(tint, 0.7), 0.6)
    for x in (368, 432):
        paint.line([(x, 384), (x + (x - 400) * 0.2, 356)], 6, deep)
        eye(paint, x + (x - 400) * 0.2, 352, 9)
    paint.line(smooth([(364, 470), (400, 480), (436, 470)], closed=False), 3, deep, 0.7)


def oyster(paint: Canvas, chance: Random, tint: Colour) -> None:
    """Five opened oysters."""
    for x, y, size in (
        (262, 432, 0.82),
        (538, 432, 0.82),
        (400, 418, 0.88),
        (322, 492, 1),
        (482, 492, 1),
    ):
        degrees = chance.uniform(-24, 24)
        rough = [
            (
                x + (78 + chance.uniform(-9, 9)) * size * math.cos(t / 14 * 2 * math.pi),
                y + (46 + chance.uniform(-6, 6)) * size * math.sin(t / 14 * 2 * math.pi),
            )
            for t in range(14)
        ]
        paint.lit(turned(smooth(rough), (x, y), degrees), lighter(tint, 0.2), darker(tint, 0.45))
        paint.round(
            turned(oval(x, y, 62 * size, 34 * size), (x, y), degrees),
            (250, 248, 244),
            (206, 208, 214),
        )
        flesh = smooth(
            [
                (x - 40 * size, y),
                (x - 8 * size, y - 20 * size),
                (x + 38 * size, y - 8 * size),
                (x + 30 * size, y + 16 * size),
                (x - 16 * size, y + 20 * size),
            ]
        )
        paint.round(turned(flesh, (x, y), degrees), (244, 236, 220), (188, 178, 164))
        frill = smooth(
            [(x - 30 * size, y + 12 * size), (x, y + 20 * size), (x + 30 * size, y + 10 * size)],
            closed=False,
        )
        paint.line(turned(frill, (x, y), degrees), 4 * size, (96, 90, 92), 0.7)
        paint.haze(x - 14 * size, y - 8 * size, 16, 9, WHITE, 0.9)


def clam(paint: Canvas, chance: Random, tint: Colour) -> None:
    """A heap of ribbed shells."""
    spots = (
        (270, 486),
        (380, 500),
        (496, 488),
        (570, 470),
        (320, 442),
        (440, 446),
        (534, 428),
        (392, 400),
    )
    for x, y in sorted(spots, key=lambda p: p[1]):
        size, degrees = chance.uniform(0.85, 1.08), chance.uniform(-30, 30)
        colour = mix(tint, chance.choice(((236, 220, 190), (150, 110, 84), (212, 176, 140))), 0.35)
        shell = smooth(
            [
                (x, y - 44 * size),
                (x + 46 * size, y - 22 * size),
                (x + 60 * size, y + 20 * size),
                (x, y + 38 * size),
                (x - 60 * size, y + 20 * size),
                (x - 46 * size, y - 22 * size),
            ]
        )
        paint.round(turned(shell, (x, y), degrees), lighter(colour, 0.45), darker(colour, 0.28))
        for i in range(1, 6):
            share = i / 6
            arc = smooth(
                [
                    (x - 56 * size * share, y - 42 * size + 60 * size * share),
                    (x, y - 40 * size + 76 * size * share),
                    (x + 56 * size * share, y - 42 * size + 60 * size * share),
                ],
                closed=False,
            )
            paint.line(turned(arc, (x, y), degrees), 2, darker(colour, 0.35), 0.5)


def jellyfish(paint: Canvas, chance: Random, tint: Colour) -> None:
    """A bowl of cured jellyfish strips, red and clear."""
    bowl(paint, (236, 240, 244))
    for _ in range(46):
        x, y = chance.uniform(270, 530), chance.uniform(372, 424)
        colour = mix(tint, (250, 232, 214), chance.random())
        bend = chance.uniform(-26, 26)
        strip: list[Point] = [(x - 40, y), (x, y + bend), (x + 42, y + chance.uniform(-12, 12))]
        paint.lit(ribbon(strip, (9, 15, 8)), lighter(colour, 0.3), colour)
    for i in range(5):
        paint.flat(oval(300 + i * 50, 380 + (i % 2) * 26, 11, 5, 30 * i), (96, 150, 84))
    bowl_front(paint, (236, 240, 244))
