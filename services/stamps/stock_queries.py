"""What pages and the API read of centrally printed stamps: where they lie, and hand-overs."""

from collections.abc import Iterable
from typing import Final

from services.stamps.domain.handovers import OPEN, HandOver, stocking_tiers
from services.stamps.domain.known import Unit
from services.stamps.domain.life import unused
from services.stamps.domain.moves import Moved
from services.stamps.domain.places import Place
from services.stamps.domain.printing import PrintJob, Span
from services.stamps.domain.requests import Batch
from services.stamps.domain.stock import Stock
from services.stamps.domain.stock_refusals import NotCentral
from services.stamps.queries import Life, batch_seen_by, facilities_of
from services.stamps.store import facts, handovers, stock, units
from shared.auth import Principal, require
from shared.errors import NotFound
from shared.mongo import Database

# No unit, also of hand-overs from before units received any.
NOBODY: Final = {"$in": [None, ""]}


async def seen_by(
    who: Principal, *, db: Database, place: Place | None = None, unit: str = "", page: int = 1
) -> tuple[list[Stock], int]:
    """One page of the centrally printed batches in the asker's scope, and how many there are;
    only those with stamps in a place, or in the stock of a unit."""
    require(who, "stamps.read")
    wanted = await facilities_of(who, db)
    return await stock.find(db, wanted, place=place, unit=unit, page=page)


async def stock_seen_by(
    who: Principal, number: int, *, db: Database, action: str = "stamps.read"
) -> tuple[Batch, Stock]:
    """A batch and where its stamps lie; raises NotCentral for one that its facility prints."""
    batch = await batch_seen_by(who, number, db=db, action=action)
    found = await stock.find_one(db, number)
    if found is None:
        raise NotCentral()
    return batch, found


async def stock_of(batch: Batch, *, db: Database) -> Stock | None:
    return await stock.find_one(db, batch.number)


def next_usable(life: Life, stock: Stock | None) -> Span | None:
    """The first run of serials that can still be activated: of the authority's print, such as the
    facility has received."""
    if stock is None:
        return life.next_unused
    for low, high in stock.at("received"):
        for first, last in unused(life.intervals, low, high):
            return first, last
    return None


def must_print(who: Principal) -> None:
    """Raise Forbidden for who prints no stamps at all, neither their own nor for facilities."""
    require(who, "stamps.print_centrally" if who.may("stamps.print_centrally") else "stamps.print")


async def print_right(number: int, *, db: Database) -> str:
    """The action that printing a batch is."""
    central = await stock.is_central(db, number)
    return "stamps.print_centrally" if central else "stamps.print"


async def waits(job: PrintJob, *, db: Database) -> bool:
    """Whether the sheets of a job are not in stock yet."""
    found = await stock.find_one(db, job.batch)
    return found is not None and bool(found.of_job(job.id))


async def is_printing(job: PrintJob, *, db: Database) -> bool:
    """Whether the file of a central job may still leave: nothing of it is in stock or cancelled."""
    found = await stock.find_one(db, job.batch)
    return found is not None and found.is_printing(job.first, job.last, job.stock_job)


async def moves_of(number: int, *, db: Database) -> list[Moved]:
    """What was done with a batch's stock, newest first."""
    return await stock.moves_of(db, number)


async def moves_of_serial(number: int, serial: int, *, db: Database) -> list[tuple[Moved, str]]:
    """What was done with one stamp, newest first, and where it lay then."""
    moves = await stock.moves_of(db, number, limit=10_000)
    return [
        (moved, piece.place)
        for moved in moves
        for piece in moved.pieces
        if piece.first <= serial <= piece.last
    ]


async def handovers_seen_by(
    who: Principal, *, db: Database, state: str = "", page: int = 1
) -> tuple[list[HandOver], int]:
    """One page of the hand-overs in the asker's scope, newest first; `state` one of theirs, or
    open. Moves between units are no affair of facilities."""
    require(who, "stamps.read")
    wanted = await facilities_of(who, db)
    if who.facility_id is not None:
        wanted["to_unit_id"] = NOBODY
    if state:
        wanted["state"] = {"$in": list(OPEN)} if state == "open" else state
    return await handovers.find(db, wanted, page=page)


async def handover_seen_by(
    who: Principal, handover_id: str, *, db: Database, action: str = "stamps.read"
) -> HandOver:
    found = await handovers.get(db, handover_id)
    scope = await facts.scope_of(db, found.facility_id)
    require(who, "stamps.read", scope)
    if found.to_unit_id and who.facility_id is not None:
        raise NotFound()
    require(who, action, scope)
    return found


async def handovers_of(who: Principal, number: int, *, db: Database) -> list[HandOver]:
    """Those of a batch that the asker may see, newest first."""
    found = await handovers.of_batch(db, number)
    return [one for one in found if who.facility_id is None or not one.to_unit_id]


async def units_to_stock(who: Principal, batch: Batch, *, db: Database) -> list[Unit]:
    """The other units that may take stamps of a batch in their stock, by name."""
    place = await facts.scope_of(db, batch.facility_id)
    found = await units.answering_for(db, place, stocking_tiers())
    return [one for one in found if one.id != who.unit_id]


async def unit_names(ids: Iterable[str], *, db: Database) -> dict[str, str]:
    """What the authorities' units are called, as far as identity told."""
    return await facts.names(db, "units", set(ids) - {""})
