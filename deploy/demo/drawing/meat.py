"""Hens, ducks, pork, eggs, hams, sausages."""

from random import Random

from deploy.demo.drawing.crockery import blade
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
from deploy.demo.drawing.sea import eye


def hen(paint: Canvas, chance: Random, tint: Colour) -> None:
    """A standing hen, with the beard of the Tiên Yên breed."""
    for x in (388, 432):
        paint.line([(x, 470), (x, 516)], 9, (232, 178, 60))
        for t in (-24, 0, 24):
            paint.line([(x, 514), (x + t, 526)], 7, (232, 178, 60))
    for i in range(6):
        tail: list[Point] = [(500, 400), (572, 356 - i * 14), (592 + i * 5, 290 + i * 16)]
        paint.lit(ribbon(tail, (34, 30, 10)), mix(tint, (60, 50, 60), i / 9), darker(tint, 0.5))
    body = smooth(
        [
            (268, 330),
            (300, 400),
            (330, 462),
            (410, 490),
            (500, 452),
            (546, 380),
            (470, 376),
            (390, 372),
            (330, 300),
        ]
    )
    paint.round(body, lighter(tint, 0.3), darker(tint, 0.25))
    wing = smooth([(360, 400), (440, 388), (520, 402), (486, 444), (410, 452)])
    paint.lit(wing, tint, darker(tint, 0.4))
    for i in range(4):
        feather = smooth(
            [(402 + i * 26, 414), (422 + i * 26, 430), (412 + i * 26, 448)], closed=False
        )
        paint.line(feather, 3, darker(tint, 0.45), 0.7)
    paint.round(oval(300, 304, 44, 42), lighter(tint, 0.35), darker(tint, 0.08))
    for i in range(4):
        paint.flat(oval(282 + i * 14, 262 - (i % 2) * 8, 12, 15), (206, 50, 46))
    paint.flat([(262, 304), (226, 316), (262, 324)], (236, 176, 56))
    for i in range(4):
        paint.lit(
            oval(272 + i * 9, 340 + (i % 2) * 8, 8, 19, -10 + i * 7),
            lighter(tint, 0.5),
            darker(tint, 0.2),
        )
    eye(paint, 288, 298, 8)


def duck(paint: Canvas, chance: Random, tint: Colour) -> None:
    for x in (392, 440):
        paint.line([(x, 480), (x, 510)], 9, (230, 140, 50))
        paint.flat([(x - 26, 524), (x + 18, 524), (x, 504)], (230, 140, 50))
    body = smooth(
        [
            (292, 404),
            (330, 470),
            (420, 496),
            (530, 462),
            (600, 380),
            (520, 392),
            (420, 372),
            (330, 372),
        ]
    )
    paint.round(body, lighter(tint, 0.4), darker(tint, 0.2))
    paint.lit(
        smooth([(380, 410), (470, 398), (556, 404), (500, 452), (420, 456)]),
        tint,
        darker(tint, 0.35),
    )
    neck: list[Point] = [(330, 420), (296, 360), (306, 296)]
    paint.lit(ribbon(neck, (76, 50, 52)), lighter(tint, 0.3), darker(tint, 0.15), 0)
    paint.round(oval(304, 284, 42, 38), mix(tint, (70, 110, 84), 0.5), darker(tint, 0.3))
    paint.lit(
        smooth([(272, 284), (214, 294), (210, 308), (270, 306)]), (240, 176, 66), (206, 130, 40)
    )
    eye(paint, 294, 276, 8)


