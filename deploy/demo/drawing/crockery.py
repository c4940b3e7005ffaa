"""What several drawings need: a leaf, a bowl."""

from deploy.demo.drawing.painting import Canvas, Colour, darker, lighter, mix, oval, smooth, turned

GREEN: Colour = (104, 156, 84)
DEEP_GREEN: Colour = (62, 116, 70)
# Where the pieces of a pile lie, from back to front, and how large they are.
PILE: tuple[tuple[float, float, float], ...] = (
    (286, 474, 0.94),
    (514, 474, 0.94),
    (344, 420, 0.86),
    (456, 420, 0.86),
    (400, 486, 1.06),
)


def blade(
    paint: Canvas, x: float, y: float, long: float, degrees: float, colour: Colour = GREEN
) -> None:
    """One pointed leaf from (x, y)."""
    shape = smooth(
        [(x, y), (x + long * 0.3, y - long * 0.2), (x + long, y), (x + long * 0.3, y + long * 0.2)]
    )
    paint.lit(turned(shape, (x, y), degrees), lighter(colour, 0.2), darker(colour, 0.2))
    paint.line(
        turned([(x + 4, y), (x + long * 0.86, y)], (x, y), degrees), 1.6, lighter(colour, 0.45), 0.8
    )


def bowl(paint: Canvas, glaze: Colour) -> None:
    paint.haze(400, 522, 260, 60, (30, 20, 16), 0.5)
    paint.lit(oval(400, 404, 190, 56), darker(glaze, 0.25), darker(glaze, 0.1))


def bowl_front(paint: Canvas, glaze: Colour) -> None:
    rim = [(x, y) for x, y in oval(400, 404, 190, 56) if y >= 403]
    rim.sort()
    base = smooth(
        [
            (590, 404),
            (574, 452),
            (528, 500),
            (474, 524),
            (400, 530),
            (326, 524),
            (272, 500),
            (226, 452),
            (210, 404),
        ],
        closed=False,
    )
    paint.lit([*rim, *base], glaze, darker(glaze, 0.24), 40)
    band = mix(glaze, (60, 104, 160), 0.6)
    for i in range(9):
        x = 256 + i * 36
        y = 462 + 26 * (1 - ((x - 400) / 180) ** 2)
        paint.flat(oval(x, y, 10, 6, 20), band, 0.7)
