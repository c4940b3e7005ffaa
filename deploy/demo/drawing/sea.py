"""Fish, squid, octopus, jellyfish."""

from random import Random

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


def eye(paint: Canvas, x: float, y: float, size: float) -> None:
    paint.flat(oval(x, y, size, size), (250, 250, 246))
    paint.flat(oval(x, y, size * 0.62, size * 0.62), INK)
    paint.flat(oval(x - size * 0.2, y - size * 0.24, size * 0.22, size * 0.22), WHITE)


def squid(paint: Canvas, chance: Random, tint: Colour) -> None:
    """One to three squid, side by side."""
    count = chance.choice((2, 3, 3))
    for i in range(count):
        y = 452 + (i - (count - 1) / 2) * 58
        _one_squid(paint, 400 + chance.uniform(-18, 18), y, chance.uniform(-7, 7), tint)


def _one_squid(paint: Canvas, x: float, y: float, degrees: float, tint: Colour) -> None:
    def at(points: list[Point]) -> list[Point]:
        return turned([(x + dx, y + dy) for dx, dy in points], (x, y), degrees)

    pale, deep = lighter(tint, 0.5), darker(tint, 0.18)
    for i in range(8):
        spread = (i - 3.5) * 6.2
        arm: list[Point] = [(78, spread * 0.5), (128, spread), (172 + (i % 3) * 14, spread * 1.9)]
        paint.lit(ribbon(at(arm), (11, 8, 2)), tint, deep)
    paint.lit(at(smooth([(-190, 0), (-128, -46), (-72, -14), (-72, 14), (-128, 46)])), tint, deep)
    body = smooth([(-196, 0), (-110, -29), (20, -33), (66, -22), (66, 22), (20, 33), (-110, 29)])
    paint.round(at(body), pale, tint)
    for i in range(26):
        dx, dy = -150 + (i * 53) % 205, -20 + (i * 17) % 40
        paint.flat(at(oval(dx, dy, 2.6, 2.2)), deep, 0.5)
    paint.round(at(smooth([(58, -20), (96, -24), (112, 0), (96, 24), (58, 20)])), pale, tint)
    ((ex, ey),) = at([(90, -9)])
    eye(paint, ex, ey, 8)


def dried_squid(paint: Canvas, chance: Random, tint: Colour) -> None:
    """Opened and dried squid, fanned out."""
    for i in range(3):
        degrees = -56 + i * 56 + chance.uniform(-4, 4)
        centre = (400.0, 560.0)
        shape: list[Point] = [
            (400, 372),
            (440, 392),
            (456, 440),
            (446, 500),
            (400, 512),
            (354, 500),
        ]
        shape += [(344, 440), (360, 392)]
        paint.lit(turned(smooth(shape), centre, degrees), lighter(tint, 0.35), darker(tint, 0.1))
        spine = turned([(400, 384), (400, 504)], centre, degrees)
        paint.line(spine, 3, darker(tint, 0.25), 0.6)
        for j in range(7):
            arm: list[Point] = [
                (388 + j * 4, 506),
                (376 + j * 8, 528),
                (366 + j * 11, 546 - j % 2 * 8),
            ]
            paint.lit(ribbon(turned(arm, centre, degrees), (7, 5, 2)), tint, darker(tint, 0.3))
        for j in range(12):
            dot = turned(oval(366 + j * 6.2, 400 + (j * 29) % 92, 2, 2), centre, degrees)
            paint.flat(dot, darker(tint, 0.4), 0.4)


def octopus(paint: Canvas, chance: Random, tint: Colour) -> None:
    """Small octopus, three of them."""
    for x, y, size in ((280, 470, 0.8), (522, 474, 0.8), (400, 440, 1.1)):
        for i in range(8):
            side = i - 3.5
            curl = chance.uniform(-14, 14)
            arm: list[Point] = [
                (x + side * 6 * size, y + 14 * size),
                (x + side * 18 * size, y + 42 * size),
                (x + side * 25 * size + curl, y + 50 * size + abs(side) * -5),
                (x + side * 29 * size + curl, y + 36 * size),
            ]
            paint.lit(ribbon(arm, (17 * size, 13 * size, 8 * size, 3)), tint, darker(tint, 0.25))
        head = smooth(
            [
                (x, y - 92 * size),
                (x + 42 * size, y - 64 * size),
                (x + 36 * size, y - 6 * size),
                (x, y + 22 * size),
                (x - 36 * size, y - 6 * size),
                (x - 42 * size, y - 64 * size),
            ]
        )
        paint.round(head, lighter(tint, 0.4), darker(tint, 0.08))
        eye(paint, x - 14 * size, y - 2, 7 * size)
        eye(paint, x + 14 * size, y - 2, 7 * size)


def fish(paint: Canvas, chance: Random, tint: Colour) -> None:
    """Two fresh fish."""
    for y, size in ((424, 0.86), (476, 1.0)):
        _one_fish(paint, 396 + chance.uniform(-16, 16), y, size, chance.uniform(-5, 5), tint)