def pig(paint: Canvas, chance: Random, tint: Colour) -> None:
    """A pig of the Móng Cái breed: black, with a white saddle and belly."""
    white: Colour = (244, 232, 224)
    for x in (318, 352, 492, 524):
        paint.lit(ribbon([(x, 440), (x, 512)], (34, 26)), darker(white, 0.05), darker(white, 0.3))
        paint.flat(oval(x, 514, 15, 8), darker(tint, 0.2))
    tail = smooth([(566, 380), (592, 362), (580, 346), (600, 336)], closed=False)
    paint.line(tail, 6, tint)
    outline: list[Point] = [(262, 380), (300, 326), (400, 312), (510, 324), (572, 374), (556, 440)]
    body = smooth([*outline, (470, 474), (370, 476), (290, 448)])
    paint.round(body, white, darker(white, 0.2))
    rump = smooth(
        [(470, 322), (520, 330), (572, 374), (560, 426), (510, 436), (474, 410), (452, 360)]
    )
    paint.round(rump, lighter(tint, 0.3), tint)
    head = smooth(
        [(330, 318), (290, 324), (226, 366), (214, 408), (258, 438), (322, 430), (352, 370)]
    )
    paint.round(head, lighter(tint, 0.32), tint)
    for x, y, degrees in ((270, 328, -30), (322, 324, 14)):
        paint.lit(oval(x, y, 20, 32, degrees), lighter(tint, 0.25), darker(tint, 0.1))
    snout = (228, 402)
    paint.round(oval(*snout, 27, 23), (240, 196, 186), (206, 150, 144))
    for dx in (-8, 8):
        paint.flat(oval(snout[0] + dx, snout[1], 4, 6), darker(tint, 0.1))
    eye(paint, 270, 372 + chance.uniform(-1, 1), 8)


def pork(paint: Canvas, chance: Random, tint: Colour) -> None:
    """A piece of belly in its layers, and slices of it."""
    fat, skin = (250, 230, 218), (226, 176, 132)
    _layers(paint, (190, 392), (430, 372), 118, (tint, fat, skin))
    paint.lit([(190, 392), (430, 372), (486, 344), (250, 362)], lighter(tint, 0.35), tint, 20)
    paint.lit(
        [(430, 372), (486, 344), (486, 456), (430, 490)], darker(tint, 0.05), darker(tint, 0.3), 20
    )
    for i in range(3):
        x = 470 + i * 46 + chance.uniform(-4, 4)
        _layers(paint, (x, 424 + i * 10), (x + 122, 418 + i * 12), 84, (tint, fat, skin))
    for i in range(4):
        blade(paint, 180 + i * 14, 520 - i * 6, 64, -70 + i * 30)


def _layers(
    paint: Canvas, left: Point, right: Point, high: float, colours: tuple[Colour, Colour, Colour]
) -> None:
    """The cut face of belly: meat and fat in turn, the skin below."""
    meat, fat, skin = colours
    bands = (
        (0, 0.2, meat),
        (0.2, 0.34, fat),
        (0.34, 0.56, meat),
        (0.56, 0.7, fat),
        (0.7, 0.8, meat),
        (0.8, 0.93, fat),
        (0.93, 1, skin),
    )
    for top, bottom, colour in bands:
        upper = [
            (left[0], left[1] + high * top),
            ((left[0] + right[0]) / 2, (left[1] + right[1]) / 2 + high * top + 5),
            (right[0], right[1] + high * top),
        ]
        lower = [
            (right[0], right[1] + high * bottom),
            ((left[0] + right[0]) / 2, (left[1] + right[1]) / 2 + high * bottom + 5),
            (left[0], left[1] + high * bottom),
        ]
        edge = [*smooth(upper, closed=False), *smooth(lower, closed=False)]
        paint.lit(edge, lighter(colour, 0.18), darker(colour, 0.05), 30)


def eggs(paint: Canvas, chance: Random, tint: Colour) -> None:
    straw = (214, 178, 110)
    for _ in range(90):
        x, y = chance.uniform(220, 560), chance.uniform(440, 524)
        paint.line(
            [(x, y), (x + chance.uniform(20, 70), y + chance.uniform(-12, 12))],
            3,
            mix(straw, (150, 110, 60), chance.random() * 0.5),
        )
    for x, y in (
        (300, 450),
        (376, 430),
        (456, 434),
        (524, 456),
        (340, 490),
        (420, 496),
        (496, 500),
    ):
        colour = mix(tint, (246, 214, 180), chance.random() * 0.6)
        egg = smooth(
            [
                (x, y - 54),
                (x + 31, y - 22),
                (x + 37, y + 16),
                (x, y + 44),
                (x - 37, y + 16),
                (x - 31, y - 22),
            ]
        )
        paint.round(
            turned(egg, (x, y), chance.uniform(-24, 24)), lighter(colour, 0.5), darker(colour, 0.16)
        )


