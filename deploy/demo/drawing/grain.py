"""Rice and what is made of it, noodles, tea, golden camellia."""

import math
from random import Random

from deploy.demo.drawing.crockery import blade, bowl, bowl_front
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
)


def rice(paint: Canvas, chance: Random, tint: Colour) -> None:
    """A bowl of rice before ears of rice."""
    for foot, top, tip in ((300, 250, 128), (330, 214, 196), (500, 236, 640), (470, 204, 566)):
        bend = smooth(
            [
                (foot, 480),
                ((foot * 2 + tip) / 3, 330),
                ((foot + tip * 3) / 4, top),
                (tip, top + 40),
            ],
            closed=False,
        )
        paint.line(bend, 3, (168, 160, 84))
        for j in range(15):
            px, py = bend[12 + j]
            for side in (-1, 1):
                grain = oval(px + side * 8, py + 9, 5, 12, side * -24)
                paint.round(grain, (248, 224, 138), (208, 162, 72))
    glaze = (224, 232, 236)
    bowl(paint, glaze)
    heap = smooth([(216, 404), (280, 346), (400, 318), (520, 346), (584, 404), (400, 452)])
    paint.round(heap, lighter(tint, 0.6), darker(tint, 0.05))
    for _ in range(240):
        a, d = chance.uniform(0, 6.3), math.sqrt(chance.random())
        x, y = 400 + 168 * d * math.cos(a), 384 + 52 * d * math.sin(a)
        paint.flat(
            oval(x, y, 7, 3, chance.uniform(0, 180)),
            chance.choice((WHITE, darker(tint, 0.12))),
            0.7,
        )
    bowl_front(paint, glaze)


def vermicelli(paint: Canvas, chance: Random, tint: Colour) -> None:
    """Bundles of fine noodles, tied with a strip of bamboo."""
    for x, y in ((404, 408), (340, 456), (474, 462), (402, 506)):
        paint.flat(oval(x, y + 12, 190, 34), darker(tint, 0.6), 0.3)
        for i in range(150):
            off = (i - 75) / 75 * 36 + chance.uniform(-3, 3)
            bend = chance.uniform(-9, 9)
            thread: list[Point] = [
                (x - 182 + bend, y + off),
                (x, y + off * 0.62),
                (x + 182 + bend, y + off + bend),
            ]
            share = 0.5 + off / 80
            colour = mix(
                lighter(tint, 0.75),
                darker(tint, 0.3),
                min(max(share + chance.uniform(-0.3, 0.3), 0), 1),
            )
            paint.flat(ribbon(thread, (2.2, 2.2)), colour, 0.9)
        paint.lit(
            ribbon([(x - 6, y - 28), (x + 4, y), (x - 4, y + 30)], (24, 22, 24)),
            (214, 92, 70),
            (160, 50, 46),
        )


def rice_rolls(paint: Canvas, chance: Random, tint: Colour) -> None:
    for i in range(8):
        x, y = 400 + (i % 2) * 16 - 8, 420 + i * 13
        paint.lit(
            ribbon([(x - 150, y), (x, y - 4), (x + 150, y + 2)], (30, 34, 30)),
            (255, 255, 252),
            darker(tint, 0.08),
            90,
        )
        paint.flat(oval(x + 150, y + 2, 6, 15), darker(tint, 0.16))
    paint.round(oval(620, 500, 66, 34), (240, 232, 220), (190, 170, 150))
    paint.round(oval(620, 496, 54, 24), (206, 120, 52), (140, 70, 30))
    for i in range(7):
        paint.flat(oval(590 + i * 10, 492 + (i % 3) * 6, 5, 3), (120, 170, 80))


def rice_paper(paint: Canvas, chance: Random, tint: Colour) -> None:
    for x, y, size in ((330, 440, 1), (480, 452, 1), (402, 470, 1.1)):
        paint.flat(oval(x + 4, y + 8, 150 * size, 74 * size), darker(tint, 0.35), 0.5)
        paint.lit(oval(x, y, 150 * size, 74 * size), lighter(tint, 0.4), tint)
        for _ in range(70):
            a, d = chance.uniform(0, 6.3), math.sqrt(chance.random())
            px, py = x + 138 * size * d * math.cos(a), y + 66 * size * d * math.sin(a)
            paint.flat(oval(px, py, 3.2, 1.8, chance.uniform(0, 180)), (60, 48, 42), 0.85)
        for _ in range(10):
            a, d = chance.uniform(0, 6.3), math.sqrt(chance.random())
            paint.haze(
                x + 120 * size * d * math.cos(a),
                y + 56 * size * d * math.sin(a),
                16,
                9,
                WHITE,
                0.55,
            )


def tea(paint: Canvas, chance: Random, tint: Colour) -> None:
    """A cup of tea and shoots of two leaves and a bud."""
    glaze = chance.choice(((244, 240, 230), (214, 226, 222), (234, 226, 212)))
    for x, a in ((232, -64), (590, -112), (266, -84), (560, -96)):
        for turn, long in ((-30, 96), (30, 92), (0, 70)):
            blade(paint, x, 500, long, a + turn, tint)
    paint.haze(400, 520, 180, 44, (30, 20, 16), 0.6)
    paint.lit(oval(400, 506, 150, 34), glaze, darker(glaze, 0.15))
    side: list[Point] = [(296, 392), (504, 392), (482, 470), (446, 500), (354, 500), (318, 470)]
    paint.lit(side, lighter(glaze, 0.4), darker(glaze, 0.2), 20)
    paint.flat(oval(400, 392, 104, 32), glaze)
    paint.round(oval(400, 396, 94, 26), (214, 206, 110), (156, 156, 62))
    for i in range(3):
        steam = smooth(
            [(370 + i * 30, 360), (358 + i * 30, 320), (382 + i * 30, 284), (368 + i * 30, 240)],
            closed=False,
        )
        paint.line(steam, 7, WHITE, 0.28)


def camellia(paint: Canvas, chance: Random, tint: Colour) -> None:
    """Golden camellia: waxy petals around many stamens."""
    for i in range(9):
        blade(paint, 400, 440, 210, i * 40 + chance.uniform(-8, 8), (70, 122, 76))
    for x, y, size in ((300, 470, 0.72), (518, 466, 0.72), (404, 428, 1.08)):
        for ring, count in ((88, 7), (60, 6)):
            turn = chance.uniform(0, 50)
            for i in range(count):
                a = math.radians(i * 360 / count + turn)
                px, py = x + ring * 0.62 * size * math.cos(a), y + ring * 0.5 * size * math.sin(a)
                petal = oval(px, py, ring * 0.56 * size, ring * 0.42 * size, math.degrees(a))
                paint.round(petal, lighter(tint, 0.5), darker(tint, 0.12))
        for i in range(34):
            a, d = i * 2.4, 26 * size * math.sqrt(i / 34)
            paint.flat(
                oval(x + d * math.cos(a), y + d * math.sin(a) * 0.8 - 4, 3.4, 3.4), (226, 134, 30)
            )
