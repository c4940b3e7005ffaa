"""Records that rows of an import may be about: by code, by number, by place."""

from collections.abc import Iterable
from typing import Any

from services.registry.domain.codes import compact
from services.registry.domain.likeness import Known, known
from services.registry.domain.records import Aggregate
from services.registry.store.codec import COLLECTIONS, AnyRecord, from_document
from services.registry.store.lists import in_scope
from shared.auth import Principal
from shared.mongo import Database, Document
from shared.tax_number import is_personal_number

_CONTENT = {"draft": 1, "published": 1, "code": 1}
_MOST = 50_000


async def by_code(
    db: Database, aggregate: Aggregate, who: Principal, codes: Iterable[str]
) -> dict[str, AnyRecord]:
    """Those in scope, by their identification code."""
    found = await _records(db, aggregate, who, {"code": {"$in": list(codes)}})
    return {record.code: record for record in found}


async def by_number(
    db: Database, aggregate: Aggregate, who: Principal, field: str, numbers: Iterable[str]
) -> dict[str, AnyRecord]:
    """Those in scope, by a number that belongs to one: a tax number, a GTIN."""
    found = await _records(db, aggregate, who, {"derived.words": {"$in": list(numbers)}})
    return {
        number: record for record in found if (number := str(getattr(record.content, field, "")))
    }


async def with_tax_number(db: Database, who: Principal, number: str) -> list[AnyRecord]:
    """All facilities in scope that carry it."""
    found = await _records(db, Aggregate.FACILITY, who, {"derived.words": number})
    return [one for one in found if one.content.tax_number == number]


async def public_elsewhere(
    db: Database, who: Principal, numbers: Iterable[str]
) -> dict[str, AnyRecord]:
    """Published facilities beyond the asker's scope, by the tax number that their page shows."""
    asked = [number for number in numbers if not is_personal_number(number)]
    if not asked:
        return {}
    public = {"derived.words": {"$in": asked}, "derived.listed": True, "owner.active": True}
    rows = db.collection(COLLECTIONS[Aggregate.FACILITY])
    cursor = rows.find({"$and": [public, {"$nor": [in_scope(who)]}]}).limit(_MOST)
    found = [from_document(Aggregate.FACILITY, row) async for row in cursor]
    return {one.shown.tax_number: one for one in found if one.shown.tax_number in asked}


async def by_area_code(db: Database, who: Principal, codes: Iterable[str]) -> dict[str, AnyRecord]:
    """Published areas in scope by their official code, however it is spelled."""
    wanted = {"derived.claim": {"$in": list(codes)}}
    found = await _records(db, Aggregate.GROWING_AREA, who, wanted)
    return {compact(one.shown.code): one for one in found}


async def by_id(
    db: Database, aggregate: Aggregate, who: Principal, ids: Iterable[str]
) -> dict[str, AnyRecord]:
    found = await _records(db, aggregate, who, {"_id": {"$in": list(ids)}})
    return {record.id: record for record in found}


async def facilities_in(db: Database, who: Principal, commune: str) -> list[Known]:
    """All facilities of a commune that the account may know of, for comparing names."""
    return await _known(db, Aggregate.FACILITY, who, {"owner.commune": commune})


async def records_of(
    db: Database, aggregate: Aggregate, who: Principal, facility_id: str
) -> list[Known]:
    """All products or areas of a facility, for comparing names."""
    return await _known(db, aggregate, who, {"owner.facility_id": facility_id})


async def _records(
    db: Database, aggregate: Aggregate, who: Principal, wanted: Document
) -> list[AnyRecord]:
    rows = db.collection(COLLECTIONS[aggregate])
    cursor = rows.find({"$and": [in_scope(who), wanted]}).limit(_MOST)
    return [from_document(aggregate, row) async for row in cursor]


async def _known(
    db: Database, aggregate: Aggregate, who: Principal, wanted: Document
) -> list[Known]:
    rows = db.collection(COLLECTIONS[aggregate])
    cursor = rows.find({"$and": [in_scope(who), wanted]}, _CONTENT).limit(_MOST)
    return [_of(row) async for row in cursor]


def _of(row: Document) -> Known:
    it: dict[str, Any] = row["draft"] or row["published"]
    return known(
        row["_id"], row["code"], it["name"], it.get("address", ""), it.get("tax_number", "")
    )


async def lots_of(
    db: Database, who: Principal, facilities: Iterable[str], codes: Iterable[str]
) -> dict[tuple[str, str], AnyRecord]:
    """Lots of these facilities by facility and code in capitals."""
    wanted: Document = {
        "owner.facility_id": {"$in": sorted(facilities)},
        "derived.codes": {"$in": sorted(codes)},
    }
    found = await _records(db, Aggregate.LOT, who, wanted)
    return {(one.owner.facility_id, one.content.code.upper()): one for one in found}


async def published_of(
    db: Database, aggregate: Aggregate, who: Principal, facilities: Iterable[str]
) -> dict[str, list[AnyRecord]]:
    """What these facilities have published of a kind, by facility."""
    wanted: Document = {
        "owner.facility_id": {"$in": sorted(facilities)},
        "published": {"$ne": None},
    }
    found: dict[str, list[AnyRecord]] = {}
    for one in await _records(db, aggregate, who, wanted):
        if one.is_public:
            found.setdefault(one.owner.facility_id, []).append(one)
    return found
