"""What stands behind and below the goods: bay, hills or fields, and plate, board, tray or leaf."""

import math
from random import Random

from deploy.demo.drawing.painting import (
    HEIGHT,
    WIDTH,
    Canvas,
    Colour,
    Point,
    darker,
    lighter,
    mix,
    oval,
)

TABLE = 392  # where the table begins
# Sky above, sky at the horizon, far ridge, near ridge, ground: dawn, noon, afternoon, mist.
LIGHTS: tuple[tuple[Colour, Colour, Colour], ...] = (
    ((255, 226, 196), (255, 244, 226), (240, 188, 150)),
    ((196, 226, 236), (238, 247, 244), (140, 186, 196)),
    ((214, 232, 214), (246, 248, 230), (150, 190, 158)),
    ((222, 222, 240), (248, 242, 244), (170, 168, 204)),
    ((252, 232, 206), (254, 246, 232), (214, 176, 140)),
)
WOODS: tuple[Colour, ...] = ((190, 140, 96), (168, 120, 84), (206, 164, 120), (150, 112, 86))


def bay(paint: Canvas, chance: Random, ridge: Colour) -> None:
    """The limestone islands of the bay over calm water."""
    horizon = 318
    sea = mix(ridge, (90, 160, 176), 0.55)
    for share, count, high in ((0.55, 7, 110), (0.15, 5, 165)):
        colour = lighter(mix(ridge, (86, 120, 130), 0.5), share)
        for _ in range(count):
            x, wide = chance.uniform(-40, WIDTH + 40), chance.uniform(50, 120)
            top = horizon - chance.uniform(0.5, 1) * high
            paint.flat(_rock(x, horizon + 4, wide, top, chance), colour)
    paint.lit([(0, horizon), (WIDTH, horizon), (WIDTH, 420), (0, 420)], lighter(sea, 0.5), sea, 90)
    for _ in range(14):
        x, y = chance.uniform(0, WIDTH), chance.uniform(horizon + 8, TABLE - 6)
        long = chance.uniform(20, 70)
        paint.flat(oval(x, y, long, 1.4), (255, 255, 255), 0.4)


def _rock(x: float, foot: float, wide: float, top: float, chance: Random) -> list[Point]:
    lean = chance.uniform(-0.2, 0.2) * wide
    return [
        (x - wide, foot),
        (x - wide * 0.72, foot - (foot - top) * 0.62),
        (x - wide * 0.35 + lean, top + 10),
        (x + lean, top),
        (x + wide * 0.42 + lean, top + 16),
        (x + wide * 0.74, foot - (foot - top) * 0.5),
        (x + wide, foot),
    ]


def hills(paint: Canvas, chance: Random, ridge: Colour) -> None:
    """Ridges behind one another, the nearest with terraces."""
    green = mix(ridge, (104, 150, 92), 0.6)
    for share, base, high in ((0.62, 250, 60), (0.36, 290, 46), (0.1, 335, 30)):
        step, phase = chance.uniform(90, 150), chance.uniform(0, 6)
        line = [
            (x, base - high * (math.sin(x / step + phase) + 0.5 * math.sin(x / 47 + phase)))
            for x in range(-10, WIDTH + 20, 10)
        ]
        paint.flat([*line, (WIDTH, 430), (0, 430)], lighter(green, share))
    for i in range(4):
        y = 352 + i * 11
        wave = [(x, y + 4 * math.sin(x / 60 + i)) for x in range(0, WIDTH + 10, 10)]
        paint.line(wave, 2, darker(green, 0.12), 0.5)


def field(paint: Canvas, chance: Random, ridge: Colour) -> None:
    """A plain of rows towards the horizon."""
    green = mix(ridge, (140, 172, 96), 0.65)
    paint.flat(oval(chance.uniform(100, 700), 330, 420, 60), lighter(green, 0.55))
    paint.lit([(0, 320), (WIDTH, 320), (WIDTH, 420), (0, 420)], lighter(green, 0.45), green, 90)
    vanish = chance.uniform(250, 550)
    for i in range(-14, 15):
        paint.line([(vanish + i * 10, 320), (vanish + i * 110, 420)], 2.5, darker(green, 0.1), 0.5)


