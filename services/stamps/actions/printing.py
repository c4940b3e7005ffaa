"""Ordering a print-ready file."""

from dataclasses import asdict
from datetime import datetime

from services.stamps.actions import stock
from services.stamps.actions.taking import right_of
from services.stamps.domain.intervals import must_lie_within
from services.stamps.domain.printing import (
    LISTS,
    MAX_STAMPS,
    PLAIN,
    Barcode,
    BarcodeDoesNotFit,
    BarcodeNeedsGtin,
    Carrier,
    CarrierNeedsGtin,
    GtinNotForEan,
    LabelTooLarge,
    NeedsRoll,
    NoRoomForPin,
    NoSuchLabel,
    NoSuchSheet,
    NotOnSheets,
    NotPrintedYet,
    OnPaper,
    Output,
    PinsNotReady,
    PrintJob,
    SymbolDoesNotFit,
    TooManyToPrint,
    UnknownFormat,
    UnknownSize,
)
from services.stamps.papers import serials_on, sheets_of
from services.stamps.printing.bars import BarsTooWide, NoEan, NoGtin, bars_of
from services.stamps.printing.carriers import NeedsGtin, which_version
from services.stamps.printing.formats import FORMATS
from services.stamps.printing.hiding import takes_number
from services.stamps.printing.layouts import fits, layout
from services.stamps.printing.templates import DPI, TEMPLATES
from services.stamps.printing.zpl import dots_of_module
from services.stamps.store import batches, designs, facts, print_jobs
from shared import audit, once
from shared.auth import Principal, require
from shared.errors import NotFound
from shared.ids import new_id
from shared.mongo import Database, Tx, transact


async def order(
    number: int,
    *,
    size: str,
    first: int,
    last: int,
    paper: OnPaper = PLAIN,
    design: str = "",
    output: Output = "pdf",
    pin: bool = False,
    makes_pins: bool = False,
    slot: int | None = None,
    carrier: Carrier = "qr",
    barcode: Barcode = "none",
    host: str,
    key: str | None = None,
    who: Principal,
    db: Database,
    now: datetime,
) -> PrintJob:
    """Queue the sheets of serials first…last. With `pin` they carry hidden numbers;
    `makes_pins` says whether such numbers can be made. `slot` is the key slot of new codes.

    Raises DesignNotApproved, UnknownSize, UnknownFormat, LabelTooLarge, NoSuchLabel, NoRoomForPin,
    PinsNotReady, SymbolDoesNotFit, CarrierNeedsGtin, BarcodeNeedsGtin, GtinNotForEan,
    BarcodeDoesNotFit, TooManyToPrint, SerialsOutsideBatch, PrintedCentrally, NotToBePrinted,
    KeyReused.
    """
    more: tuple[object, ...] = (paper, design, output, carrier, barcode)
    # As it was before these could be chosen: a key of then is still the same act.
    if (carrier, barcode) == ("qr", "none"):
        more = () if more[:3] == (PLAIN, "", "pdf") else more[:3]
    asked = once.once(who, key, "print", number, size, first, last, *more, *([pin] if pin else []))

    async def work(tx: Tx) -> PrintJob:
        if before := await once.answered(tx, asked):
            return await print_jobs.get(tx, before["id"])
        batch = await batches.get(tx, number)
        central = await stock.require_print(
            tx, number, who, await facts.scope_of(tx, batch.facility_id)
        )
        must_lie_within(batch.quantity, first, last)
        if last - first + 1 > MAX_STAMPS:
            raise TooManyToPrint("last", limit=MAX_STAMPS)
        product = await facts.product(tx, batch.product_id)
        drawn, revision = size, ""
        if design:
            drawn, revision = await _designed(tx, design, batch.facility_id)
        gtin = product.gtin if product else ""
        _must_fit(host, drawn, gtin, paper, output, carrier)
        _must_have_room(drawn, gtin, output, barcode)
        if pin:
            _must_hide(drawn, output, makes_pins)
        job = PrintJob(
            id=new_id(),
            batch=number,
            first=first,
            last=last,
            size=drawn,
            design=revision,
            output=output,
            pin=pin,
            carrier=carrier,
            barcode=barcode,
            facility_id=batch.facility_id,
            product_id=batch.product_id,
            requested_by=who.account_id,
            requested_at=now,
            central=central,
            unit_id=who.unit_id if central else "",
            tier=who.tier if central else "",
            slot=slot,
            **asdict(paper),
        )
        if central:
            await stock.begin_print(tx, job, who, now)
        await _queue(tx, job, asked, who, now)
        return job

    async with audit.attempt(db, who, await stock.print_right(db, number, who), str(number)):
        return await transact(db, work)


