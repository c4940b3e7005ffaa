"""A lot (lô sản phẩm): a quantity made together, its inputs and its diary (R20–R23)."""

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from services.registry.domain.diary import EARLIEST, MAX_ENTRIES, Entry, in_order
from services.registry.domain.diary_dates import check_truth
from services.registry.domain.diary_refusals import DateInFuture, DatesOutOfOrder, DateTooEarly
from services.registry.domain.using import Used
from shared.days import local_day, spoken
from shared.errors import Kind, NotFound, Refusal
from shared.gs1 import Gs1Error, attribute

MAX_INPUTS = 200
# A hundred years: what is beyond is a slip, or stands for "never", which is said by no date at all.
LONGEST_LIFE = timedelta(days=36_525)


class LotCodeInvalid(Refusal):
    code = "lot_code_invalid"
    kind = Kind.INVALID
    message = (
        "Mã lô chỉ gồm chữ không dấu, chữ số và các dấu - . / _ , tối đa 20 ký tự, "
        "ví dụ CM-2026-011."
    )


class LotCodeTaken(Refusal):
    code = "lot_code_taken"
    message = "Cơ sở đã có lô mang mã {lot_code}. Hãy đặt mã khác cho lô này."


class ExpiryTooFar(Refusal):
    code = "expiry_too_far"
    kind = Kind.INVALID
    message = (
        "Hạn dùng {date} quá xa, hơn 100 năm sau ngày sản xuất. Hãy kiểm tra lại năm; "
        "hàng không có hạn dùng thì để trống ô này."
    )


class DiaryEmpty(Refusal):
    code = "diary_empty"
    kind = Kind.INVALID
    message = "Nhật ký của lô chưa có công đoạn nào. Hãy ghi ít nhất một công đoạn rồi gửi."


class DiaryFull(Refusal):
    code = "diary_full"
    message = "Nhật ký của lô đã có {limit} công đoạn. Hãy chia thành lô mới."


class EntryExists(Refusal):
    code = "entry_exists"
    message = "Công đoạn này đã được ghi với nội dung khác. Hãy tải lại trang rồi sửa công đoạn đó."


class InputLotUnknown(Refusal):
    code = "input_lot_unknown"
    kind = Kind.INVALID
    message = (
        "Không có lô nguyên liệu nào đã được công bố mang mã {lot}. "
        "Hãy nhập mã cơ sở và mã lô, ví dụ CS22-00000017/CM-2026-011."
    )


class InputCycle(Refusal):
    code = "input_cycle"
    kind = Kind.INVALID
    message = "Lô {lot} được làm ra từ chính lô này, nên không thể là nguyên liệu của nó."


class LotOfTransformation(Refusal):
    code = "lot_of_transformation"
    message = (
        "Lô này do một lần chia, gộp, chế biến hoặc thu mua làm ra, nên sản phẩm, số lượng và "
        "lô nguyên liệu không sửa riêng được. Hãy hủy lần đó và ghi lại."
    )


class TransformationCancelled(Refusal):
    code = "transformation_cancelled"
    message = "Lần chia, gộp, chế biến hoặc thu mua làm ra lô này đã bị hủy, nên lô không gửi được."


@dataclass(frozen=True, slots=True)
class Lot:
    """`inputs` are the ids of the lots it was made from; `entries` its diary in order of time.

    `transformation_id` names the act that made it out of others, with their quantities.
    `area_entries` is what it took over from the diary of its growing area when it was sent in.
    `supplies` are the lots of what was used on it, as both diaries name them. `used` says how much
    of which input its own form counted off; `explanation`, why quantities do not agree.
    """

    facility_id: str
    product_id: str
    code: str
    quantity: Decimal
    unit: str
    produced_on: date
    expires_on: date | None = None
    growing_area_id: str = ""
    inputs: tuple[str, ...] = ()
    entries: tuple[Entry, ...] = ()
    transformation_id: str = ""
    area_entries: tuple[Entry, ...] = ()
    supplies: tuple[str, ...] = ()
    used: tuple[Used, ...] = ()
    explanation: str = ""

    @property
    def photos(self) -> tuple[str, ...]:
        return tuple(p for e in (*self.area_entries, *self.entries) for p in e.photos)

    def following(self, before: "Lot") -> "Lot":
        """The same with what a transformation settled; raises where an edit would change that."""
        if before.transformation_id:
            for name in ("product_id", "quantity", "unit", "inputs", "used"):
                if getattr(self, name) != getattr(before, name):
                    raise LotOfTransformation(name)
        return replace(self, transformation_id=before.transformation_id)

    def checked(self, now: datetime) -> "Lot":
        """The same in canonical form; raises what could not be right even in a draft."""
        if self.produced_on > local_day(now):
            raise DateInFuture("produced_on", date=spoken(self.produced_on))
        if self.produced_on < EARLIEST:
            raise DateTooEarly("produced_on", date=spoken(self.produced_on))
        if self.expires_on is not None and self.expires_on < self.produced_on:
            raise DatesOutOfOrder(
                "expires_on", later=spoken(self.expires_on), earlier=spoken(self.produced_on)
            )
        if self.expires_on is not None and self.expires_on - self.produced_on > LONGEST_LIFE:
            raise ExpiryTooFar("expires_on", date=spoken(self.expires_on))
        if len(self.entries) > MAX_ENTRIES:
            raise DiaryFull("entries", limit=MAX_ENTRIES)
        return replace(
            self,
            code=checked_lot_code(self.code),
            inputs=tuple(dict.fromkeys((*self.inputs, *(one.lot_id for one in self.used)))),
            supplies=tuple(
                dict.fromkeys(
                    e.supply_lot for e in (*self.area_entries, *self.entries) if e.supply_lot
                )
            ),
            entries=in_order(entry.checked(now) for entry in self.entries),
        )

    def expiring(self, shelf_life_days: int | None) -> "Lot":
        """With the expiry date that follows from the product's shelf life, if none was given."""
        if self.expires_on is not None or shelf_life_days is None:
            return self
        return replace(self, expires_on=self.produced_on + timedelta(days=shelf_life_days))

    def entry(self, entry_id: str) -> Entry | None:
        return next((e for e in self.entries if e.id == entry_id), None)

    def with_entry(self, entry: Entry) -> "Lot":
        """With one more entry, or with the entry of that id replaced."""
        others = tuple(e for e in self.entries if e.id != entry.id)
        if len(others) >= MAX_ENTRIES:
            raise DiaryFull("entries", limit=MAX_ENTRIES)
        return replace(self, entries=in_order((*others, entry)))

    def without_entry(self, entry_id: str) -> "Lot":
        left = tuple(e for e in self.entries if e.id != entry_id)
        if len(left) == len(self.entries):
            raise NotFound()
        return replace(self, entries=left)

    def check_complete(self, now: datetime) -> None:
        """What a lot must be before anybody reviews it; raises the first thing amiss."""
        if not self.entries and not self.area_entries:
            raise DiaryEmpty("entries")
        check_truth(self.entries, self.produced_on, now)


def checked_lot_code(text: str) -> str:
    """A lot code (AI 10): up to 20 characters of GS1 set 82, without spaces."""
    code = re.sub(r"\s+", "", text)
    try:
        return attribute(code, "code")
    except Gs1Error:
        raise LotCodeInvalid("code") from None