def table(paint: Canvas, chance: Random) -> None:
    """Planks, a little darker to the front."""
    wood = chance.choice(WOODS)
    paint.lit([(0, TABLE), (WIDTH, TABLE), (WIDTH, HEIGHT), (0, HEIGHT)], lighter(wood, 0.24), wood)
    for edge in (TABLE, 432, 486, 552):
        paint.flat(
            [(0, edge), (WIDTH, edge), (WIDTH, edge + 2), (0, edge + 2)], darker(wood, 0.3), 0.35
        )
    for _ in range(16):
        x, y = chance.uniform(0, WIDTH), chance.uniform(TABLE + 8, HEIGHT)
        paint.flat(oval(x, y, chance.uniform(40, 130), 1.2), darker(wood, 0.2), 0.25)


def plate(paint: Canvas, chance: Random) -> None:
    rim = chance.choice(((252, 250, 244), (232, 240, 244), (246, 238, 226), (214, 228, 222)))
    paint.haze(400, 486, 340, 110, (40, 24, 16), 0.55)
    paint.lit(oval(400, 462, 292, 96), rim, darker(rim, 0.14), 80)
    band = mix(rim, (70, 110, 150), 0.42)
    paint.flat(oval(400, 460, 268, 85), band, 0.5)
    paint.flat(oval(400, 460, 262, 82), rim)
    paint.lit(oval(400, 462, 214, 62), darker(rim, 0.06), lighter(rim, 0.4), 80)


def board(paint: Canvas, chance: Random) -> None:
    wood = chance.choice(((214, 170, 118), (196, 150, 106), (224, 188, 142)))
    paint.haze(400, 492, 350, 90, (40, 24, 16), 0.55)
    top = [(140, 408), (660, 408), (712, 520), (88, 520)]
    paint.flat([(88, 520), (712, 520), (706, 538), (94, 538)], darker(wood, 0.3))
    paint.lit(top, lighter(wood, 0.2), wood, 80)
    for y, inset in ((432, 10), (462, -4), (494, -18)):
        paint.flat(oval(400, y, 270 - inset, 1.5), darker(wood, 0.2), 0.5)


def tray(paint: Canvas, chance: Random) -> None:
    """A round tray of woven bamboo."""
    straw = chance.choice(((222, 190, 132), (208, 172, 112)))
    paint.haze(400, 490, 350, 108, (40, 24, 16), 0.55)
    paint.lit(oval(400, 464, 300, 100), lighter(straw, 0.1), darker(straw, 0.35), 80)
    paint.lit(oval(400, 458, 284, 88), lighter(straw, 0.32), straw, 80)
    for i in range(-13, 14):
        half = 88 * math.sqrt(1 - (i / 14) ** 2)
        x = 400 + i * 20
        colour = darker(straw, 0.18)
        paint.line([(x, 458 - half), (x + i, 458 + half)], 1.6, colour, 0.5)
    for i in range(-5, 6):
        half = 284 * math.sqrt(1 - (i / 6) ** 2)
        paint.line([(400 - half, 458 + i * 14), (400 + half, 458 + i * 14)], 1.6, straw, 0.9)


def leaf(paint: Canvas, chance: Random) -> None:
    """A piece of banana leaf."""
    green = chance.choice(((94, 148, 84), (112, 160, 82), (78, 134, 86)))
    paint.haze(400, 492, 360, 96, (30, 30, 16), 0.5)
    edge = [(96, 470), (210, 410), (400, 398), (590, 408), (706, 462), (600, 522), (390, 540)]
    shape = [*edge, (200, 526)]
    paint.lit(shape, lighter(green, 0.2), darker(green, 0.12), 70)
    paint.line([(96, 470), (706, 463)], 5, lighter(green, 0.45))
    for i in range(18):
        x = 140 + i * 31
        paint.line([(x, 468), (x - 22, 424 + abs(9 - i) * 2)], 1.4, lighter(green, 0.35), 0.6)
        paint.line([(x, 470), (x - 16, 518 - abs(9 - i) * 2)], 1.4, darker(green, 0.2), 0.4)


PLACES = {"bay": bay, "hills": hills, "field": field}
# The goods stand on the table itself.
BARE = "bare"
SURFACES = {"plate": plate, "board": board, "tray": tray, "leaf": leaf}


def scene(chance: Random, place: str, surface: str) -> Canvas:
    """A fresh picture with its background, table and surface, ready for the goods."""
    sky, low, ridge = chance.choice(LIGHTS)
    paint = Canvas(sky, low)
    paint.haze(chance.uniform(120, 680), chance.uniform(60, 130), 170, 170, (255, 252, 236), 0.8)
    PLACES[place](paint, chance, ridge)
    table(paint, chance)
    if surface != BARE:
        SURFACES[surface](paint, chance)
    else:
        paint.haze(400, 500, 300, 66, (40, 24, 16), 0.6)
    return paint
