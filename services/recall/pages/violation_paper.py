"""The report of a violation as an official document, as it was sent (R56)."""

import asyncio
from datetime import date
from decimal import Decimal
from typing import Final

from fastapi import APIRouter, Request, Response

from services.recall.domain.violation import Violation
from services.recall.pages.issuing import (
    BLANK,
    CITY,
    DOCX,
    body_above,
    initials,
    province_of,
)
from services.recall.pages.violation_words import CAME_OF
from services.recall.pages.violations import ONE
from services.recall.queries import violations as queries
from services.recall.queries.violations import Row
from shared.commune_places import names
from shared.days import local_day, spoken
from shared.documents.docx import docx_file
from shared.documents.official import Block, Heading, Official, Paragraph, Table
from shared.documents.pdf import pdf
from shared.errors import Amount, NotFound
from shared.web.session import PagePrincipal
from shared.web.table_file import attachment

router = APIRouter(include_in_schema=False)
# To whom it is reported where the body above is not known here, or none.
_ABOVE: Final = "Cơ quan chủ trì, điều phối cấp trên"


@router.get(ONE + "/report.{format_}")
async def read_paper(
    report_id: str, format_: str, request: Request, who: PagePrincipal
) -> Response:
    if format_ not in ("pdf", "docx"):
        raise NotFound()
    row = await queries.one(who, report_id, db=request.app.state.db)
    document = paper(row)
    headers = attachment(f"bao-cao-vi-pham-{report_id}.{format_}")
    if format_ == "pdf":
        return Response(await pdf(document), media_type="application/pdf", headers=headers)
    made = await asyncio.to_thread(docx_file, document)
    return Response(made, media_type=DOCX, headers=headers)


def paper(row: Row) -> Official:
    """In Vietnamese, as such papers are; a draft while it can still be changed."""
    one = row.report
    province = province_of(one.commune)
    above = body_above(one.authority, one.tier, one.commune)
    higher = above if above not in ("", BLANK) else _ABOVE
    return Official(
        superior=above,
        issuer=one.authority,
        symbol=f"BC-{initials(one.authority)}",
        place=province.removeprefix(CITY) or "………",
        day=_sent_on(one),
        kind="Báo cáo",
        subject=f"Vi phạm của {row.facility}" if row.facility else "Vi phạm",
        blocks=tuple(_blocks(row)),
        recipients=(f"{higher} (để báo cáo);", "Lưu: VT."),
        signer="Thủ trưởng đơn vị",
        draft=one.writable,
    )


def _sent_on(one: Violation) -> date | None:
    """The day on which it was sent last; none for what may still be changed."""
    if one.writable:
        return None
    return next((local_day(it.at) for it in reversed(one.steps) if it.act == "sent"), None)


def _blocks(row: Row) -> list[Block]:
    one = row.report
    told = one.wording
    found: list[Block] = [
        Heading("I. Thông tin chung"),
        Paragraph(f"Cơ sở: {row.facility or '………'}."),
        Paragraph(f"Địa bàn: {names().get(one.commune, one.commune)}."),
        Paragraph(f"Ngày phát hiện: {spoken(told.found_on)}. Nguồn: {CAME_OF[one.origin]}."),
        Paragraph(f"Người lập báo cáo: {one.by_name}, {one.authority}."),
    ]
    parts = (
        ("Hành vi vi phạm", told.found),
        ("Căn cứ pháp lý", told.basis),
        ("Biện pháp đã áp dụng", told.measures or "Chưa áp dụng biện pháp nào."),
        ("Đề xuất xử lý", told.sanction or "Chưa có đề xuất."),
    )
    for numeral, (title, words) in zip(("II", "III", "IV", "V"), parts, strict=True):
        found.append(Heading(f"{numeral}. {title}"))
        found += [Paragraph(line) for line in words.splitlines() if line.strip()]
    if one.files:
        rows = tuple(
            (str(number), file.name or file.id, file.kind.upper(), _size(file.size))
            for number, file in enumerate(one.files, 1)
        )
        found.append(Heading("VI. Tài liệu kèm theo"))
        found.append(Table(("STT", "Tên tệp", "Loại", "Dung lượng"), rows, (1, 7, 2, 3), (0, 3)))
    return found


def _size(size: int) -> str:
    return f"{Amount(Decimal(max(1, round(size / 1000))))} kB"
