"""Truth checks: whether what a lot says can be so (R21, R26, R55). Each is a small pure function.

What a finding brings about (block, flag, off) and each check's limit are data: the catalogue of
checks. Messages name the remedy; they are msgids filled from `params`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from services.registry.domain.catalogues import Catalogue, all_rows, supplies
from services.registry.domain.codes import compact
from services.registry.domain.copying import tells, words
from services.registry.domain.diary import (
    DateInFuture,
    DatesOutOfOrder,
    Entry,
    Step,
    WithdrawalIntervalNotOver,
    check_truth,
    in_order,
    same,
    spoken,
)
from services.registry.domain.growing_area import GrowingArea
from services.registry.domain.lot import Lot
from services.registry.domain.units import MASS, total
from services.registry.domain.using import uncounted as uncounted_inputs
from services.registry.domain.words import N_
from shared.errors import Refusal

# Steps by which the goods leave the ground, and those done on it.
_TAKING: Final = frozenset({Step.HARVESTING, Step.CATCHING, Step.SLAUGHTERING})
_IN_THE_FIELD: Final = frozenset({Step.PLANTING, Step.STOCKING, Step.INPUT, Step.HARVESTING})


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing amiss. `check` is its row in the catalogue of checks."""

    check: str
    message: str
    remedy: str
    params: Mapping[str, object] = field(default_factory=dict, hash=False)

    @property
    def effect(self) -> str:
        return all_rows(Catalogue.CHECKS)[self.check].values["effect"]

    @property
    def blocks(self) -> bool:
        return self.effect == "block"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the checks look at beside the lot itself.

    `diary_now` is what the lot would take over from its area today; `others` are lots of the same
    facility; `season_lots` those of the same area and season; `strangers` names the owner of each
    area code (compact) that belongs to another facility; `contents` say by product what one package
    holds, in words; `alike` counts by other facility the entries of the very same long words.
    `names` are those of the lots that it came from; `disowned` those of them whose receipt the
    sender does not own up to.
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
    taken = sorted({e.day for e in entries if e.step in _TAKING} or {produced_on})
    found = []
    for entry in entries:
        if entry.step is not Step.INPUT or not entry.withdrawal_days:
            continue
        allowed_from = entry.day + timedelta(days=entry.withdrawal_days)
        early = [day for day in taken if entry.day <= day < allowed_from]
        if early:
            params = {
                "name": entry.name,
                "used_on": spoken(entry.day),
                "days": entry.withdrawal_days,
                "allowed_from": spoken(allowed_from),
                "taken_on": spoken(early[0]),
            }
            found.append(
                Finding(
                    "withdrawal",
                    WithdrawalIntervalNotOver.message,
                    N_("Kiểm tra lại ngày trên sổ và nhãn thuốc; nếu đúng thì không bán lô này."),
                    params,
                )
            )
    return found


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


def kilograms(lot: Lot, net_content: str = "") -> Decimal | None:
    """What a lot weighs, packages by what they hold; None where neither is known."""
    found = total([(lot.quantity, lot.unit, net_content)])
    return found[0] if found is not None and found[1] == MASS else None


def too_much(
    lots: Iterable[Lot], area: GrowingArea | None, contents: Mapping[str, str] | None = None
) -> list[Finding]:
    """Mass balance: a season's lots are no more than the area can bear, with some tolerance.

    Lots made from others are left out: their goods were counted when they were harvested.
    """
    crop = all_rows(Catalogue.CROPS).get(area.species) if area else None
    most = crop.number("yield_max") if crop else None
    hectares = area.hectares if area else None
    if not most or not hectares:
        return []
    known = contents or {}
    weights = (kilograms(one, known.get(one.product_id, "")) for one in lots if not one.inputs)
    harvested = sum((one for one in weights if one is not None), Decimal()) / 1000
    tolerance = 1 + (_limit("too_much") or Decimal()) / 100
    if harvested <= most * hectares * tolerance:
        return []
    return [
        Finding(
            "too_much",
            N_("Các lô của vụ cộng lại {total} tấn; {hectares} ha thường cho tối đa {most} tấn."),
            N_("Kiểm tra số lượng các lô, diện tích vùng, và hàng nơi khác có trà trộn không."),
            {
                "total": f"{harvested:.1f}",
                "hectares": f"{hectares.normalize():f}",
                "most": f"{most * hectares:.1f}",
            },
        )
    ]


