"""Drills as they are told: in what words. Each message says first that nothing is recalled."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from services.recall.courier.drill_audience import is_open
from services.recall.domain.delivery import DRILLS, Delivery, Message, SendingFailed
from services.recall.domain.drill import MARK, Drill, State
from services.recall.domain.drill_score import rehearsed, rules
from services.recall.pages.drill_words import GRADES, MARKED, label
from services.recall.store import drill_places, drills
from services.recall.store.drill_places import Asked
from services.recall.store.newest import Reader
from shared.days import VIETNAM, spoken
from shared.mongo import Tx
from shared.web.i18n import N_, translate, worded

HOME: Final = "/console/recall/drills"


@dataclass(frozen=True, slots=True)
class Drilled:
    """A drill as one facility is told of it: what it is asked, and whether it has rehearsed by
    it."""

    drill: Drill
    asked: Asked | None
    rehearsed: bool


async def of(reader: Reader, found: Delivery) -> Drilled | None:
    """What a message about a drill is made of; None of any other. Raises SendingFailed."""
    if found.message not in DRILLS:
        return None
    drill = await drills.find(reader, found.case_id)
    if drill is None:
        raise SendingFailed("case_gone")
    if found.message is Message.DRILL_STARTED and not is_open(drill):
        raise SendingFailed("drill_over")
    asked = await drill_places.asked_of(reader, drill.id, found.owner_id)
    return Drilled(drill, asked, await _has_rehearsed(reader, drill, asked))


async def _has_rehearsed(reader: Reader, drill: Drill, asked: Asked | None) -> bool:
    """By this drill, whatever came of others since: a message may be late."""
    if asked is None or drill.state is not State.ENDED:
        return False
    asks, begun_by = [asked], drill.by.facility_id
    if asked.facility_id == begun_by:
        asks = await drill_places.every(reader, drill.id)  # Who began it needs another's answer.
    stated = await drill_places.stated(reader, drill.id, [one.facility_id for one in asks])
    places = [one.place(stated[one.facility_id]) for one in asks]
    return asked.facility_id in rehearsed(places, begun_by, rules().duty)


async def note_sent(tx: Tx, found: Delivery, at: datetime) -> None:
    """A drill counts from when a facility was first told."""
    if found.message is Message.DRILL_STARTED:
        await drill_places.note_told(tx, found.case_id, found.owner_id, at)


def heading(one: Drilled) -> str:
    """The subject of a mail: the mark first, in the reader's language and as it always is."""
    marked = translate(MARKED)
    both = MARK if marked == MARK else f"{marked} ({MARK})"
    return f"{both}: {label(one.drill)}"


def paragraphs(one: Drilled, told_by: Delivery, name: str, names: Sequence[str]) -> list[str]:
    """In the language that is spoken: to a facility what it is asked, to a unit (`name`) how many
    of its facilities are."""
    drill, message = one.drill, told_by.message
    told = [
        translate(
            N_("{mark}. Không có hàng nào bị thu hồi, không phải ngừng bán hay giữ hàng lại."),
            mark=translate(MARKED),
        )
    ]
    of_unit = told_by.owner_kind == "unit"
    if message is not Message.DRILL_STARTED:
        told += _ended(one, of_unit=of_unit)
    elif of_unit:
        told += _asking_there(one, told_by.facilities_total, name)
    else:
        told += _asking(one)
    told += [
        translate(N_("Tình huống giả định: {words}"), words=drill.plan.scenario),
        translate(N_("Bên tổ chức diễn tập: {name}"), name=worded(drill.authority)),
        translate(N_("Cơ sở được hỏi: {names}"), names=", ".join(names)),
    ]
    return told


def links(one: Drilled, origin: str) -> tuple[tuple[str, str], ...]:
    words = translate(N_("Mở cuộc diễn tập (cần đăng nhập)"))
    return ((words, f"{origin}{HOME}/{one.drill.id}"),)


def data(one: Drilled, origin: str) -> dict[str, Any]:
    """The same for programs; `drill` is true in every one, and no field of a recall is there."""
    drill = one.drill
    return {
        "drill": True,
        "mark": MARK,
        "drill_id": drill.id,
        "state": str(drill.state),
        "label": drill.plan.label,
        "scenario": drill.plan.scenario,
        "authority": drill.authority,
        "lots_asked": one.asked.count if one.asked else 0,
        "ordered_at": _iso(drill.ordered_at),
        "ends_at": _iso(drill.ends_at),
        "ended_at": _iso(drill.ended_at),
        "rehearsed": one.rehearsed,
        "links": {
            "console": f"{origin}{HOME}/{drill.id}",
            "api": f"{origin}/api/recall/v1/drills/{drill.id}",
        },
    }


def _asking(one: Drilled) -> list[str]:
    assert one.drill.ends_at is not None
    lots = one.asked.count if one.asked else 0
    return [
        translate(
            N_(
                "Cơ sở của bạn được hỏi trong một cuộc diễn tập thu hồi. Hãy mở cuộc diễn tập, xác "
                "nhận đã nhận tin và khai {count} lô: còn giữ, đã bán, đã gửi cho ai, trước {at}."
            ),
            count=lots,
            at=_moment(one.drill.ends_at),
        )
    ]


def _asking_there(one: Drilled, count: int, name: str) -> list[str]:
    assert one.drill.ends_at is not None
    return [
        translate(
            N_(
                "{count} cơ sở trong địa bàn của {name} được hỏi trong một cuộc diễn tập thu hồi, "
                "phải xác nhận đã nhận tin và khai từng lô trước {at}. Mở cuộc diễn tập để xem cơ "
                "sở nào chưa trả lời."
            ),
            count=count,
            name=name,
            at=_moment(one.drill.ends_at),
        )
    ]


def _ended(one: Drilled, *, of_unit: bool) -> list[str]:
    drill = one.drill
    if drill.state is State.CALLED_OFF:
        off = N_("Cuộc diễn tập đã bị hủy và không được tính cho ai. Lý do: {words}")
        return [translate(off, words=drill.reason)]
    told = [translate(N_("Cuộc diễn tập đã kết thúc; không cần khai thêm gì."))]
    grade = (drill.score or {}).get("grade", "")
    if grade in GRADES:
        told.append(translate(N_("Xếp loại chung: {grade}."), grade=translate(GRADES[grade])))
    if of_unit:
        return told
    counts = N_("Cơ sở của bạn đã khai đủ: lần này được tính là diễn tập hằng năm.")
    not_yet = N_("Cơ sở của bạn chưa xác nhận hoặc chưa khai đủ, nên lần này chưa được tính.")
    return [*told, translate(counts if one.rehearsed else not_yet)]


def _moment(at: datetime) -> str:
    here = at.astimezone(VIETNAM)
    return f"{here:%H:%M} {spoken(here.date())}"


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None
