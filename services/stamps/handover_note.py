"""Biên bản bàn giao tem: the note of a hand-over as a PDF that both sides sign (R40).

An official paper: Vietnamese, whatever language the page is read in.
"""

import asyncio
from collections.abc import Iterable

from fastapi.responses import Response

from services.stamps import queries, stock_queries
from services.stamps.domain.handovers import HandOver
from services.stamps.domain.printing import Span
from services.stamps.store import facts
from shared.days import local_day, spoken
from shared.mongo import Database
from shared.printing.sheet import Grid, Sheet, drawn

_SIGN = "(Ký, ghi rõ họ tên)"
_COUNTED = (
    "Hai bên đã cùng đếm số tem trên và ký vào biên bản. Tem chỉ dùng được sau khi bên nhận xác "
    "nhận trên hệ thống bằng tài khoản của mình; tem thiếu hoặc hỏng được ghi ở lần xác nhận đó."
)
_MOVED = (
    "Hai bên đã cùng đếm số tem trên và ký vào biên bản. Tem nằm trong kho của bên nhận sau khi "
    "bên nhận xác nhận trên hệ thống; tem thiếu hoặc hỏng được ghi ở lần xác nhận đó."
)
_COPIES = "Biên bản lập thành 02 bản có giá trị như nhau, mỗi bên giữ 01 bản."


async def note_answer(one: HandOver, *, db: Database) -> Response:
    """The PDF of a hand-over that the asker may see."""
    names = await queries.names_for([one], db=db)
    units = await stock_queries.unit_names({one.unit_id, one.to_unit_id}, db=db)
    facility = await facts.facility(db, one.facility_id)
    sheet = handover_note(
        one,
        unit=units.get(one.unit_id, ""),
        to_unit=units.get(one.to_unit_id, ""),
        facility=facility.name or one.facility_id,
        product=names.get(one.product_id, one.product_id),
    )
    body = await asyncio.to_thread(drawn, sheet)
    name = f"ban-giao-tem-{one.batch}-{one.handed_on}.pdf"
    headers = {"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "no-store"}
    return Response(body, media_type="application/pdf", headers=headers)


def handover_note(
    one: HandOver, *, unit: str, facility: str, product: str, to_unit: str = ""
) -> Sheet:
    """The note; what is not known is left to be written by hand."""
    moved = bool(one.to_unit_id)
    return Sheet(
        title="Biên bản chuyển kho" if moved else "Biên bản bàn giao",
        subtitle="Tem truy xuất nguồn gốc in tập trung",
        issuer=unit or "Tên cơ quan: ………………………",
        facts=(
            ("Số", f"{one.batch}/{one.id[-8:].upper()}"),
            ("Ngày giao", spoken(one.day)),
            ("Bên giao", unit),
            ("Người giao", one.by_name),
            ("Bên nhận", to_unit if moved else facility),
            ("Người nhận", one.recipient),
            *([("Tem của cơ sở", facility)] if moved else []),
            ("Sản phẩm", product),
            ("Lô tem", str(one.batch)),
            ("Tổng số tem", _number(one.total)),
            ("Ghi chú", one.note or "Không"),
        ),
        grid=Grid(
            ("STT", "Từ số sê-ri", "Đến số sê-ri", "Số tem", "Thực nhận"),
            (1, 3, 3, 2, 3),
            tuple(_rows(one.spans)),
        ),
        closing=(*_standing(one), _MOVED if moved else _COUNTED, _COPIES),
        signers=(("Bên giao", _SIGN), ("Bên nhận", _SIGN)),
    )


def _rows(spans: Iterable[Span]) -> Iterable[tuple[str, ...]]:
    for place, (first, last) in enumerate(spans, 1):
        yield str(place), _number(first), _number(last), _number(last - first + 1), ""


def _standing(one: HandOver) -> tuple[str, ...]:
    """What has become of the hand-over by now."""
    if one.state == "withdrawn":
        return ("Lần giao này đã hủy trên hệ thống; biên bản không còn giá trị.",)
    if one.received_at is None:
        return ()
    day = spoken(local_day(one.received_at))
    told = f"Bên nhận đã xác nhận trên hệ thống ngày {day}, người xác nhận: {one.received_by_name}."
    lacking = [
        f"{word}: {', '.join(_span(first, last) for first, last in spans)}"
        for word, spans in (("thiếu", one.missing), ("hỏng", one.damaged))
        if spans
    ]
    if not lacking:
        return (f"{told} Nhận đủ.",)
    ended = " Hai bên đã thống nhất." if one.state == "settled" else " Hai bên chưa thống nhất."
    return (f"{told} Tem {'; '.join(lacking)}.{ended}",)


def _span(first: int, last: int) -> str:
    return _number(first) if first == last else f"{_number(first)}–{_number(last)}"


def _number(number: int) -> str:
    return f"{number:,}".replace(",", ".")