def ham(paint: Canvas, chance: Random, tint: Colour) -> None:
    """Rolls in banana leaf, one cut."""
    green = (84, 132, 74)
    for x, y in ((350, 424), (330, 478)):
        paint.lit(
            ribbon([(x - 140, y), (x, y - 3), (x + 140, y)], (74, 80, 74)),
            lighter(green, 0.3),
            darker(green, 0.25),
            90,
        )
        for i in range(6):
            px = x - 116 + i * 44
            paint.line([(px, y - 38), (px + 9, y), (px, y + 38)], 3.4, (222, 200, 140))
        paint.flat(oval(x + 140, y, 12, 37), darker(green, 0.3))
    for i in range(4):
        x, y = 512 + i * 32, 492 - i * 5
        paint.flat(oval(x + 6, y + 4, 42, 47), darker(tint, 0.3), 0.5)
        paint.round(oval(x, y, 42, 47), lighter(tint, 0.45), darker(tint, 0.06))
        for _ in range(8):
            paint.flat(
                oval(x + chance.uniform(-26, 26), y + chance.uniform(-30, 30), 2.5, 2.5),
                darker(tint, 0.35),
                0.6,
            )


def sausages(paint: Canvas, chance: Random, tint: Colour) -> None:
    """A string of links in two rows."""
    for row in range(3):
        for i in range(3):
            x, y = 206 + i * 132 + row * 26, 414 + row * 44
            link: list[Point] = [
                (x, y),
                (x + 26, y + 8),
                (x + 66, y + 13),
                (x + 106, y + 8),
                (x + 130, y),
            ]
            paint.flat(oval(x + 68, y + 26, 66, 12), darker(tint, 0.7), 0.3)
            paint.lit(ribbon(link, (8, 44, 50, 44, 8)), lighter(tint, 0.4), darker(tint, 0.3), 90)
            gleam: list[Point] = [(x + 28, y - 4), (x + 64, y), (x + 96, y - 4)]
            paint.flat(ribbon(gleam, (2, 7, 2)), WHITE, 0.4)
            for _ in range(9):
                spot = oval(x + chance.uniform(26, 106), y + chance.uniform(0, 24), 4, 3)
                paint.flat(spot, (250, 224, 210), 0.45)


def leaf_rolls(paint: Canvas, chance: Random, tint: Colour) -> None:
    """Small parcels in banana leaf, tied with red string: fermented pork."""
    green = (96, 146, 84)
    spots = [(300, 492), (400, 504), (500, 492), (350, 454), (450, 454), (400, 414)]
    for x, y in sorted(spots, key=lambda spot: spot[1]):
        a = chance.uniform(-6, 6)
        paint.flat(oval(x + 4, y + 30, 64, 12), (40, 40, 24), 0.35)
        body: list[Point] = [(x - 56, y + a), (x, y), (x + 56, y - a)]
        paint.lit(ribbon(body, (56, 62, 56)), lighter(green, 0.35), darker(green, 0.25), 90)
        paint.lit(oval(x + 56, y - a, 9, 28), lighter(green, 0.1), darker(green, 0.3))
        for dx in (-26, 22):
            string: list[Point] = [(x + dx, y - 30), (x + dx + 4, y), (x + dx, y + 30)]
            paint.line(string, 4, (190, 52, 48))
        paint.line([(x - 50, y + 4 + a), (x + 50, y + 4 - a)], 1.6, lighter(green, 0.5), 0.6)
    x, y = 590, 498
    paint.round(oval(x, y, 46, 34), lighter(tint, 0.5), tint)
    for _ in range(10):
        dot = oval(x + chance.uniform(-28, 28), y + chance.uniform(-20, 20), 4, 3)
        paint.flat(dot, (252, 232, 214), 0.7)