def copied(entries: Sequence[Entry], others: Iterable[Lot]) -> list[Finding]:
    """Entries with the same words, hour and dose as in many other lots were hardly written anew."""
    limit = int(_limit("copied") or 3)
    mine = {words(e) for e in entries if tells(e)}
    seen: Counter[tuple[str, ...]] = Counter()
    for lot in others:
        seen.update(mine & {words(e) for e in lot.entries if tells(e)})
    many = [one for one, number in seen.items() if number >= limit]
    if not many:
        return []
    return [
        Finding(
            "copied",
            N_("{number} công đoạn trùng từng chữ, giờ và liều lượng với {lots} lô khác."),
            N_("Hỏi người nhập đã làm gì trong lô này; nhật ký chép lại không chứng minh được gì."),
            {"number": len(many), "lots": max(seen[one] for one in many)},
        )
    ]


def copied_from_strangers(alike: Mapping[str, int]) -> list[Finding]:
    """Several long notes with the same words and hour elsewhere were written by one hand."""
    limit = int(_limit("copied") or 3)
    facilities = sum(number >= limit for number in alike.values())
    found = Finding(
        "copied",
        N_("Nhiều công đoạn trùng từng chữ và giờ với nhật ký của {facilities} cơ sở khác."),
        N_("Hỏi người nhập đã làm gì trong lô này; nhật ký chép lại không chứng minh được gì."),
        {"facilities": facilities},
    )
    return [found] if facilities else []


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


def uncounted(lot: Lot, entries: Sequence[Entry], names: Mapping[str, str]) -> list[Finding]:
    """What it came from was counted off what the facility has; else there is no balance of it."""
    never = sorted({e.supply_lot for e in entries if e.supply_lot and e.taken is None})
    unsaid = () if lot.transformation_id else uncounted_inputs(lot.inputs, lot.used)
    texts = (
        (
            never,
            N_("Nhật ký dùng lô vật tư mà lượng dùng chưa được trừ vào đâu: {lots}."),
            N_("Ghi lượng đã dùng; nếu cơ sở chưa ghi nhận hàng đã nhận thì ghi nhận ngay ở đây."),
        ),
        (
            unsaid,
            N_("Lô nguyên liệu chưa ghi đã dùng bao nhiêu: {lots}."),
            N_("Sửa lô và ghi lượng đã dùng của từng lô nguyên liệu."),
        ),
    )
    return [
        Finding("uncounted", text, remedy, {"lots": _named(lots, names)})
        for lots, text, remedy in texts
        if lots
    ]


def disowned(lots: Sequence[str], names: Mapping[str, str]) -> list[Finding]:
    """The receiver says that it received a lot, its sender that it never sent it."""
    return [
        Finding(
            "uncounted",
            N_("Bên giao không công nhận đã giao lô này cho cơ sở: {lots}."),
            N_("Đối chiếu hóa đơn, phiếu xuất kho của hai bên."),
            {"lots": _named(lots, names)},
        )
        for _ in lots[:1]
    ]


def _named(lots: Sequence[str], names: Mapping[str, str]) -> str:
    return ", ".join(names.get(one, one) for one in lots)


def area_differs(area: GrowingArea | None) -> list[Finding]:
    """The declared size of the area is not the size that was drawn."""
    if area is None or not area.measured_hectares or not area.area_hectares:
        return []
    share = abs(area.area_hectares / area.measured_hectares - 1) * 100
    if share <= (_limit("area_differs") or Decimal(15)):
        return []
    return [
        Finding(
            "area_differs",
            N_("Vùng khai báo {declared} ha nhưng ranh giới đo được {measured} ha."),
            N_("Đối chiếu với giấy tờ đất và văn bản cấp mã số vùng."),
            {
                "declared": f"{area.area_hectares.normalize():f}",
                "measured": f"{area.measured_hectares:.2f}",
            },
        )
    ]


def _limit(check: str) -> Decimal | None:
    return all_rows(Catalogue.CHECKS)[check].number("limit")
