"""Suspicions with all that bears them out, and the reports of a case, for officials in scope."""

from dataclasses import dataclass
from datetime import datetime

from services.recall.domain.case import Case
from services.recall.domain.complaint import Complaint
from services.recall.domain.suspicion import Suspicion
from services.recall.domain.terms import State as CaseState
from services.recall.queries import cases as cases_seen
from services.recall.store import cases, complaint_areas, complaints, facts, genealogy
from services.recall.store import suspicions as store
from shared.auth import Principal, Scope, area_filter, require
from shared.days import local_day
from shared.errors import NotFound, OutOfReach
from shared.mongo import Database, Document

READ = "hazard.read"
OFFERED = 10


@dataclass(frozen=True, slots=True)
class Row:
    """A suspicion with the names of its goods, "" where registry has not told them."""

    suspicion: Suspicion
    facility: str
    product: str
    lot: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What bears a suspicion out: reports that are still kept, stamps thought to be copied, results
    of laboratories, inspections since then (that which was asked for among them), and its case."""

    complaints: list[Complaint]
    copies: list[Document]
    tests: list[Document]
    inspections: list[Document]
    case: Case | None


@dataclass(frozen=True, slots=True)
class Linked:
    """A report as its case keeps it, with the report itself while that is kept."""

    kept: Document
    complaint: Complaint | None


async def listed(who: Principal, *, db: Database, state: str, page: int) -> tuple[list[Row], int]:
    _officials(who)
    found, total = await store.listed(db, who, state=state, page=page)
    return await _named(found, db), total


async def one(who: Principal, suspicion_id: str, *, db: Database) -> Row:
    """Raises NotFound, also for what lies outside the asker's area."""
    require(who, READ)
    found = await store.get(db, suspicion_id)
    if who.facility_id is not None:
        raise OutOfReach()
    require(who, READ, store.scope_of(found))
    return (await _named([found], db))[0]


async def evidence(found: Suspicion, *, db: Database, at: datetime) -> Evidence:
    case = await cases.get(db, found.case_id) if found.case_id else None
    return Evidence(
        complaints=await complaints.some(db, found.complaints, at),
        copies=await store.copies_of(db, found.product_id),
        tests=await store.tests_of(db, found.lot_id),
        inspections=await store.inspections_since(
            db, found.facility_id, local_day(found.asked_at or found.opened_at)
        ),
        case=case,
    )


async def words_for_order(who: Principal, suspicion_id: str, *, db: Database) -> str:
    """What an order that comes of it begins with; "" where there is no such suspicion to see."""
    try:
        return (await one(who, suspicion_id, db=db)).suspicion.what if suspicion_id else ""
    except NotFound:
        return ""


async def around(
    who: Principal, found: Complaint, *, db: Database
) -> tuple[list[Suspicion], list[Suspicion], list[Case]]:
    """Of a report that the asker may read: suspicions that it bears out, further ones of the same
    facility that are not over, and the cases that it belongs to. None for who reads it for the
    place that it came from alone: they lie where the facility does."""
    known = await facts.facilities(db, [found.facility_id])
    elsewhere = any(not who.reaches(cases.scope_of(one.place)) for one in known.values())
    if not who.may(READ) or elsewhere:
        return [], [], []
    here = await store.of_complaint(db, found.id)
    further = await store.open_of_facility(db, found.facility_id) if found.facility_id else []
    shown = {one.id for one in here}
    linked = [await cases.get(db, case_id) for case_id in await store.cases_of(db, found.id)]
    return here, [one for one in further if one.id not in shown], linked


async def cases_to_link(who: Principal, facility_id: str, *, db: Database) -> list[Case]:
    """What a report or suspicion of this facility's goods may belong to: cases in the asker's area
    that are not over, the latest first; "" for goods of nobody: of any facility."""
    if who.facility_id is not None or not who.may(cases_seen.READ):
        return []
    wanted: Document = {f"owner.{field}": value for field, value in area_filter(who).items()}
    wanted["state"] = {"$in": [str(CaseState.AWAITING), str(CaseState.ORDERED)]}
    if facility_id:
        theirs = [{"owner.facility_id": facility_id}, {"places.facility_id": facility_id}]
        wanted["$or"] = theirs
    found, _ = await cases.page(db, wanted, text="", skip=0, size=OFFERED, order="asked_at")
    return [one.case for one in found]


async def beside_case(who: Principal, case: Case, *, db: Database) -> list[Suspicion]:
    """Suspicions of the owner's goods that are still open, and not of this case; for officials in
    scope."""
    if who.facility_id is not None or not who.covers(READ, cases.scope_of(case.owner)):
        return []
    return await store.open_of_facility(db, case.owner.facility_id)


async def behind_case(who: Principal, case: Case, *, db: Database) -> list[Suspicion]:
    """The suspicions that led to the case, each for officials in its own area alone."""
    if who.facility_id is not None or not who.may(READ):
        return []
    found = await store.of_case(db, case.id)
    return [one for one in found if who.covers(READ, store.scope_of(one))]


async def of_case(who: Principal, case: Case, *, db: Database, at: datetime) -> list[Linked]:
    """The reports of a case that are in the asker's area; none for facilities, which never learn
    who reported, nor that somebody did."""
    if who.facility_id is not None or not who.may("complaint.read"):
        return []
    rows = await store.links_of_case(db, case.id)
    known = await facts.facilities(db, {row["facility_id"] for row in rows})
    there = {
        one.id: one for one in await complaints.some(db, [r["complaint_id"] for r in rows], at)
    }

    def is_seen(row: Document) -> bool:
        """As the report is while it is kept, else by what its case keeps of it."""
        one = there.get(row["complaint_id"])
        place = Scope(commune=row["commune"] or None, sector=who.sector)
        if one is not None:
            place = complaint_areas.scope_among(one, known, who)
        elif row["facility_id"]:
            found = known.get(row["facility_id"])
            place = cases.scope_of(found.place) if found else Scope(row["facility_id"])
        return who.covers("complaint.read", place)

    return [Linked(row, there.get(row["complaint_id"])) for row in rows if is_seen(row)]


def _officials(who: Principal) -> None:
    require(who, READ)
    if who.facility_id is not None:
        raise OutOfReach()


async def _named(found: list[Suspicion], db: Database) -> list[Row]:
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
