"""One sheet as an A4 PDF in the layout of Decree 30/2020/ND-CP: emblem words, title, signatures."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import KeepTogether, Paragraph, SimpleDocTemplate, Spacer, Table

from shared.fonts import font_file

# Decree 30/2020, annex I: 20–25 mm above and below, 30–35 mm left, 15–20 mm right.
_TOP, _BOTTOM, _LEFT, _RIGHT = 20 * mm, 20 * mm, 30 * mm, 15 * mm
_WIDTH: Final = A4[0] - _LEFT - _RIGHT
# A frame of reportlab keeps 6 points free at either side.
_LINE: Final = _WIDTH - 12


@dataclass(frozen=True, slots=True)
class Grid:
    """A table with its columns and their shares of the width."""

    columns: tuple[str, ...]
    shares: tuple[int, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """`issuer` stands at the left of the head; empty values become dotted lines to be written on.

    `signers` are who signs, with the words below it.
    """

    title: str
    issuer: str
    issuer_above: str = ""
    subtitle: str = ""
    addressee: str = ""
    place: str = ""
    code: str = ""
    opening: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    grid: Grid | None = None
    closing: tuple[str, ...] = ()
    signers: tuple[tuple[str, str], ...] = ()


def drawn(sheet: Sheet) -> bytes:
    """The PDF. Takes tens of milliseconds: run it in a thread."""
    out = io.BytesIO()
    document = SimpleDocTemplate(
        out,
        pagesize=A4,
        topMargin=_TOP,
        bottomMargin=_BOTTOM,
        leftMargin=_LEFT,
        rightMargin=_RIGHT,
        title=sheet.title,
        author=sheet.issuer,
        lang="vi",
    )
    document.build(_story(sheet), onLaterPages=_page_number)
    return out.getvalue()


def _story(sheet: Sheet) -> list[Any]:
    styles = _styles()
    story: list[Any] = [_head(sheet), Spacer(0, 7 * mm)]
    story.append(Paragraph(escape(sheet.title.upper()), styles["title"]))
    if sheet.subtitle:
        story.append(Paragraph(escape(sheet.subtitle), styles["subtitle"]))
    story.append(Spacer(0, 4 * mm))
    if sheet.addressee:
        story.append(Paragraph(escape(f"Kính gửi: {sheet.addressee}"), styles["centre"]))
    story += [Paragraph(escape(text), styles["text"]) for text in sheet.opening]
    story += [Paragraph(_fact(label, value), styles["fact"]) for label, value in sheet.facts]
    if sheet.grid is not None:
        story += [Spacer(0, 3 * mm), _grid(sheet.grid), Spacer(0, 3 * mm)]
    story += [Paragraph(escape(text), styles["text"]) for text in sheet.closing]
    if sheet.signers:
        story.append(KeepTogether(_signatures(sheet)))
    return story


def _fact(label: str, value: str) -> str:
    return f"{escape(label)}: " + (f"<b>{escape(value)}</b>" if value else _dots(f"{label}: "))


def _dots(before: str) -> str:
    """To the end of the line, for a person writes there by hand."""
    fact = _styles()["fact"]
    used, dot = (pdfmetrics.stringWidth(it, fact.fontName, fact.fontSize) for it in (before, "…"))
    return "…" * int((_LINE - used) / dot)


def _head(sheet: Sheet) -> Table:
    """Issuer at the left; at the right the country's name and its motto (Quốc hiệu, Tiêu ngữ)."""
    styles = _styles()
    left = [Paragraph(escape(sheet.issuer_above.upper()), styles["head"])] * bool(
        sheet.issuer_above
    )
    left.append(Paragraph(f"<b>{escape(sheet.issuer.upper())}</b>", styles["head"]))
    if sheet.code:
        left.append(Paragraph(escape(f"Mã cơ sở: {sheet.code}"), styles["head"]))
    right = [
        Paragraph("<b>CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM</b>", styles["head"]),
        Paragraph("<b><u>Độc lập - Tự do - Hạnh phúc</u></b>", styles["motto"]),
        Spacer(0, 2 * mm),
        Paragraph(
            f"<i>{escape(sheet.place or '………………')}, ngày …… tháng …… năm ………</i>", styles["head"]
        ),
    ]
    table = Table([[left, right]], colWidths=[_WIDTH * 0.42, _WIDTH * 0.58])
    table.setStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 0)])
    return table


def _grid(grid: Grid) -> Table:
    styles = _styles()
    head = [Paragraph(f"<b>{escape(text)}</b>", styles["cell"]) for text in grid.columns]
    rows = [[Paragraph(escape(text), styles["cell"]) for text in row] for row in grid.rows]
    rows = rows or [[Paragraph("", styles["cell"])] * len(grid.columns)] * 3
    widths = [_WIDTH * share / sum(grid.shares) for share in grid.shares]
    table = Table([head, *rows], colWidths=widths, repeatRows=1)
    table.setStyle(
        [
            ("GRID", (0, 0), (-1, -1), 0.5, colors.black),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("BACKGROUND", (0, 0), (-1, 0), colors.whitesmoke),
        ]
    )
    return table


def _signatures(sheet: Sheet) -> list[Any]:
    styles = _styles()
    cells = [
        [
            Paragraph(f"<b>{escape(title.upper())}</b>", styles["centre"]),
            Paragraph(f"<i>{escape(hint)}</i>", styles["small"]),
            Spacer(0, 24 * mm),
        ]
        for title, hint in sheet.signers
    ]
    # A single signer stands at the right, as the decree has it.
    row: Sequence[Any] = ["", cells[0]] if len(cells) == 1 else cells
    table = Table([list(row)], colWidths=[_WIDTH / len(row)] * len(row))
    table.setStyle([("VALIGN", (0, 0), (-1, -1), "TOP")])
    return [Spacer(0, 6 * mm), table]


def _page_number(canvas: Any, _: Any) -> None:
    """In the middle of the upper margin, from the second page on."""
    canvas.setFont("BeVietnamPro", 10)
    canvas.drawCentredString(A4[0] / 2, A4[1] - 12 * mm, str(canvas.getPageNumber()))


@cache
def _styles() -> dict[str, ParagraphStyle]:
    names = {"": "Regular", "-Bold": "Bold", "-Italic": "Italic", "-BoldItalic": "BoldItalic"}
    for suffix, weight in names.items():
        pdfmetrics.registerFont(TTFont(f"BeVietnamPro{suffix}", str(font_file(weight))))
    pdfmetrics.registerFontFamily(
        "BeVietnamPro",
        normal="BeVietnamPro",
        bold="BeVietnamPro-Bold",
        italic="BeVietnamPro-Italic",
        boldItalic="BeVietnamPro-BoldItalic",
    )

    def style(size: float, **more: Any) -> ParagraphStyle:
        told = {"fontName": "BeVietnamPro", "fontSize": size, "leading": size * 1.4, **more}
        return ParagraphStyle("", **told)

    return {
        "head": style(9.5, alignment=TA_CENTER),
        "motto": style(10.5, alignment=TA_CENTER),
        "title": style(14, alignment=TA_CENTER, fontName="BeVietnamPro-Bold"),
        "subtitle": style(11, alignment=TA_CENTER, fontName="BeVietnamPro-Bold"),
        "centre": style(11, alignment=TA_CENTER, spaceAfter=4),
        "small": style(9, alignment=TA_CENTER),
        "text": style(11, alignment=TA_JUSTIFY, firstLineIndent=10 * mm, spaceAfter=5),
        "fact": style(11, spaceAfter=3),
        "cell": style(9),
    }
