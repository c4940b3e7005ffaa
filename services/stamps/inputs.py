"""What people and programs send: the fields of each act, with their limits."""

from typing import Annotated, Literal

from fastapi import Path
from pydantic import Field

from services.stamps.domain.printing import MAX_STAMPS, Barcode, Carrier, OnPaper, Output
from services.stamps.domain.quotas import MAX_LIMIT, Period
from services.stamps.domain.requests import MAX_BATCH, MAX_QUANTITY, Decision, PrintedBy
from services.stamps.printing.formats import MOST_SHIFT
from shared.contracts.stamps import MAX_PUBLIC_REASON
from shared.web.fields import Input, Prose

Id = Annotated[str, Field(min_length=1, max_length=64)]
OptionalId = Annotated[str, Field(max_length=64)]
Serial = Annotated[int, Field(ge=0, le=MAX_QUANTITY - 1)]
Quantity = Annotated[int, Field(ge=1, le=MAX_QUANTITY)]
Reason = Annotated[Prose, Field(min_length=1, max_length=1000)]
PublicReason = Annotated[Prose, Field(max_length=MAX_PUBLIC_REASON)]
OptionalReason = Annotated[Prose, Field(max_length=1000)]
# Millimetres.
Shift = Annotated[float, Field(ge=-MOST_SHIFT / 10, le=MOST_SHIFT / 10)]
Change = Literal["damaged", "lost", "return", "destroyed", "suspend", "unsuspend", "revoke"]

# Parts of addresses.
BatchNumber = Annotated[int, Path(ge=1, le=MAX_BATCH)]
ChangeNumber = Annotated[int, Path(ge=1, le=2**31 - 1)]
SerialNumber = Annotated[int, Path(ge=0, le=MAX_QUANTITY - 1)]
RecordId = Annotated[str, Path(min_length=1, max_length=100)]


class RequestFields(Input):
    """`quantity` stamps for a published product; `lot_id` if they are meant for one lot.

    `printed_by`: facility, or authority, which prints them and hands them over.
    """

    product_id: Id
    lot_id: OptionalId = ""
    quantity: Quantity
    purpose: Annotated[Prose, Field(max_length=500)] = ""
    printed_by: PrintedBy = "facility"


class DecisionFields(Input):
    """`quantity` below what was asked grants in part and needs a reason, as does a rejection, and
    another in `printed_by` (facility, authority) than was asked."""

    decision: Decision
    quantity: Quantity | None = None
    reason: OptionalReason = ""
    printed_by: PrintedBy | None = None


class PrinterFields(Input):
    """Who prints the stamps of a request: facility, or authority. Once it is decided, with a
    reason."""

    printed_by: PrintedBy
    reason: OptionalReason = ""


class WithdrawFields(Input):
    """Why a request that waits is taken back; whoever would have decided reads it."""

    reason: Reason


class ActivationFields(Input):
    """Serials first…last, both included, for a lot."""

    first: Serial
    last: Serial
    lot_id: Id


class ChangeFields(Input):
    """A change of state of serials first…last, both included.

    `reason` stays in the records; `public_reason` an authority tells whoever scans the stamps that
    it suspends or revokes: in Vietnamese, with an English and a Chinese translation if it likes.
    """

    first: Serial
    last: Serial
    change: Change
    reason: Reason
    public_reason: PublicReason = ""
    public_reason_en: PublicReason = ""
    public_reason_zh: PublicReason = ""


class UndoFields(Input):
    """Serials first…last of a revocation, all of it where they are left out, and why it was one
    by mistake."""

    first: Serial | None = None
    last: Serial | None = None
    reason: Reason


class SaleFields(Input):
    """Serials first…last, both included, were sold."""

    first: Serial
    last: Serial
    note: OptionalReason = ""


class TakeBackFields(Input):
    """Why a report of a sale was a mistake."""

    reason: Reason


class CodeFields(Input):
    """A stamp's code as typed or scanned, also within the address that its symbol holds."""

    code: Annotated[str, Field(min_length=1, max_length=500)]


class PrintFields(Input):
    """`size` and `format` as `GET /print-formats` lists them; `first`…`last` the serials.

    `output`: zpl-203 and zpl-300 are rolls for label printers of so many dots an inch, csv and xlsx
    codes for a print house with a signed manifest, on no paper. `design` is one that is approved;
    its size is printed, whatever `size` says. `start_label` is the first unused label of the first
    sheet, from 1 on, row by row. The picture is shifted right and up by so many millimetres, as
    the calibration page of the format shows. `carrier`: qr; datamatrix, a smaller symbol of the
    same address; gs1-datamatrix, a GTIN and the code as GS1's (01) and (21), for scanners of trade.
    `barcode` of the GTIN beside it, in sizes with room: ean (EAN-13, EAN-8), gs1-128.
    With `pin`, hidden numbers are printed or listed, where the size has room for them.
    """

    size: Annotated[str, Field(min_length=1, max_length=20)]
    first: Serial
    last: Serial
    format: Annotated[str, Field(min_length=1, max_length=20)] = "a4"
    design: OptionalId = ""
    output: Output = "pdf"
    carrier: Carrier = "qr"
    barcode: Barcode = "none"
    start_label: Annotated[int, Field(ge=1, le=1000)] = 1
    shift_x: Shift = 0.0
    shift_y: Shift = 0.0
    pin: bool = False

    @property
    def paper(self) -> OnPaper:
        right, up = (round(shift * 10) for shift in (self.shift_x, self.shift_y))
        return OnPaper(self.format, self.start_label - 1, right, up)


class AgainFields(Input):
    """Sheets first_sheet…last_sheet of a print job, both included."""

    first_sheet: Annotated[int, Field(ge=1, le=MAX_STAMPS)]
    last_sheet: Annotated[int, Field(ge=1, le=MAX_STAMPS)]


class HoldFields(Input):
    """Why a hold is placed or lifted, in Vietnamese."""

    reason: Reason


class PlaceFields(HoldFields):
    """Whoever scans a held stamp reads `reason`, or its translation where that is given."""

    reason_en: OptionalReason = ""
    reason_zh: OptionalReason = ""


class QuotaFields(Input):
    """`act` set: at most `limit` stamps are issued to the facility in each calendar year or month,
    of `product_id` or, where it is left out, of all its products together; end takes such a quota
    off and has no limit."""

    act: Literal["set", "end"]
    product_id: OptionalId = ""
    period: Period
    limit: Annotated[int, Field(ge=0, le=MAX_LIMIT)] | None = None
    reason: Reason
