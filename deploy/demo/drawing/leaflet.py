"""The label of a supply as a farmer photographs it: invented words, no real brand."""

import io

from deploy.demo.drawing.painting import INK, WHITE, Canvas, Colour, Point

GREEN: Colour = (38, 120, 74)
SOIL: Colour = (150, 128, 104)
PAPER: Colour = (248, 246, 238)


def label(name: str, substance: str, dose: str, days: int) -> bytes:
    """A JPEG, the label lying on the ground; always the same for the same words."""
    paint = Canvas(SOIL, (112, 92, 74))
    paint.haze(400, 360, 320, 240, INK, 0.5)
    paint.flat(_box(400, 340, 250, 210), PAPER)
    paint.flat(_box(400, 190, 250, 60), GREEN)
    paint.words(name, 400, 176, 40, WHITE, room=460)
    paint.words("NHÃN VÍ DỤ, KHÔNG PHẢI SẢN PHẨM THẬT", 400, 218, 15, WHITE, room=460)
    lines = (f"Hoạt chất: {substance}", f"Liều dùng: {dose}", "Phun khi sâu non mới nở")
    for number, text in enumerate(lines):
        paint.words(text, 400, 296 + 46 * number, 25, INK, room=450)
    paint.flat(_box(400, 480, 220, 44), (250, 224, 130))
    paint.words(f"THỜI GIAN CÁCH LY: {days} NGÀY", 400, 480, 27, INK, room=420)
    file = io.BytesIO()
    paint.finished().save(file, "JPEG", quality=84, optimize=True)
    return file.getvalue()


def _box(cx: float, cy: float, wide: float, high: float) -> list[Point]:
    return [
        (cx - wide, cy - high),
        (cx + wide, cy - high),
        (cx + wide, cy + high),
        (cx - wide, cy + high),
    ]
