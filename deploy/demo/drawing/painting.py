"""A small painter's kit over Pillow: smooth shapes with light on them, 800 × 600 in the end."""

import math
from collections.abc import Callable, Iterable, Sequence
from functools import cache

import numpy as np
from fontpkg_be_vietnam_pro import ROOT
from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 800, 600
# Everything is painted twice as large and reduced at the end, which smooths all edges.
FINER = 2

# What is shown in the end, so that the goods fill the picture: left, upper, right, lower.
NEAR = (66, 96, 734, 597)

Colour = tuple[int, int, int]
Point = tuple[float, float]
Darkness = Callable[[int, int], Image.Image]

WHITE: Colour = (255, 255, 255)
INK: Colour = (44, 38, 48)


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """A colour between two: 0 is the first, 1 the other."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def lighter(colour: Colour, share: float) -> Colour:
    return mix(colour, (255, 255, 255), share)


def darker(colour: Colour, share: float) -> Colour:
    return mix(colour, (20, 16, 24), share)


def turned(points: Iterable[Point], centre: Point, degrees: float) -> list[Point]:
    """The points turned about the centre, clockwise as seen on the picture."""
    sin, cos = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
    cx, cy = centre
    return [
        (cx + (x - cx) * cos - (y - cy) * sin, cy + (x - cx) * sin + (y - cy) * cos)
        for x, y in points
    ]


def oval(cx: float, cy: float, rx: float, ry: float, degrees: float = 0) -> list[Point]:
    """The outline of an ellipse."""
    steps = 48
    outline = [
        (cx + rx * math.cos(2 * math.pi * i / steps), cy + ry * math.sin(2 * math.pi * i / steps))
        for i in range(steps)
    ]
    return turned(outline, (cx, cy), degrees) if degrees else outline


def smooth(points: Sequence[Point], *, closed: bool = True) -> list[Point]:
    """A soft curve through the points (Catmull–Rom)."""
    count = len(points)
    if closed:
        ring = [points[-1], *points, points[0], points[1]]
    else:
        ring = [points[0], *points, points[-1]]
    curve = []
    for i in range(count if closed else count - 1):
        curve += [_between(ring[i : i + 4], step / 10) for step in range(10)]
    return curve if closed else [*curve, points[-1]]


def _between(p: Sequence[Point], t: float) -> Point:
    def along(a: float, b: float, c: float, d: float) -> float:
        return 0.5 * (
            2 * b
            + (c - a) * t
            + (2 * a - 5 * b + 4 * c - d) * t**2
            + (3 * b - a - 3 * c + d) * t**3
        )

    return along(*(q[0] for q in p)), along(*(q[1] for q in p))


def ribbon(points: Sequence[Point], widths: Sequence[float]) -> list[Point]:
    """The outline of a soft band along the points, as wide at each as told: stems, arms, roots."""
    line = smooth(points, closed=False)
    left, right = [], []
    for i, (x, y) in enumerate(line):
        ax, ay = line[max(i - 1, 0)]
        bx, by = line[min(i + 1, len(line) - 1)]
        length = math.hypot(bx - ax, by - ay) or 1
        place = i / (len(line) - 1) * (len(widths) - 1)
        below = min(int(place), len(widths) - 2)
        half = (widths[below] + (widths[below + 1] - widths[below]) * (place - below)) / 2
        nx, ny = (by - ay) / length * half, -(bx - ax) / length * half
        left.append((x + nx, y + ny))
        right.append((x - nx, y - ny))
    return left + right[::-1]


class Canvas:
    """A picture in the making; all measures are in its 800 × 600 points."""

    def __init__(self, top: Colour, bottom: Colour) -> None:
        # One column blended, then only widened, which costs next to nothing.
        column = Image.new("RGB", (1, HEIGHT * FINER))
        for y in range(column.height):
            column.putpixel((0, y), mix(top, bottom, y / column.height))
        self.image = column.resize((WIDTH * FINER, column.height), Image.Resampling.NEAREST)
        self.draw = ImageDraw.Draw(self.image, "RGBA")

    def flat(self, outline: Sequence[Point], colour: Colour, opacity: float = 1) -> None:
        """A shape of one colour."""
        self.draw.polygon(_finer(outline), fill=(*colour, round(255 * opacity)))

    def line(
        self, points: Sequence[Point], width: float, colour: Colour, opacity: float = 1
    ) -> None:
        """A soft line with round ends."""
        self.flat(ribbon(points, (width, width)), colour, opacity)
        for x, y in (points[0], points[-1]):
            self.flat(oval(x, y, width / 2, width / 2), colour, opacity)

    def lit(
        self, outline: Sequence[Point], light: Colour, dark: Colour, degrees: float = 60
    ) -> None:
        """A shape that is light where the light falls from and dark on the other side."""
        self._shaded(outline, light, dark, lambda wide, high: _slope(wide, high, degrees))

    def round(self, outline: Sequence[Point], light: Colour, dark: Colour) -> None:
        """A shape with the volume of a ball: lightest at the upper left."""
        self._shaded(outline, light, dark, lambda wide, high: _ball())

    def _shaded(
        self, outline: Sequence[Point], light: Colour, dark: Colour, darkness: Darkness
    ) -> None:
        points = _finer(outline)
        left, upper = (math.floor(min(p[i] for p in points)) for i in (0, 1))
        wide = math.ceil(max(p[0] for p in points)) + 1 - left
        high = math.ceil(max(p[1] for p in points)) + 1 - upper
        mask = Image.new("L", (wide, high))
        ImageDraw.Draw(mask).polygon([(x - left, y - upper) for x, y in points], fill=255)
        shares = darkness(wide, high).resize((wide, high), Image.Resampling.BILINEAR)
        colours = Image.composite(
            Image.new("RGB", (wide, high), dark), Image.new("RGB", (wide, high), light), shares
        )
        self.image.paste(colours, (left, upper), mask)

    def haze(
        self, cx: float, cy: float, rx: float, ry: float, colour: Colour, opacity: float
    ) -> None:
        """A spot that fades out to its edge: a shadow, a gleam, the sun."""
        size = (round(2 * rx * FINER), round(2 * ry * FINER))
        spot = _spot().resize(size, Image.Resampling.BILINEAR)
        corner = (round((cx - rx) * FINER), round((cy - ry) * FINER))
        mask = spot.point([round(level * opacity) for level in range(256)])
        self.image.paste(Image.new("RGB", size, colour), corner, mask)

    def words(
        self, text: str, cx: float, cy: float, size: float, colour: Colour, room: float = WIDTH
    ) -> None:
        """Words centred on a point, smaller where they would be wider than `room`."""
        letters = _letters(round(size * FINER))
        wide = letters.getlength(text)
        if wide > room * FINER:
            letters = _letters(round(size * room * FINER**2 / wide))
        self.draw.text((cx * FINER, cy * FINER), text, font=letters, fill=colour, anchor="mm")

    def mirror(self) -> None:
        """Left becomes right, for what has no words on it."""
        self.image = self.image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        self.draw = ImageDraw.Draw(self.image, "RGBA")

    def finished(self) -> Image.Image:
        """The part around the goods, `NEAR`, as the whole picture."""
        left, upper, right, lower = (part * FINER for part in NEAR)
        return self.image.resize(
            (WIDTH, HEIGHT), Image.Resampling.LANCZOS, box=(left, upper, right, lower)
        )


def _slope(wide: int, high: int, degrees: float) -> Image.Image:
    """How dark a shape of this size is when the light falls in at an angle: 0 light, 255 dark."""
    y, x = np.ogrid[0:1:32j, 0:1:32j]
    along = x * wide * math.cos(math.radians(degrees)) + y * high * math.sin(math.radians(degrees))
    low, span = along.min(), max(float(along.max() - along.min()), 1e-6)
    return Image.fromarray(((along - low) / span * 255).astype(np.uint8))


@cache
def _ball() -> Image.Image:
    y, x = np.ogrid[0:1:64j, 0:1:64j]
    away = np.clip(np.hypot(x - 0.36, y - 0.3) / 0.82, 0, 1) ** 1.6
    return Image.fromarray((away * 255).astype(np.uint8))


@cache
def _spot() -> Image.Image:
    y, x = np.ogrid[-1:1:96j, -1:1:96j]
    strength = np.clip(1 - np.hypot(x, y), 0, 1) ** 1.4
    return Image.fromarray((strength * 255).astype(np.uint8))


def _finer(outline: Sequence[Point]) -> list[Point]:
    return [(x * FINER, y * FINER) for x, y in outline]


@cache
def _letters(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(ROOT / "files" / "BeVietnamPro-SemiBold.ttf", size)
