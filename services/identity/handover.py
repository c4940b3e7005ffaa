"""The minute by which accounts are handed over (biên bản bàn giao tài khoản, R8), as a PDF.

It lists accounts, officers and documents, and nothing that opens an account: the minute is filed
and read by many.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from html import escape

from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from shared.fonts import font_file

_FONT, _BOLD = "HandoverRegular", "HandoverBold"


@dataclass(frozen=True, slots=True)
class Line:
    """One account as the minute lists it."""

    username: str
    officer: str
    position: str
    kinds: str
    document: str
    status: str


@dataclass(frozen=True, slots=True)
class Minute:
    """Who hands what over to whom; the places are names of units or of a facility."""

    giver: str
    giver_officer: str
    taker: str
    lines: Sequence[Line]
    day: date


def draw(minute: Minute) -> bytes:
    """The PDF, A4; official papers of this kind are in Vietnamese whoever prints them."""
    _fonts()
    file = io.BytesIO()
    document = SimpleDocTemplate(
        file,
        pagesize=A4,
        leftMargin=25 * mm,
        rightMargin=18 * mm,
        topMargin=20 * mm,
        bottomMargin=20 * mm,
        title="Biên bản bàn giao tài khoản",
        author=minute.giver,
    )
    document.build([*_head(minute), _table(minute.lines), *_foot(minute)])
    return file.getvalue()


def _head(minute: Minute) -> list[Flowable]:
    on = f"ngày {minute.day:%d} tháng {minute.day:%m} năm {minute.day:%Y}"
    return [
        _text("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", bold=True, centred=True),
        _text("Độc lập - Tự do - Hạnh phúc", bold=True, centred=True),
        Spacer(1, 8 * mm),
        _text("BIÊN BẢN BÀN GIAO TÀI KHOẢN", bold=True, centred=True, size=14),
        _text("Hệ thống truy xuất nguồn gốc thực phẩm", centred=True),
        Spacer(1, 6 * mm),
        _text(f"Hôm nay, {on}, chúng tôi gồm:"),
        _text(f"Bên giao: {minute.giver}. Đại diện: {minute.giver_officer}."),
        _text(f"Bên nhận: {minute.taker}. Đại diện: ........................................"),
        Spacer(1, 3 * mm),
        _text(f"Cùng bàn giao {len(minute.lines)} tài khoản quản lý, sử dụng hệ thống:"),
        Spacer(1, 3 * mm),
    ]


def _table(lines: Sequence[Line]) -> Table:
    head = ("STT", "Tên đăng nhập", "Cán bộ phụ trách", "Loại", "Văn bản phân công", "Trạng thái")
    rows: list[list[Paragraph]] = [[_text(title, bold=True, size=8.5) for title in head]]
    for number, line in enumerate(lines, 1):
        officer = f"{line.officer}, {line.position}" if line.position else line.officer
        cells = (str(number), line.username, officer, line.kinds, line.document, line.status)
        rows.append([_text(cell, size=8.5) for cell in cells])
    widths = [width * mm for width in (11, 34, 40, 26, 34, 22)]
    table = Table(rows, colWidths=widths, repeatRows=1)
    table.setStyle(
        TableStyle(
            [
                ("GRID", (0, 0), (-1, -1), 0.5, colors.black),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("BACKGROUND", (0, 0), (-1, 0), colors.whitesmoke),
            ]
        )
    )
    return table


def _foot(minute: Minute) -> list[Flowable]:
    duties = (
        "Mỗi tài khoản do một người phụ trách; không dùng chung, không cho mượn.",
        "Người nhận tự đặt mật khẩu trên thiết bị của mình; không ai khác biết hoặc đặt thay.",
        "Khi thay đổi người phụ trách, bên nhận báo ngay bên giao kèm văn bản phân công mới.",
    )
    signing = [
        [_text("BÊN GIAO", bold=True, centred=True), _text("BÊN NHẬN", bold=True, centred=True)],
        [_text("(Ký, ghi rõ họ tên)", centred=True), _text("(Ký, ghi rõ họ tên)", centred=True)],
    ]
    return [
        Spacer(1, 4 * mm),
        *(_text(f"- {duty}") for duty in duties),
        _text("Biên bản lập thành hai bản, mỗi bên giữ một bản."),
        Spacer(1, 8 * mm),
        Table(signing, colWidths=[83 * mm, 83 * mm]),
    ]


def _text(text: str, *, bold: bool = False, centred: bool = False, size: float = 11) -> Paragraph:
    style = ParagraphStyle(
        "handover",
        fontName=_BOLD if bold else _FONT,
        fontSize=size,
        leading=size * 1.4,
        spaceAfter=2,
        alignment=TA_CENTER if centred else 0,
    )
    # Names are typed by people: nothing of them is markup.
    return Paragraph(escape(text), style)


@cache
def _fonts() -> None:
    for name, weight in ((_FONT, "Regular"), (_BOLD, "Bold")):
        pdfmetrics.registerFont(TTFont(name, str(font_file(weight))))
