"""The report on a drill as an official document, of the figures that its end froze."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from services.recall.domain.drill import MARK, MOST_FACILITIES, Drill
from services.recall.domain.drill_score import rules
from services.recall.pages.drill_words import GRADES, in_hours
from services.recall.pages.drills import ONE
from services.recall.pages.issuing import CITY, DOCX, body_above, initials, province_of
from services.recall.queries import drill_page
from services.recall.queries.drill_page import Row, Shown
from shared.auth import Principal
from shared.days import VIETNAM, local_day, spoken
from shared.documents.docx import docx_file
from shared.documents.official import Block, Heading, Official, Paragraph, Table
from shared.documents.pdf import pdf
from shared.errors import Amount, NotFound
from shared.mongo import Database, Document
from shared.web.session import PagePrincipal
from shared.web.table_file import attachment

router = APIRouter(include_in_schema=False)
# All facilities that a drill may ask, and as many lots as a person reads; the figures count all.
MOST_ROWS: Final = MOST_FACILITIES
# Of drills that ended before both accounts of a lot were kept.
UNKNOWN: Final = "—"


@router.get(ONE + "/report.{format_}")
async def read_report(
    drill_id: str, format_: str, request: Request, who: PagePrincipal
) -> Response:
    if format_ not in ("pdf", "docx"):
        raise NotFound()
    document = await report(request.app.state.db, drill_id, who)
    headers = attachment(f"bao-cao-dien-tap-{drill_id}.{format_}")
    if format_ == "pdf":
        return Response(await pdf(document), media_type="application/pdf", headers=headers)
    made = await asyncio.to_thread(docx_file, document)
    return Response(made, media_type=DOCX, headers=headers)


async def report(db: Database, drill_id: str, who: Principal) -> Official:
    """In Vietnamese, as such papers are. It says to each what the page does: a facility reads
    numbers of the others. Of one that was called off it says that, and no figure. Raises NotFound,
    also as long as the drill is neither scored nor called off."""
    shown = await drill_page.shown(who, drill_id, db=db, size=MOST_ROWS, most_lots=MOST_ROWS)
    drill = shown.drill
    if drill.ended_at is None or (drill.score is None and not drill.is_called_off):
        raise NotFound()
    scored = drill.score is not None
    outcome = _outcome(shown, is_official=who.facility_id is None) if scored else _off(drill)
    subject = "Hủy cuộc diễn tập thu hồi" if drill.is_called_off else "Kết quả diễn tập thu hồi"
    by_facility = drill.by.facility_id is not None
    province = province_of(drill.owner.commune)
    return Official(
        superior="" if by_facility else body_above(drill.authority, "", drill.owner.commune),
        issuer=drill.authority,
        symbol=f"BC-{initials(drill.authority)}",
        place=province.removeprefix(CITY) or "………",
        day=local_day(drill.ended_at),
        kind="Báo cáo",
        subject=f"{subject}: {drill.plan.label}",
        blocks=(*_begun(drill), *outcome),
        recipients=("Các cơ sở được hỏi;", "Lưu: VT."),
        signer="Đại diện cơ sở" if by_facility else "Thủ trưởng đơn vị",
    )


def _begun(drill: Drill) -> list[Block]:
    return [
        Paragraph(f"{MARK}. Không có hàng nào bị thu hồi.", bold=True),
        Heading("I. Kế hoạch"),
        Paragraph(f"Căn cứ: {rules().duty.basis}."),
        Paragraph(f"Đối tượng: {drill.plan.label}."),
        Paragraph(f"Tình huống giả định: {drill.plan.scenario}"),
        Heading("II. Diễn biến"),
        Table(("Bước", "Lúc"), tuple(_steps(drill)), (3, 2)),
    ]


def _off(drill: Drill) -> list[Block]:
    assert drill.ended_by is not None
    assert drill.ended_at is not None
    return [
        Heading("III. Kết luận"),
        Paragraph(
            f"Cuộc diễn tập bị hủy lúc {_moment(drill.ended_at)}, người hủy: "
            f"{drill.ended_by.name}. Lý do: {drill.reason}"
        ),
        Paragraph("Không chấm điểm và không tính là đã diễn tập cho ai.", bold=True),
    ]


def _outcome(shown: Shown, *, is_official: bool) -> list[Block]:
    score = shown.drill.score
    assert score is not None
    results = tuple(_results(shown.drill, score))
    found: list[Block] = [
        Heading("III. Kết quả"),
        Table(("Chỉ tiêu", "Kết quả"), results, (3, 2), numbers=(1,)),
        Paragraph(
            "Truy được của một lô là số theo sổ (các chuyến hàng, trừ hàng trả về) hoặc số cơ sở "
            "làm ra khai (còn giữ, đã dùng, đã bán, đã gửi), số nào nhiều hơn, không cộng hai "
            "nguồn và không quá số đã làm ra; tỷ lệ tính theo từng đơn vị tính, đơn vị thấp nhất "
            "là kết quả chung."
        ),
        Heading("IV. Cơ sở được hỏi"),
        *_places(shown.places),
    ]
    if is_official:
        found += _unreachable(shown.places)
        found.append(Heading("VI. Lô chưa truy đủ, lô có sổ và lời khai trái nhau"))
        found += _open(shown.open_lots)
    found.append(Heading("VII. Kết luận" if is_official else "V. Kết luận"))
    found.append(Paragraph(f"Xếp loại: {GRADES[score['grade']]}.", bold=True))
    return found


def _steps(drill: Drill) -> list[tuple[str, str]]:
    steps = [
        (f"Bắt đầu ({drill.by.name})", drill.begun_at),
        ("Biết phạm vi", drill.scoped_at),
        ("Ra lệnh diễn tập", drill.ordered_at),
        (_ended(drill), drill.ended_at),
    ]
    if drill.decided_by is not None:
        steps[2] = (f"Ra lệnh diễn tập, người thứ hai: {drill.decided_by.name}", drill.ordered_at)
    return [(words, _moment(at)) for words, at in steps if at is not None]


def _ended(drill: Drill) -> str:
    if drill.is_called_off and drill.ended_by:
        return f"Hủy ({drill.ended_by.name})"
    return f"Kết thúc ({drill.ended_by.name})" if drill.ended_by else "Kết thúc khi hết giờ"


def _results(drill: Drill, score: dict[str, Any]) -> list[tuple[str, str]]:
    whole = score["complete"]
    rows = [
        ("Thời gian tìm phạm vi", f"{_number(drill.reached.seconds)} giây"),
        ("Lô trong phạm vi", _number(score["lots"])),
        ("Lô chưa truy đủ", _number(score["short"])),
        ("Truy được", "—" if whole is None else f"{_number(whole)} %"),
    ]
    # Drills that ended before books and words were two accounts have neither.
    if "order_seconds" in score:
        rows.insert(1, ("Từ lúc đề nghị tới lúc ra lệnh", _took(score["order_seconds"] / 60)))
    if "contradicted" in score:
        rows.insert(-1, ("Lô có sổ và lời khai trái nhau", _number(score["contradicted"])))
    for one in score["units"]:
        traced, made = _plain(Decimal(one["traced"])), _plain(Decimal(one["made"]))
        rows.append((f"Truy được ({one['unit']})", f"{traced} trên {made}"))
    rows.append(("Cơ sở được hỏi", _number(score["told"])))
    # Drills that ended before messages were counted have none of these.
    if "reached" in score:
        rows += [
            ("Cơ sở đã tới được, bằng tin hoặc tự xem", _number(score["reached"])),
            ("Cơ sở chưa tới được", _number(score["unreached"])),
            ("Tin đã gửi tới mọi cơ sở sau", _took(score["minutes_messaged"])),
        ]
    rows += [
        ("Cơ sở chưa khai nơi nhận tin", _number(score["unreachable"])),
        ("Cơ sở đã xác nhận", _number(score["acknowledged"])),
        ("50 % cơ sở xác nhận sau", _took(score["minutes_50"])),
        ("90 % cơ sở xác nhận sau", _took(score["minutes_90"])),
        ("Mọi cơ sở xác nhận sau", _took(score["minutes_100"])),
    ]
    if "own_100" in score:
        rows.append(("Mọi cơ sở xác nhận, tính từ tin gửi riêng", _took(score["own_100"])))
    rows.append(("Lời khai đã có", f"{_number(score['stated'])} trên {_number(score['asked'])}"))
    return rows


def _places(places: Sequence[Row]) -> list[Block]:
    if not places:
        return [Paragraph("Các cơ sở khác chỉ có trong các con số trên.")]
    rows = tuple(
        (
            f"{one.name}, {one.commune_name}".removesuffix(", "),
            _moment(one.asked.told_at) if one.asked.told_at else "—",
            _took(one.minutes) if one.minutes is not None else "chưa xác nhận",
            f"{one.stated} trên {_number(one.asked.count)}",
        )
        for one in places
    )
    heads = ("Cơ sở", "Tin gửi lúc", "Xác nhận sau", "Lô đã khai")
    found: list[Block] = [Table(heads, rows, (5, 3, 2, 2), numbers=(3,))]
    return found


def _unreachable(places: Sequence[Row]) -> list[Block]:
    without = [one.name for one in places if not (one.asked.reachable or one.asked.told_at)]
    found: list[Block] = [Heading("V. Cơ sở chưa khai nơi nhận tin")]
    if not without:
        return [*found, Paragraph("Không có.")]
    found.append(Paragraph("; ".join(without) + "."))
    return found


def _open(lots: Sequence[Document]) -> list[Block]:
    if not lots:
        return [Paragraph("Không có.")]
    rows = tuple(
        (
            one["code"],
            f"{_plain(Decimal(one['made']))} {one['unit']}",
            _account(one["books"], ("sent", "gone")) if one["books"] else UNKNOWN,
            _said(one),
            _plain(Decimal(one["missing"])),
        )
        for one in lots
    )
    heads = ("Lô", "Đã làm ra", "Theo sổ", "Cơ sở khai", "Còn thiếu")
    return [Table(heads, rows, (4, 2, 3, 4, 2), numbers=(1, 4))]


def _said(lot: Document) -> str:
    if lot["said"] is None:
        return UNKNOWN if lot["stated"] else "chưa khai"
    return _account(lot["said"], ("held", "used", "sent", "gone"))


def _account(told: Document, names: Sequence[str]) -> str:
    words = {"held": "còn", "used": "dùng", "sent": "gửi", "gone": "bán, hao hụt"}
    return "; ".join(f"{words[name]} {_plain(Decimal(told[name]))}" for name in names)


def _took(minutes: float | None) -> str:
    if minutes is None:
        return "chưa đạt"
    if minutes < 1:
        return "dưới 1 phút"
    hours, rest = in_hours(minutes)
    return f"{hours} giờ {rest} phút" if hours else f"{_number(round(minutes, 1))} phút"


def _plain(quantity: Decimal) -> str:
    """`1.234,5`, as Vietnamese papers write numbers."""
    return str(Amount(quantity))


def _number(value: float) -> str:
    return _plain(Decimal(str(value)))


def _moment(at: datetime) -> str:
    here = at.astimezone(VIETNAM)
    return f"{here:%H:%M:%S} {spoken(here.date())}"
