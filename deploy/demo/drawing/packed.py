"""Bottles and jars with the (fictional) brand on their labels."""

from random import Random

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

PAPER: Colour = (250, 244, 230)


def label(
    paint: Canvas, x: float, y: float, wide: float, high: float, brand: str, tint: Colour
) -> None:
    """A paper label with the (fictional) brand."""
    corners: list[Point] = [
        (x - wide, y - high),
        (x + wide, y - high),
        (x + wide, y + high),
        (x - wide, y + high),
    ]
    paint.lit(corners, PAPER, darker(PAPER, 0.1), 10)
    for dy in (-high + 5, high - 5):
        paint.line([(x - wide + 6, y + dy), (x + wide - 6, y + dy)], 2.4, darker(tint, 0.25))
    paint.words(brand, x, y, 26, darker(tint, 0.45), room=wide * 1.8)


def bottle(
    paint: Canvas, x: float, foot: float, size: float, glass: Colour, cap: Colour, brand: str
) -> None:
    """A bottle with neck and shoulders, filled."""

    def s(dx: float, dy: float) -> Point:
        return x + dx * size, foot + dy * size

    paint.haze(*s(14, 2), 110 * size, 26 * size, (30, 20, 16), 0.6)
    left = [s(-56, -6), s(-58, -170), s(-52, -206), s(-22, -244), s(-20, -310)]
    right = [(2 * x - px, py) for px, py in reversed(left)]
    paint.lit([s(-46, 4), *left, *right, s(46, 4)], lighter(glass, 0.32), darker(glass, 0.3), 0)
    paint.lit(
        [s(-24, -306), s(-24, -350), s(24, -350), s(24, -306)],
        lighter(cap, 0.25),
        darker(cap, 0.25),
        0,
    )
    paint.flat(
        ribbon([s(-40, -20), s(-42, -160), s(-34, -200)], (7 * size, 9 * size, 5 * size)),
        WHITE,
        0.35,
    )
    label(paint, *s(0, -100), 55 * size, 50 * size, brand, glass)


def bottles(paint: Canvas, chance: Random, tint: Colour, brand: str) -> None:
    cap = chance.choice(((150, 40, 40), (196, 160, 80), (60, 66, 84), (44, 96, 70)))
    bottle(paint, 298, 508, 0.86, darker(tint, 0.08), cap, brand)
    bottle(paint, 512, 508, 0.86, darker(tint, 0.08), cap, brand)
    bottle(paint, 404, 528, 1.02, tint, cap, brand)


def water(paint: Canvas, chance: Random, tint: Colour, brand: str) -> None:
    for x, foot, size in ((290, 506, 0.84), (516, 506, 0.84), (402, 526, 1.0)):
        bottle(paint, x, foot, size, tint, (70, 130, 200), brand)
        for i in range(4):
            y = foot - (30 + i * 8) * size
            paint.line([(x - 50 * size, y), (x + 50 * size, y)], 1.6, WHITE, 0.5)


def jar(
    paint: Canvas, x: float, foot: float, size: float, tint: Colour, lid: Colour, brand: str
) -> None:
    """A squat glass jar with a screw lid."""
    paint.haze(x + 14 * size, foot + 2, 130 * size, 26 * size, (30, 20, 16), 0.6)
    body = smooth(
        [
            (x - 84 * size, foot - 10 * size),
            (x - 88 * size, foot - 140 * size),
            (x - 66 * size, foot - 176 * size),
            (x + 66 * size, foot - 176 * size),
            (x + 88 * size, foot - 140 * size),
            (x + 84 * size, foot - 10 * size),
            (x, foot + 6 * size),
        ]
    )
    paint.lit(body, lighter(tint, 0.35), darker(tint, 0.22), 10)
    paint.lit(
        [
            (x - 70 * size, foot - 172 * size),
            (x - 70 * size, foot - 212 * size),
            (x + 70 * size, foot - 212 * size),
            (x + 70 * size, foot - 172 * size),
        ],
        lighter(lid, 0.3),
        darker(lid, 0.3),
        0,
    )
    paint.lit(oval(x, foot - 212 * size, 70 * size, 14 * size), lighter(lid, 0.4), lid)
    paint.flat(
        ribbon(
            [
                (x - 68 * size, foot - 20 * size),
                (x - 72 * size, foot - 130 * size),
                (x - 56 * size, foot - 160 * size),
            ],
            (8 * size, 10 * size, 5 * size),
        ),
        WHITE,
        0.4,
    )
    label(paint, x, foot - 82 * size, 72 * size, 44 * size, brand, tint)