async def order_again(
    job_id: str,
    *,
    first_sheet: int,
    last_sheet: int,
    key: str | None = None,
    who: Principal,
    db: Database,
    now: datetime,
) -> PrintJob:
    """Queue some sheets of a job once more, with the numbers that they had.

    Raises NoSuchSheet, NotOnSheets, NotPrintedYet, NotBeingPrinted.
    """
    asked = once.once(who, key, "print again", job_id, first_sheet, last_sheet)

    async def work(tx: Tx) -> PrintJob:
        if before := await once.answered(tx, asked):
            return await print_jobs.get(tx, before["id"])
        job = await print_jobs.get(tx, job_id)
        require(who, job.right, await facts.scope_of(tx, job.facility_id))
        if job.output in LISTS:
            raise NotOnSheets()
        if job.state != "done":
            raise NotPrintedYet()
        count = sheets_of(job)
        if not first_sheet <= last_sheet <= count:
            raise NoSuchSheet("last_sheet", count=count)
        first, last = serials_on(job, first_sheet, last_sheet)
        again = job.again(
            id=new_id(),
            first=first,
            last=last,
            used=job.used if first_sheet == 1 else 0,
            requested_by=who.account_id,
            requested_at=now,
            first_number=job.first_number + first_sheet - 1,
            of=job.of or count,
            again_of=job.stock_job,
        )
        if job.central:
            await stock.must_be_printable_again(tx, again)
        await _queue(tx, again, asked, who, now)
        return again

    async with audit.attempt(db, who, await right_of(db, job_id), job_id):
        return await transact(db, work)


async def _queue(
    tx: Tx, job: PrintJob, asked: once.Once | None, who: Principal, now: datetime
) -> None:
    await batches.note_order(tx, job.batch)
    await print_jobs.add(tx, job)
    await once.keep(tx, asked, {"id": job.id}, now)
    await audit.accepted(
        tx,
        who,
        job.right,
        str(job.batch),
        first=job.first,
        last=job.last,
        size=job.size,
        format=job.format,
        output=job.output,
        pin=job.pin,
        carrier=job.carrier,
        barcode=job.barcode,
    )


def _must_hide(size: str, output: Output, makes_pins: bool) -> None:
    """Raise what keeps hidden numbers from being printed."""
    if output not in LISTS and not takes_number(size):
        raise NoRoomForPin("pin")
    if not makes_pins:
        raise PinsNotReady("pin")


async def _designed(tx: Tx, design_id: str, facility_id: str) -> tuple[str, str]:
    """The size of a design that this facility may print with, and which revision it is."""
    design = await designs.get(tx, design_id)
    if design.facility_id not in ("", facility_id):
        raise NotFound()
    return design.printable().size, f"{design.id}/{design.revision}"


def _must_fit(
    host: str, size: str, gtin: str, paper: OnPaper, output: Output, carrier: Carrier
) -> None:
    """Raise what keeps a size from being printed on a paper."""
    if size not in TEMPLATES:
        raise UnknownSize("size", size=size)
    if paper.format not in FORMATS:
        raise UnknownFormat("format", format=paper.format)
    template, format_ = TEMPLATES[size], FORMATS[paper.format]
    if not fits(template, format_):
        stamp = f"{template.width:g} × {template.height:g}"
        label = f"{format_.label[0]:g} × {format_.label[1]:g}"
        raise LabelTooLarge("format", stamp=stamp, label=label)
    count = layout(template, format_).places.count
    if paper.used >= count:
        raise NoSuchLabel("start_label", count=count)
    if output.startswith("zpl") and format_.kind != "roll":
        raise NeedsRoll("format")
    try:
        fit = which_version(host, template, gtin or None, carrier=carrier)
        if output.startswith("zpl"):
            dots_of_module(template, fit.modules, int(output[4:]))
    except NeedsGtin:
        raise CarrierNeedsGtin("carrier") from None
    except ValueError:
        raise SymbolDoesNotFit("size") from None


def _must_have_room(size: str, gtin: str, output: Output, barcode: Barcode) -> None:
    """Raise what keeps a barcode from standing beside the symbol."""
    if output in LISTS:
        return
    try:
        if bars := bars_of(barcode, gtin):
            bars.dots_in(TEMPLATES[size].bars, int(output[4:]) if output != "pdf" else DPI)
    except NoGtin:
        raise BarcodeNeedsGtin("barcode") from None
    except NoEan:
        raise GtinNotForEan("barcode") from None
    except BarsTooWide:
        raise BarcodeDoesNotFit("barcode") from None
