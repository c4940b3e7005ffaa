"""Reported problems as lists and one by one, for the officials of the area they concern."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.recall.domain.complaint import Complaint
from services.recall.store import complaints, facts, genealogy
from shared.auth import Principal, require
from shared.errors import OutOfReach
from shared.mongo import Database

READ = "complaint.read"


@dataclass(frozen=True, slots=True)
class Row:
    """A report with the names of what it is about, "" where registry has not told them."""

    complaint: Complaint
    facility: str
    product: str
    lot: str


async def listed(
    who: Principal, *, db: Database, state: str, page: int
) -> tuple[list[Row], dict[str, int], int]:
    """A page of those in a state ("" = all), newest first; how many in each; how many in this."""
    require(who, READ)
    own = await complaints.visible_to(db, who)
    numbers = await complaints.numbers(db, own)
    wanted = {**own, "state": state} if state else own
    found = await complaints.listed(db, wanted, page=page)
    return await _named(found, db), numbers, numbers[state] if state else sum(numbers.values())


async def one(who: Principal, complaint_id: str, *, db: Database, at: datetime) -> Row:
    """Raises NotFound, also for what lies outside the asker's area."""
    require(who, READ)
    found = await complaints.get(db, complaint_id, at)
    if who.facility_id is not None:
        raise OutOfReach()
    require(who, READ, await complaints.scope_of(db, found, who))
    return (await _named([found], db))[0]


async def _named(found: Sequence[Complaint], db: Database) -> list[Row]:
    facilities = await facts.facilities(db, {one.facility_id for one in found})
    products = await facts.products(db, {one.product_id for one in found})
    lots = await genealogy.lots(db, sorted({one.lot_id for one in found if one.lot_id}))
    return [
        Row(
            one,
            facilities[one.facility_id].name if one.facility_id in facilities else "",
            products[one.product_id].name if one.product_id in products else "",
            lots[one.lot_id].code if one.lot_id in lots else "",
        )
        for one in found
    ]
