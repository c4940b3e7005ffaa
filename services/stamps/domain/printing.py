"""Print jobs: sheets of stamps made in the background, for a file that is ready to print (R40)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

from shared.auth import Principal
from shared.contracts.stamps import PinsOrdered
from shared.errors import Kind, Refusal
from shared.tiers import is_below

MAX_STAMPS = 100_000

State = Literal["queued", "running", "done", "failed"]
# Sheets as a PDF, rolls for label printers of so many dots an inch, or codes for a print house that
# draws the symbols itself.
Output = Literal["pdf", "zpl-203", "zpl-300", "csv", "xlsx"]
LISTS: Final = ("csv", "xlsx")
# QR codes, which phones read by themselves; Data Matrix of the same address; or of GS1's elements.
Carrier = Literal["qr", "datamatrix", "gs1-datamatrix"]
# The product's barcode beside the symbol, where the size has room.
Barcode = Literal["none", "ean", "gs1-128"]
# Why a job failed: the order cannot be drawn, its symbols cannot be read, its workers all died,
# nobody wants it any more.
Failure = Literal["", "impossible", "unreadable", "given_up", "cancelled"]
# Serials first…last, both included.
Span = tuple[int, int]


class TooManyToPrint(Refusal):
    code = "too_many_to_print"
    kind = Kind.INVALID
    message = "Mỗi lần in tối đa {limit} tem. Hãy chia thành nhiều lần in."


class UnknownSize(Refusal):
    code = "unknown_size"
    kind = Kind.INVALID
    message = "Không có khổ tem “{size}”. Hãy chọn một khổ trong danh sách."


class UnknownFormat(Refusal):
    code = "unknown_format"
    kind = Kind.INVALID
    message = "Không có loại giấy “{format}”. Hãy chọn một loại trong danh sách."


class LabelTooLarge(Refusal):
    code = "label_too_large"
    kind = Kind.INVALID
    message = (
        "Tem khổ này ({stamp} mm) lớn hơn nhãn của loại giấy đã chọn ({label} mm). "
        "Hãy chọn khổ tem nhỏ hơn hoặc giấy có nhãn lớn hơn."
    )


class NoSuchLabel(Refusal):
    code = "no_such_label"
    kind = Kind.INVALID
    message = "Mỗi tờ loại này chỉ có {count} tem. Hãy bắt đầu từ một tem trong số đó."


class NoSuchSheet(Refusal):
    code = "no_such_sheet"
    kind = Kind.INVALID
    message = "Tệp in này có {count} tờ. Hãy chọn các tờ trong số đó, tờ đầu trước tờ cuối."


class NeedsRoll(Refusal):
    code = "needs_roll"
    kind = Kind.INVALID
    message = "Máy in tem dùng giấy cuộn. Hãy chọn một loại giấy cuộn, hoặc tạo tệp PDF."


class NotOnSheets(Refusal):
    code = "not_on_sheets"
    message = "Danh sách mã không có tờ nào để in lại. Hãy tạo danh sách mới nếu cần."


class SymbolDoesNotFit(Refusal):
    code = "symbol_does_not_fit"
    kind = Kind.INVALID
    message = "Địa chỉ của hệ thống quá dài cho mã in ở khổ này. Hãy chọn khổ lớn hơn."


class CarrierNeedsGtin(Refusal):
    code = "carrier_needs_gtin"
    kind = Kind.INVALID
    message = (
        "GS1 DataMatrix cần mã GTIN mà sản phẩm này chưa có. Hãy chọn mã QR hoặc Data Matrix, "
        "hoặc khai mã GTIN trong hồ sơ sản phẩm và chờ duyệt đăng."
    )


class BarcodeNeedsGtin(Refusal):
    code = "barcode_needs_gtin"
    kind = Kind.INVALID
    message = (
        "Mã vạch ghi mã GTIN mà sản phẩm này chưa có. Hãy in không có mã vạch, hoặc khai mã GTIN "
        "trong hồ sơ sản phẩm và chờ duyệt đăng."
    )


class GtinNotForEan(Refusal):
    code = "gtin_not_for_ean"
    kind = Kind.INVALID
    message = (
        "Mã GTIN 14 số của thùng, kiện không ghi được bằng EAN-13. Hãy chọn mã vạch GS1-128, "
        "hoặc in không có mã vạch."
    )


class BarcodeDoesNotFit(Refusal):
    code = "barcode_does_not_fit"
    kind = Kind.INVALID
    message = (
        "Khổ tem này không đủ chỗ cho mã vạch đã chọn ở độ nét của máy in. Hãy chọn khổ lớn hơn "
        "có chỗ cho mã vạch, hoặc in không có mã vạch."
    )


class NoRoomForPin(Refusal):
    code = "no_room_for_pin"
    kind = Kind.INVALID
    message = (
        "Tem khổ này không có chỗ cho số ẩn dưới lớp cào. Hãy chọn khổ lớn hơn, "
        "hoặc tạo danh sách mã cho nhà in tự vẽ."
    )


class PinsNotReady(Refusal):
    code = "pins_not_ready"
    message = (
        "Khóa đang dùng cho mã tem chưa có khóa số ẩn. Hãy nhờ người vận hành hệ thống thêm khóa "
        "số ẩn (./txng keys pins), rồi tạo lại tệp in."
    )


class NotYourPrint(Refusal):
    code = "not_your_print"
    kind = Kind.FORBIDDEN
    message = (
        "Lần in này do đơn vị khác đặt. Hãy để đơn vị đó nhập kho hoặc hủy lần in; "
        "cơ quan cấp trên cũng hủy được."
    )


class NotPrintedYet(Refusal):
    code = "not_printed_yet"
    message = "Tệp in chưa xong. Hãy đợi đến khi trang báo đã xong."


@dataclass(frozen=True, slots=True)
class PrintJob:
    """Serials first…last of a batch in one size on one paper.

    `attempt` counts the workers that took it up; only the latest may finish it. `used` labels of
    the first sheet are gone; shifts are tenths of a millimetre, right and up; `design` is a
    revision of one, "" for the plain label. Where sheets of an earlier job are printed again, they
    keep their numbers `first_number`… `of` so many. The file is its `pieces` one after the other;
    `file_id` is that of a job from before there were pieces. Lists of codes have a `manifest`.
    With `pin`, hidden numbers are printed, or listed, beside the codes.
    `central`: an authority prints it for the facility, into the stock of `unit_id`, of `tier`.
    `again_of`: the job of which sheets are printed again.
    `slot` is the key slot its codes are made with, so that sheets printed again bear the same
    ones after the keys have changed; None in jobs from before it was kept.
    """

    id: str
    batch: int
    first: int
    last: int
    size: str
    facility_id: str
    product_id: str
    requested_by: str
    requested_at: datetime
    state: State = "queued"
    done: int = 0
    attempt: int = 0
    file_id: str = ""
    bytes: int = 0
    format: str = "a4"
    used: int = 0
    shift_x: int = 0
    shift_y: int = 0
    first_number: int = 1
    of: int = 0
    design: str = ""
    pieces: tuple[str, ...] = ()
    failure: Failure = ""
    output: Output = "pdf"
    manifest: str = ""
    pin: bool = False
    carrier: Carrier = "qr"
    barcode: Barcode = "none"
    central: bool = False
    unit_id: str = ""
    tier: str = ""
    again_of: str = ""
    slot: int | None = None

    @property
    def right(self) -> str:
        """The action that whoever has to do with the job needs."""
        return "stamps.print_centrally" if self.central else "stamps.print"

    @property
    def total(self) -> int:
        return self.last - self.first + 1

    @property
    def stock_job(self) -> str:
        """The job whose sheets these are in the stock."""
        return self.again_of or self.id

    def is_of(self, who: Principal) -> bool:
        """Whether who acts is of the unit that ordered it, as far as that is known."""
        return self.unit_id in ("", who.unit_id)

    def must_be_of(self, who: Principal) -> None:
        """Raise NotYourPrint."""
        if not self.is_of(who):
            raise NotYourPrint()

    def may_be_cancelled_by(self, who: Principal) -> bool:
        """Whether who acts is of the unit that ordered it, or stands above it."""
        return self.is_of(who) or is_below(self.tier, who.tier)

    def must_be_cancelled_by(self, who: Principal) -> None:
        """Raise NotYourPrint."""
        if not self.may_be_cancelled_by(who):
            raise NotYourPrint()

    def again(self, **changes: object) -> "PrintJob":
        """A job not begun that asks for the same."""
        fresh = {
            "state": "queued",
            "done": 0,
            "attempt": 0,
            "file_id": "",
            "bytes": 0,
            "pieces": (),
            "manifest": "",
        }
        return replace(self, **{**fresh, **changes})  # type: ignore[arg-type]

    def told_of_pins(self, now: datetime, *, cancelled: bool = False) -> PinsOrdered:
        """What scan is told: which stamps have a hidden number, or that by this job they have none
        after all. The latter is the last word on a job, in whatever order they arrive."""
        return PinsOrdered(
            subject=self.id,
            version=2 if cancelled else 1,
            cancelled=cancelled,
            time=now,
            batch=self.batch,
            facility_id=self.facility_id,
            product_id=self.product_id,
            first=self.first,
            last=self.last,
        )

    @property
    def file_name(self) -> str:
        kind = self.output.partition("-")[0]
        return f"tem-{self.batch}-{self.first}-{self.last}-{self.size}.{kind}"


@dataclass(frozen=True, slots=True)
class OnPaper:
    """What is printed on, and how: as in PrintJob."""

    format: str = "a4"
    used: int = 0
    shift_x: int = 0
    shift_y: int = 0


# A plain A4 sheet, to be cut.
PLAIN: Final = OnPaper()


def joined(spans: Iterable[Span]) -> list[Span]:
    """The same serials in as few spans as possible, in order."""
    found: list[Span] = []
    for first, last in sorted(spans):
        if found and first <= found[-1][1] + 1:
            found[-1] = found[-1][0], max(found[-1][1], last)
        else:
            found.append((first, last))
    return found
