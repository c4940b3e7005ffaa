"""The diary of a lot: what was done, when and where, and whether it can be true (R20, R21).

Circular 17/2021/TT-BNNPTNT, Art. 6: each stage is recorded with time and place.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import MAXYEAR, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from services.registry.domain.catalogues import Catalogue, all_rows
from shared.errors import Kind, Refusal

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")
MAX_ENTRIES = 500
MAX_PHOTOS = 3
# Front and back of what was used, and the leaflet.
MAX_LABELS = 3
# Clocks of phones differ a little from ours.
CLOCK_TOLERANCE = timedelta(minutes=10)
# An old tree may have been planted long ago, but not before this.
EARLIEST = date(1950, 1, 1)


class Step(StrEnum):
    PLANTING = "planting"
    STOCKING = "stocking"
    INPUT = "input"
    HARVESTING = "harvesting"
    CATCHING = "catching"
    SLAUGHTERING = "slaughtering"
    COLLECTING = "collecting"
    PRE_PROCESSING = "pre_processing"
    PROCESSING = "processing"
    PACKING = "packing"
    STORING = "storing"
    TRANSPORTING = "transporting"


SUPPLY_KINDS: Final = ("fertiliser", "feed", "pesticide", "veterinary_drug", "chemical")

# What is asked for at each step beside time, place and note; nothing else is taken.
FIELDS: Final[dict[Step, tuple[str, ...]]] = {
    Step.PLANTING: ("material", "source", "quantity", "unit"),
    Step.STOCKING: ("material", "source", "quantity", "unit"),
    Step.INPUT: (
        "kind",
        "name",
        "active_substance",
        "dose",
        "withdrawal_days",
        "supply",
        "supply_lot",
        "lot_number",
        "quantity",
        "unit",
        "labels",
    ),
    Step.HARVESTING: ("quantity", "unit"),
    Step.CATCHING: ("vehicle", "quantity", "unit"),
    Step.SLAUGHTERING: ("quantity", "unit"),
    Step.COLLECTING: ("source", "quantity", "unit"),
    Step.PRE_PROCESSING: ("method", "quantity", "unit"),
    Step.PROCESSING: ("method", "quantity", "unit"),
    Step.PACKING: ("method", "quantity", "unit"),
    Step.STORING: ("method",),
    Step.TRANSPORTING: ("vehicle", "destination"),
}

_BEGINNING = frozenset({Step.PLANTING, Step.STOCKING})
_TAKING = frozenset({Step.HARVESTING, Step.CATCHING, Step.SLAUGHTERING})
# What is done to goods in hand, in this order; storing and transporting may come at any point.
_ORDER: Final[tuple[frozenset[Step], ...]] = (
    _BEGINNING,
    _TAKING,
    frozenset({Step.PRE_PROCESSING}),
    frozenset({Step.PROCESSING}),
    frozenset({Step.PACKING}),
)


class DateInFuture(Refusal):
    code = "date_in_future"
    kind = Kind.INVALID
    message = "Ngày {date} còn ở phía trước. Nhật ký chỉ ghi việc đã làm."


class DateTooEarly(Refusal):
    code = "date_too_early"
    kind = Kind.INVALID
    message = "Ngày {date} quá xa trong quá khứ. Hãy kiểm tra lại năm."


class DatesOutOfOrder(Refusal):
    code = "dates_out_of_order"
    kind = Kind.INVALID
    message = (
        "Thứ tự ngày chưa hợp lý: công đoạn ghi ngày {later} phải diễn ra sau công đoạn "
        "ghi ngày {earlier}. Hãy kiểm tra lại ngày của hai công đoạn này."
    )


class WithdrawalIntervalNotOver(Refusal):
    code = "withdrawal_interval_not_over"
    kind = Kind.INVALID
    message = (
        "Chưa hết thời gian cách ly: dùng {name} ngày {used_on}, cách ly {days} ngày, "
        "chỉ được thu hoạch từ ngày {allowed_from}; nhật ký ghi thu hoạch ngày {taken_on}."
    )


class FieldNotOfStep(Refusal):
    code = "field_not_of_step"
    kind = Kind.INVALID
    message = "Mục này không dùng cho công đoạn đã chọn. Hãy bỏ đi."


class StepUnknown(Refusal):
    code = "step_unknown"
    kind = Kind.INVALID
    message = (
        "Công đoạn này không có trong danh mục công đoạn. Hãy chọn một công đoạn trong danh mục."
    )


class TooManyPhotos(Refusal):
    code = "too_many_photos"
    kind = Kind.INVALID
    message = "Mỗi công đoạn giữ tối đa {limit} ảnh. Hãy bỏ bớt ảnh rồi lưu lại."


class TooManyLabels(Refusal):
    code = "too_many_labels"
    kind = Kind.INVALID
    message = "Mỗi lần dùng vật tư giữ tối đa {limit} ảnh nhãn. Hãy bỏ bớt ảnh rồi lưu lại."


class SupplyIncomplete(Refusal):
    code = "supply_incomplete"
    kind = Kind.INVALID
    message = (
        "Hãy ghi đủ vật tư đã dùng: loại, tên và, với thuốc hoặc hóa chất, "
        "thời gian cách ly (số ngày ghi trên nhãn, 0 nếu không phải cách ly)."
    )


@dataclass(frozen=True, slots=True)
class Entry:
    """One step. `kind` … `withdrawal_days` describe what was used at an `input` step.

    `place_code` is a growing-area code, GLN or facility code; `vehicle` also a fishing boat.
    `supply` is the row of the catalogue it was filled from, `label_confirmed` that the interval
    was read on the label of the very product. `variant` is the row of the catalogue of steps where
    the step was added to it; `step` then is the one that it is done like.

    `supply_lot` is the id of a lot kept here, and `taken` how much of it was counted off what the
    facility has, in the base unit; `lot_number` is what the package says. `photos` are ids of
    pictures, which consumers see once they are approved; `labels` those of the label of what was
    used, which only the facility and officials see.
    """

    id: str
    step: Step
    at: datetime
    place: str
    place_code: str = ""
    note: str = ""
    kind: str = ""
    name: str = ""
    active_substance: str = ""
    dose: str = ""
    withdrawal_days: int | None = None
    material: str = ""
    source: str = ""
    destination: str = ""
    vehicle: str = ""
    method: str = ""
    quantity: Decimal | None = None
    unit: str = ""
    supply: str = ""
    label_confirmed: bool = False
    variant: str = ""
    supply_lot: str = ""
    lot_number: str = ""
    taken: Decimal | None = None
    photos: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()

    @property
    def day(self) -> date:
        """The calendar day in Vietnam."""
        return self.at.astimezone(LOCAL).date()

    def checked(self, now: datetime) -> "Entry":
        """The same; raises where a field is not of its step, is missing, or its date cannot be."""
        allowed = FIELDS[self.step]
        for names in FIELDS.values():
            for name in names:
                if name not in allowed and getattr(self, name) not in ("", None, ()):
                    raise FieldNotOfStep(name)
        if self.step is Step.INPUT:
            _check_supply(self)
        if self.variant and not _is_like(self.variant, self.step):
            raise StepUnknown("variant")
        if len(self.photos) > MAX_PHOTOS:
            raise TooManyPhotos("photos", limit=MAX_PHOTOS)
        if len(self.labels) > MAX_LABELS:
            raise TooManyLabels("labels", limit=MAX_LABELS)
        if self.at > now + CLOCK_TOLERANCE:
            raise DateInFuture("at", date=spoken(self.day))
        if self.day < EARLIEST:
            raise DateTooEarly("at", date=spoken(self.day))
        return self


def _is_like(variant: str, step: Step) -> bool:
    row = all_rows(Catalogue.STEPS).get(variant)
    return row is not None and row.values.get("like") == step


def same(one: Entry, other: Entry) -> bool:
    """Whether two entries tell the same; what was counted off follows from that."""
    return replace(one, taken=None) == replace(other, taken=None)


def spoken(day: date) -> str:
    """A date as people here write it."""
    return day.strftime("%d/%m/%Y")


def local_day(instant: datetime) -> date:
    return instant.astimezone(LOCAL).date()


def local_midnight(day: date) -> datetime:
    """When a day in Vietnam begins."""
    return datetime.combine(day, time(), LOCAL)


def day_begins(day: date | None, *, later: int = 0) -> datetime | None:
    """When a day in Vietnam, or one so many days later, begins; None for no day."""
    if day is None or day.year >= MAXYEAR:
        return None
    return local_midnight(day + timedelta(days=later))


def in_order(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """As a diary is read: by time; what has the same time in the order in which work is done."""
    steps = list(Step)
    return tuple(sorted(entries, key=lambda e: (e.at, steps.index(e.step))))


def check_truth(entries: Sequence[Entry], produced_on: date, now: datetime) -> None:
    """Raise what in a diary cannot be true; done when it is submitted and when it is accepted."""
    for entry in entries:
        entry.checked(now)
    if produced_on > local_day(now):
        raise DateInFuture("produced_on", date=spoken(produced_on))
    _check_order(entries)
    _check_withdrawal(entries)
    taken = [e.day for e in entries if e.step in _TAKING]
    if taken and produced_on < min(taken):
        raise DatesOutOfOrder("produced_on", later=spoken(produced_on), earlier=spoken(min(taken)))


def _check_supply(entry: Entry) -> None:
    if entry.kind not in SUPPLY_KINDS:
        raise SupplyIncomplete("kind")
    if not entry.name:
        raise SupplyIncomplete("name")
    needs_interval = entry.kind in ("pesticide", "veterinary_drug", "chemical")
    if needs_interval and entry.withdrawal_days is None:
        raise SupplyIncomplete("withdrawal_days")


def _check_order(entries: Sequence[Entry]) -> None:
    """No step before the first of an earlier kind, nor after the last of a later kind."""
    groups = [[e.day for e in entries if e.step in steps] for steps in _ORDER]
    for index, days in enumerate(groups):
        for earlier in groups[:index]:
            if days and earlier and min(days) < min(earlier):
                raise DatesOutOfOrder(
                    "entries", later=spoken(min(days)), earlier=spoken(min(earlier))
                )
            if days and earlier and max(earlier) > max(days):
                raise DatesOutOfOrder(
                    "entries", later=spoken(max(days)), earlier=spoken(max(earlier))
                )
    # What is given to plants or animals is given before they are taken; a chemical may also
    # be used on what was harvested.
    used = [e.day for e in entries if e.step is Step.INPUT and e.kind != "chemical"]
    taken = [e.day for e in entries if e.step in _TAKING]
    if used and taken and max(used) > max(taken):
        raise DatesOutOfOrder("entries", later=spoken(max(taken)), earlier=spoken(max(used)))


def _check_withdrawal(entries: Sequence[Entry]) -> None:
    """Nothing is taken before the withdrawal interval of what was used on it is over."""
    taken = sorted(e.day for e in entries if e.step in _TAKING)
    for entry in entries:
        if entry.step is not Step.INPUT or not entry.withdrawal_days:
            continue
        allowed_from = entry.day + timedelta(days=entry.withdrawal_days)
        for day in taken:
            if entry.day <= day < allowed_from:
                raise WithdrawalIntervalNotOver(
                    "entries",
                    name=entry.name,
                    used_on=spoken(entry.day),
                    days=entry.withdrawal_days,
                    allowed_from=spoken(allowed_from),
                    taken_on=spoken(day),
                )
