"""Cases with the parts of their notices: kept by version, found by key, by lot and by target."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pymongo import ASCENDING, DESCENDING
from pymongo.errors import DuplicateKeyError

from services.recall.domain.case import Case
from services.recall.domain.reach import Part
from services.recall.domain.refusals import TargetAlreadyRecalled
from services.recall.domain.target import Lot, Target, TargetKind
from services.recall.domain.terms import Place, State
from services.recall.domain.within import Within
from services.recall.store import facts
from services.recall.store.documents import case_document, case_of, part_document, target_of
from services.recall.store.newest import Reader, each
from shared.auth import Scope
from shared.errors import EditConflict, NotFound
from shared.mongo import Database, Document, Tx, containing
from shared.spelling import fold

CASES, NOTICES = "cases", "notices"
OPEN_TARGET = "open_target"
# Of more lots than these it is quicker to look through all notices that stand.
FEW_LOTS = 2_000
# Where a facility lies that is not known yet.
NOWHERE = ("", "")


@dataclass(frozen=True, slots=True)
class Summary:
    """A case as lists show it: without its parts."""

    case: Case
    facilities: int


async def prepare(db: Database) -> None:
    """The unique indexes are the last judges of double orders."""
    cases = db.collection(CASES)
    await cases.create_index(
        "open_key",
        name=OPEN_TARGET,
        unique=True,
        partialFilterExpression={"open_key": {"$exists": True}},
    )
    await cases.create_index([("state", ASCENDING), ("asked_at", DESCENDING)])
    await cases.create_index([("ordered_at", DESCENDING)])
    # What runs, the latest first: whoever confirms an address is told of it page by page.
    await cases.create_index(
        [("state", ASCENDING), ("ordered_at", DESCENDING), ("_id", DESCENDING)]
    )
    await cases.create_index([("places.facility_id", ASCENDING)])
    await cases.create_index(
        [("target.id", ASCENDING)],
        name="standing_targets",
        partialFilterExpression={"standing": True},
    )
    await cases.create_index(
        [("target.kind", ASCENDING)],
        name="standing_kinds",
        partialFilterExpression={"standing": True},
    )
    notices = db.collection(NOTICES)
    await notices.create_index([("case", ASCENDING), ("part", ASCENDING)], unique=True)
    await notices.create_index(
        [("lots", ASCENDING)], name="active_lots", partialFilterExpression={"active": True}
    )


async def get(reader: Reader, case_id: str) -> Case:
    """The case with all its parts; raises NotFound."""
    document = await reader.collection(CASES).find_one({"_id": case_id})
    if document is None:
        raise NotFound()
    cursor = reader.collection(NOTICES).find({"case": case_id}).sort("part", ASCENDING)
    return case_of(document, [part async for part in cursor])


async def add(tx: Tx, case: Case) -> None:
    """A new case; raises TargetAlreadyRecalled where one of its kind is open for the target."""
    try:
        await tx.collection(CASES).insert_one({"_id": case.id, **case_document(case)})
    except DuplicateKeyError as error:
        if OPEN_TARGET in str(error.details):
            raise TargetAlreadyRecalled("target") from error
        raise EditConflict() from error
    await _put_parts(tx, case, case.parts)


async def put(tx: Tx, case: Case, changed: Sequence[Part] = ()) -> None:
    """Keep the next version of a case and the parts that changed; raises EditConflict, and
    TargetAlreadyRecalled where another case has what it now aims at."""
    document = case_document(case)
    update: Document = {"$set": document}
    if "open_key" not in document:
        update["$unset"] = {"open_key": ""}
    before = {"_id": case.id, "version": case.version - 1}
    try:
        result = await tx.collection(CASES).update_one(before, update)
    except DuplicateKeyError as error:
        # A correction may aim where another case of its kind is open.
        raise TargetAlreadyRecalled("target") from error
    if not result.matched_count:
        raise EditConflict()
    await _put_parts(tx, case, changed)


async def _put_parts(tx: Tx, case: Case, parts: Sequence[Part]) -> None:
    notices = tx.collection(NOTICES)
    new = [part_document(case.id, part) for part in parts if part.version == 1]
    if new:
        await notices.insert_many(new)
    for part in parts:
        if part.version > 1:
            document = part_document(case.id, part)
            await notices.replace_one({"_id": document["_id"]}, document)


async def page(
    db: Database, wanted: Document, *, text: str, skip: int, size: int, order: str
) -> tuple[list[Summary], int]:
    """Cases that fit, newest first by `order`, and how many fit in all."""
    if text:
        wanted = {**wanted, "search": containing(fold(text))}
    collection = db.collection(CASES)
    total = await collection.count_documents(wanted)
    cursor = collection.find(wanted).sort([(order, DESCENDING), ("_id", DESCENDING)])
    return [_summary(row) async for row in cursor.skip(skip).limit(size)], total


async def running_at(db: Database, facility_id: str) -> list[Case]:
    """Ordered cases of goods that this facility made or was sent, oldest first, without parts."""
    wanted: Document = {"state": str(State.ORDERED), "places.facility_id": facility_id}
    cursor = db.collection(CASES).find(wanted).sort("ordered_at", ASCENDING)
    return [case_of(row, []) async for row in cursor]


async def counts_by_state(db: Database, wanted: Document) -> dict[str, int]:
    pipeline: list[Document] = [
        {"$match": wanted},
        {"$group": {"_id": "$state", "cases": {"$sum": 1}}},
    ]
    return {
        row["_id"]: row["cases"] async for row in await db.collection(CASES).aggregate(pipeline)
    }


def _summary(row: Document) -> Summary:
    return Summary(case=case_of(row, []), facilities=len(row["places"]))


def scope_of(place: Place) -> Scope:
    return Scope(place.facility_id, place.commune, place.sector)


async def touched_by(tx: Tx, lots: Sequence[Lot]) -> dict[str, set[str]]:
    """Standing cases that newly told lots belong to: by case, those lots.

    A lot belongs to a case if the target itself means it, or if it was made from a lot in scope.
    """
    found: dict[str, set[str]] = {}
    wanted = {"standing": True, "target.id": {"$in": sorted(_meant_by(lots))}}
    async for document in tx.collection(CASES).find(wanted, {"target": 1}):
        target = target_of(document["target"])
        named = {lot.id for lot in await _lying_in(tx, target.within, lots) if target.names(lot)}
        if named:
            found.setdefault(document["_id"], set()).update(named)
    made_from: dict[str, set[str]] = {}
    for lot in lots:
        for made in lot.inputs:
            made_from.setdefault(made, set()).add(lot.id)
    for case_id, affected in (await standing_over(tx, made_from)).items():
        for lot_id in affected:
            found.setdefault(case_id, set()).update(made_from[lot_id])
    return found


def _meant_by(lots: Sequence[Lot]) -> set[str]:
    """The ids of all targets that may mean one of these lots by itself."""
    of_each = ((lot.id, lot.product_id, lot.facility_id, lot.growing_area_id) for lot in lots)
    names = (name for lot in lots for use in lot.used for name in use.names)
    return {one for ids in of_each for one in ids if one} | set(names)


async def _lying_in(tx: Tx, within: Within | None, lots: Sequence[Lot]) -> Sequence[Lot]:
    """The lots whose makers lie in the area, as far as it is known where they are."""
    if within is None or within.is_everything:
        return lots
    makers = await facts.facilities(tx, {lot.facility_id for lot in lots})
    places = {id_: (it.commune, it.sector) for id_, it in makers.items()}
    return [
        lot for lot in lots if within.holds(lot.facility_id, *places.get(lot.facility_id, NOWHERE))
    ]


async def of_inputs(tx: Tx) -> list[Target]:
    """What the standing cases about an input mean, where they speak for a part of the province."""
    wanted = {"standing": True, "target.kind": str(TargetKind.INPUT)}
    found = [
        target_of(row["target"]) async for row in tx.collection(CASES).find(wanted, {"target": 1})
    ]
    return [one for one in found if one.within is not None and not one.within.is_everything]


async def standing_over(reader: Reader, lots: Iterable[str]) -> dict[str, set[str]]:
    """By case, which of these lots its active notices name."""
    wanted = set(lots)
    found: dict[str, set[str]] = {}
    async for part in each(reader, NOTICES, wanted, field="lots", also={"active": True}):
        found.setdefault(part["case"], set()).update(wanted.intersection(part["lots"]))
    return found


async def standing_among(reader: Reader, lots: Sequence[str]) -> dict[str, set[str]]:
    """As `standing_over`, of very many lots: then the notices are looked through, not the lots."""
    if len(lots) <= FEW_LOTS:
        return await standing_over(reader, lots)
    wanted = set(lots)
    found: dict[str, set[str]] = {}
    async for part in reader.collection(NOTICES).find({"active": True}, {"case": 1, "lots": 1}):
        if named := wanted.intersection(part["lots"]):
            found.setdefault(part["case"], set()).update(named)
    return found