def _one_fish(paint: Canvas, x: float, y: float, size: float, degrees: float, tint: Colour) -> None:
    def at(points: list[Point]) -> list[Point]:
        return turned([(x + dx * size, y + dy * size) for dx, dy in points], (x, y), degrees)

    deep, pale = darker(tint, 0.35), lighter(tint, 0.72)
    paint.lit(at([(150, 0), (236, -58), (214, 0), (236, 58)]), tint, deep)
    paint.lit(at(smooth([(-60, -46), (10, -84), (70, -52), (40, -36)])), tint, deep)
    outline: list[Point] = [
        (-212, 4),
        (-160, -38),
        (-60, -62),
        (60, -50),
        (168, -10),
        (168, 12),
        (60, 48),
    ]
    outline += [(-60, 60), (-160, 42)]
    paint.lit(at(smooth(outline)), deep, pale, 90)
    for row in range(4):
        for i in range(9):
            scale = oval(-90 + i * 26 + row % 2 * 13, -28 + row * 17, 10, 7)
            paint.flat(at(scale), WHITE, 0.13)
    paint.line(at([(-128, -34), (-112, 2), (-132, 38)]), 4 * size, deep, 0.6)
    paint.lit(at(smooth([(-92, 8), (-30, 20), (-38, 40), (-84, 26)])), tint, deep)
    paint.line(at([(-210, 8), (-184, 16)]), 3 * size, darker(deep, 0.3), 0.8)
    ((ex, ey),) = at([(-166, -8)])
    eye(paint, ex, ey, 11 * size)


def dried_fish(paint: Canvas, chance: Random, tint: Colour) -> None:
    """Rows of opened fish, amber from the sun."""
    for i in range(6):
        x, y = 210 + i * 76, 448 + (i % 2) * 14
        degrees = chance.uniform(-8, 8)
        shape: list[Point] = [(x, y - 78), (x + 32, y - 34), (x + 30, y + 26), (x, y + 52)]
        shape += [(x - 30, y + 26), (x - 32, y - 34)]
        paint.lit(turned(smooth(shape), (x, y), degrees), lighter(tint, 0.45), darker(tint, 0.05))
        tail: list[Point] = [(x, y + 44), (x + 26, y + 84), (x, y + 74), (x - 26, y + 84)]
        paint.lit(turned(tail, (x, y), degrees), tint, darker(tint, 0.3))
        paint.line(turned([(x, y - 70), (x, y + 56)], (x, y), degrees), 3, darker(tint, 0.35), 0.7)
        for j in range(5):
            bone = [(x - 20, y - 40 + j * 17), (x, y - 46 + j * 17), (x + 20, y - 40 + j * 17)]
            paint.line(turned(bone, (x, y), degrees), 1.6, darker(tint, 0.3), 0.4)


def sandworm(paint: Canvas, chance: Random, tint: Colour) -> None:
    """Cleaned sandworms in soft bends."""
    for i in range(11):
        x, y = (
            232 + (i % 6) * 58 + chance.uniform(-10, 10),
            424 + (i // 6) * 46 + chance.uniform(-8, 8),
        )
        bend = chance.uniform(-20, 20)
        worm: list[Point] = [(x, y), (x + 34, y + bend), (x + 70, y + 8), (x + 108, y + 14 - bend)]
        colour = mix(tint, (252, 214, 196), chance.random() * 0.5)
        paint.lit(ribbon(worm, (13, 19, 20, 9)), lighter(colour, 0.4), darker(colour, 0.15), 90)
        for j in range(9):
            line = smooth(worm, closed=False)
            px, py = line[3 + j * 3]
            paint.line([(px, py - 8), (px + 1, py + 8)], 1.2, darker(colour, 0.3), 0.35)


def patties(paint: Canvas, chance: Random, tint: Colour) -> None:
    """A pile of fried cakes and a sprig of herbs."""
    spots = [(300, 478), (400, 492), (500, 478), (350, 446), (450, 446), (400, 414)]
    edge = darker(tint, 0.3)
    for middle, y in spots:
        x = middle + chance.uniform(-6, 6)
        paint.flat(oval(x, y + 16, 76, 32), edge)
        paint.round(oval(x, y, 76, 34), lighter(tint, 0.35), darker(tint, 0.06))
        for _ in range(11):
            px, py = x + chance.uniform(-52, 52), y + chance.uniform(-20, 20)
            paint.flat(
                oval(px, py, chance.uniform(5, 11), 4),
                chance.choice((edge, lighter(tint, 0.6))),
                0.4,
            )
    for i in range(6):
        leaf = oval(566 + (i % 3) * 22, 462 + (i // 3) * 24, 19, 9, -40 + i * 34)
        paint.lit(leaf, (136, 178, 96), (74, 128, 70))
