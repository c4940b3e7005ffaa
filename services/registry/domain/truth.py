"""Truth checks: whether what a lot says can be so (R21, R26, R55). Each is a small pure function.

What a finding brings about (block, flag, off) and each check's limit are data: the catalogue of
checks. Messages name the remedy; they are msgids filled from `params`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from services.registry.domain.balance import area_differs, disowned, too_much, uncounted
from services.registry.domain.catalogues import supplies
from services.registry.domain.codes import compact
from services.registry.domain.copying import copied, copied_from_strangers
from services.registry.domain.diary import Entry, Step, in_order, same
from services.registry.domain.diary_dates import TAKING, check_truth, taken_too_early
from services.registry.domain.diary_refusals import (
    DateInFuture,
    DatesOutOfOrder,
    WithdrawalIntervalNotOver,
)
from services.registry.domain.finding import Finding
from services.registry.domain.growing_area import GrowingArea
from services.registry.domain.lot import Lot
from services.registry.domain.words import N_
from shared.errors import Refusal

# Steps that are done on the ground itself.
_IN_THE_FIELD: Final = frozenset({Step.PLANTING, Step.STOCKING, Step.INPUT, Step.HARVESTING})


@dataclass(frozen=True, slots=True)
class Facts:
    """What the checks look at beside the lot itself.

    `diary_now` is what the lot would take over from its area today; `others` are lots of the same
    facility; `season_lots` those of the same area and season; `strangers` names the owner of each
    area code (compact) that belongs to another facility; `contents` say by product what one package
    holds, in words; `alike` counts by other facility the entries of the very same long words.
    `names` are those of the lots that it came from; `disowned` those of them whose receipt the
    sender, or whose purchase the maker, does not own up to.
    """

    area: GrowingArea | None = None
    diary_now: tuple[Entry, ...] = ()
    others: tuple[Lot, ...] = ()
    season_lots: tuple[Lot, ...] = ()
    strangers: Mapping[str, str] = field(default_factory=dict, hash=False)
    contents: Mapping[str, str] = field(default_factory=dict, hash=False)
    alike: Mapping[str, int] = field(default_factory=dict, hash=False)
    names: Mapping[str, str] = field(default_factory=dict, hash=False)
    disowned: tuple[str, ...] = ()


def examine(lot: Lot, facts: Facts, now: datetime) -> list[Finding]:
    """All findings that the catalogue does not switch off, blocking ones first."""
    entries = in_order((*lot.area_entries, *lot.entries))
    species = facts.area.species if facts.area else ""
    found = [
        *withdrawal(entries, lot.produced_on),
        *dates(entries, lot.produced_on, now),
        *foreign_code(entries, facts.strangers),
        *season_changed(lot.area_entries, facts.diary_now),
        *too_much((lot, *facts.season_lots), facts.area, facts.contents),
        *copied(lot.entries, facts.others),
        *copied_from_strangers(facts.alike),
        *label(entries),
        *short_interval(entries, species),
        *area_differs(facts.area),
        *uncounted(lot, entries, facts.names),
        *disowned(facts.disowned, facts.names),
    ]
    return sorted((f for f in found if f.effect != "off"), key=lambda one: not one.blocks)


def withdrawal(entries: Sequence[Entry], produced_on: date) -> list[Finding]:
    """Nothing is taken before the interval of what was used on it is over; area entries count.

    Without an entry of harvest the day of production stands for it.
    """
    taken = {e.day for e in entries if e.step in TAKING} or {produced_on}
    return [
        Finding(
            "withdrawal",
            WithdrawalIntervalNotOver.message,
            N_("Kiểm tra lại ngày trên sổ và nhãn thuốc; nếu đúng thì không bán lô này."),
            told,
        )
        for told in taken_too_early(entries, taken)
    ]


def dates(entries: Sequence[Entry], produced_on: date, now: datetime) -> list[Finding]:
    """The steps of area and lot together follow one another as work does."""
    try:
        check_truth(entries, produced_on, now)
    except (DatesOutOfOrder, DateInFuture) as refusal:
        remedy = N_("Trả lại để người nhập sửa ngày của các công đoạn này.")
        return [Finding("dates", refusal.message, remedy, refusal.params)]
    except Refusal:
        return []
    return []


def foreign_code(entries: Sequence[Entry], strangers: Mapping[str, str]) -> list[Finding]:
    """Work in the field is not done under the code of somebody else's area."""
    codes = {
        e.place_code
        for e in entries
        if e.step in _IN_THE_FIELD and compact(e.place_code) in strangers
    }
    return [
        Finding(
            "foreign_code",
            N_("Nhật ký ghi mã vùng {area_code} của cơ sở khác: {owner}."),
            N_("Mã vùng không được mượn. Sửa mã, hoặc ghi công đoạn thu mua nếu mua từ vùng đó."),
            {"area_code": code, "owner": strangers[compact(code)]},
        )
        for code in sorted(codes)
    ]


def season_changed(taken: Sequence[Entry], diary_now: Sequence[Entry]) -> list[Finding]:
    """What is published is what was sent in: the area's diary must not have moved meanwhile."""
    if len(taken) == len(diary_now) and all(map(same, taken, diary_now)):
        return []
    return [
        Finding(
            "season_changed",
            N_("Nhật ký của vùng đã được sửa sau khi lô được gửi."),
            N_("Trả lại để cơ sở gửi lại lô cùng nhật ký mới nhất."),
        )
    ]


def label(entries: Sequence[Entry]) -> list[Finding]:
    """An interval taken from the catalogue was not confirmed on the label."""
    names = sorted(
        {
            e.name
            for e in entries
            if e.step is Step.INPUT and e.supply and e.withdrawal_days and not e.label_confirmed
        }
    )
    return [
        Finding(
            "label",
            N_("Chưa xác nhận thời gian cách ly trên nhãn: {name}."),
            N_("Đề nghị người nhập xem nhãn và xác nhận."),
            {"name": name},
        )
        for name in names
    ]


def short_interval(entries: Sequence[Entry], species: str) -> list[Finding]:
    """The interval that was written is shorter than the catalogue's for this crop."""
    by_substance = {
        row.values.get("active_substance", "").casefold(): row for row in supplies().values()
    }
    found = {}
    for entry in entries:
        row = supplies().get(entry.supply) or by_substance.get(entry.active_substance.casefold())
        usual = row.days_for(species) if row and entry.active_substance + entry.supply else None
        if usual and entry.withdrawal_days is not None and entry.withdrawal_days < usual:
            params = {"name": entry.name, "days": entry.withdrawal_days, "usual": usual}
            found[entry.name, entry.withdrawal_days] = Finding(
                "short_interval",
                N_("{name}: ghi cách ly {days} ngày, danh mục ghi {usual} ngày."),
                N_("Xem ảnh nhãn thuốc; nhãn của chính sản phẩm quyết định."),
                params,
            )
    return list(found.values())