def jars(paint: Canvas, chance: Random, tint: Colour, brand: str) -> None:
    lid = chance.choice(((190, 60, 50), (206, 166, 78), (60, 80, 90), (70, 116, 76)))
    jar(paint, 286, 504, 0.84, tint, lid, brand)
    jar(paint, 520, 504, 0.84, tint, lid, brand)
    jar(paint, 402, 528, 1.06, tint, lid, brand)


def floss(paint: Canvas, chance: Random, tint: Colour, brand: str) -> None:
    """A jar and a heap of fine threads before it."""
    jar(paint, 300, 494, 1.0, tint, (196, 160, 86), brand)
    for _ in range(420):
        share = chance.random() ** 0.7
        half = 150 * share + 6
        x, y = 520 + chance.uniform(-half, half), 410 + share * 110 + chance.uniform(-8, 8)
        thread: list[Point] = [
            (x - 15, y),
            (x, y + chance.uniform(-9, 9)),
            (x + 16, y + chance.uniform(-5, 5)),
        ]
        paint.flat(
            ribbon(thread, (1.4, 3, 1.2)),
            mix(lighter(tint, 0.35), darker(tint, 0.2), chance.random()),
        )


def honey(paint: Canvas, chance: Random, tint: Colour, brand: str) -> None:
    """A jar of honey and a dipper."""
    jar(paint, 350, 524, 1.12, tint, (206, 166, 78), brand)
    wood = (190, 130, 74)
    paint.lit(
        ribbon([(474, 500), (560, 420), (640, 330)], (12, 10, 9)),
        lighter(wood, 0.3),
        darker(wood, 0.2),
    )
    for i in range(5):
        paint.lit(
            oval(478 + i * 12, 498 - i * 11, 30, 11, 46), lighter(tint, 0.3), darker(tint, 0.15)
        )
    paint.round(smooth([(440, 524), (500, 504), (570, 520), (520, 538)]), lighter(tint, 0.35), tint)
    for x, y in ((610, 250), (250, 240), (560, 200)):
        for wing in (-24, 24):
            paint.flat(oval(x + wing * 0.3, y - 15, 15, 8, -60 + wing * 2), WHITE, 0.8)
        paint.round(oval(x, y, 19, 12), (250, 200, 70), (220, 150, 30))
        for i in (-6, 2, 10):
            paint.line([(x + i, y - 9), (x + i, y + 9)], 4, (60, 44, 36))


def capsules(paint: Canvas, chance: Random, tint: Colour, brand: str) -> None:
    jar(paint, 320, 512, 1.02, (244, 246, 244), tint, brand)
    for i in range(9):
        x, y = (
            470 + (i % 4) * 46 + chance.uniform(-6, 6),
            456 + (i // 4) * 32 + chance.uniform(-5, 5),
        )
        a = chance.uniform(-30, 30)
        left: list[Point] = [(x - 22, y - a * 0.3), (x, y)]
        right: list[Point] = [(x, y), (x + 22, y + a * 0.3)]
        paint.line(left, 19, tint)
        paint.line(right, 19, (250, 240, 214))
        paint.line([(x - 20, y - 5 - a * 0.3), (x + 18, y - 5 + a * 0.3)], 3, WHITE, 0.6)
