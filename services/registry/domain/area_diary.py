"""The cultivation diary of a growing area (nhật ký canh tác; R21): what was done on all of it.

Lots harvested from the area take over what was done in their season before their own day.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from services.registry.domain.catalogues import supplies
from services.registry.domain.diary import Entry, Step, in_order, same
from services.registry.domain.growing_area import GrowingArea
from services.registry.domain.lot import EntryExists
from shared.errors import EditConflict, Kind, NotFound, Refusal

MAX_ENTRIES: Final = 2_000
STEPS: Final = (Step.PLANTING, Step.STOCKING, Step.INPUT, Step.HARVESTING)


class StepNotOfArea(Refusal):
    code = "step_not_of_area"
    kind = Kind.INVALID
    message = (
        "Nhật ký của vùng chỉ ghi gieo trồng, thả giống, dùng vật tư và thu hoạch. "
        "Hãy ghi công đoạn này vào nhật ký của lô."
    )


class SeasonUnknown(Refusal):
    code = "season_unknown"
    kind = Kind.INVALID
    message = (
        "Ngày này không thuộc vụ nào của vùng. Hãy thêm vụ vào hồ sơ vùng, hoặc kiểm tra lại ngày."
    )


class LabelNotConfirmed(Refusal):
    code = "label_not_confirmed"
    kind = Kind.INVALID
    message = (
        "Số ngày cách ly lấy từ danh mục chỉ để tham khảo. Hãy đọc nhãn của chính gói thuốc "
        "đã dùng, sửa số ngày nếu khác, rồi đánh dấu đã đọc nhãn."
    )


class SupplyUnknown(Refusal):
    code = "supply_unknown"
    kind = Kind.INVALID
    message = "Danh mục không còn vật tư đã chọn. Hãy chọn lại hoặc tự ghi tên vật tư."


class AreaDiaryFull(Refusal):
    code = "area_diary_full"
    message = "Nhật ký của vùng đã có {limit} mục. Hãy tạo vùng mới cho phần tiếp theo."


@dataclass(frozen=True, slots=True)
class AreaDiary:
    """`area_id` is its id too; `version` counts its changes."""

    area_id: str
    version: int = 0
    entries: tuple[Entry, ...] = ()

    def with_entry(
        self, entry: Entry, area: GrowingArea, *, version: int | None, now: datetime
    ) -> "AreaDiary":
        """With one more entry; with the version that was seen, one of the same id is replaced."""
        _check(entry.checked(now), area)
        known = next((one for one in self.entries if one.id == entry.id), None)
        if known is not None and same(known, entry):
            return self
        if version is not None and version != self.version:
            raise EditConflict()
        if known is not None and version is None:
            raise EntryExists()
        others = [one for one in self.entries if one.id != entry.id]
        if len(others) >= MAX_ENTRIES:
            raise AreaDiaryFull("entries", limit=MAX_ENTRIES)
        return replace(self, version=self.version + 1, entries=in_order([*others, entry]))

    def without_entry(self, entry_id: str, *, version: int) -> "AreaDiary":
        if version != self.version:
            raise EditConflict()
        left = tuple(one for one in self.entries if one.id != entry_id)
        if len(left) == len(self.entries):
            raise NotFound()
        return replace(self, version=self.version + 1, entries=left)

    def taken_over(self, area: GrowingArea, day: date) -> tuple[Entry, ...]:
        """What a lot of this day takes over: its season's entries up to that day."""
        season = area.season_of(day)
        if season is None:
            return ()
        return tuple(one for one in self.entries if season.starts_on <= one.day <= day)


def of_season(entries: Iterable[Entry], starts_on: date, ends_on: date) -> list[Entry]:
    return [one for one in entries if starts_on <= one.day <= ends_on]


def _check(entry: Entry, area: GrowingArea) -> None:
    if entry.step not in STEPS:
        raise StepNotOfArea("step")
    if area.season_of(entry.day) is None:
        raise SeasonUnknown("at")
    check_label(entry)


def check_label(entry: Entry) -> None:
    """An interval that was filled in from the catalogue needs a look at the label."""
    if entry.supply and entry.supply not in supplies():
        raise SupplyUnknown("supply")
    if entry.supply and entry.withdrawal_days is not None and not entry.label_confirmed:
        raise LabelNotConfirmed("label_confirmed")
