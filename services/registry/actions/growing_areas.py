"""Growing and farming areas: entered, edited; and what their publication brings about."""

from datetime import datetime
from typing import Any

from services.registry.actions.entering import Entered, edit, enter
from services.registry.actions.rights import author, require_for
from services.registry.domain.codes import AREA_PREFIX, compact
from services.registry.domain.geometry import OVERLAP_TOLERANCE, BoundaryOverlaps, overlap
from services.registry.domain.growing_area import AreaCodeTaken, GrowingArea
from services.registry.domain.product import FacilityNotPublished
from services.registry.domain.records import Aggregate, Record, entered
from services.registry.passports import growing_area_passport
from services.registry.store import areas, records
from shared.auth import Principal
from shared.messaging import outbox
from shared.mongo import Database, Tx
from shared.once import Once


async def enter_growing_area(
    content: GrowingArea,
    *,
    record_id: str,
    who: Principal,
    now: datetime,
    db: Database,
    once: Once | None = None,
) -> Entered:
    async def make(tx: Tx) -> Record[Any]:
        facility = await records.get(tx, Aggregate.FACILITY, content.facility_id)
        record = entered(
            Aggregate.GROWING_AREA,
            content.checked(),
            record_id=record_id,
            code=await records.free_code(tx, Aggregate.GROWING_AREA, AREA_PREFIX),
            owner=facility.owner,
            by=author(who),
            now=now,
        )
        require_for(who, "growing_area.enter", record)
        return record

    return await enter(Aggregate.GROWING_AREA, make, who=who, now=now, db=db, once=once)


async def edit_growing_area(
    record_id: str,
    content: GrowingArea,
    *,
    version: int,
    who: Principal,
    now: datetime,
    db: Database,
) -> Record[Any]:
    async def change(_: Tx, before: Record[Any]) -> GrowingArea:
        return content.of(before.owner.facility_id).checked()

    return await edit(
        Aggregate.GROWING_AREA, record_id, change, version=version, who=who, now=now, db=db
    )


async def ready(tx: Tx, record: Record[Any], _: datetime) -> None:
    """Its facility operates, and no stranger's area carries its code."""
    record.owner.must_operate()
    it: GrowingArea = record.content
    if it.code and await records.claimed(tx, record, compact(it.code)):
        raise AreaCodeTaken("code", area_code=it.code)
    if it.boundary:
        await _check_overlap(tx, record.id, it)


async def _check_overlap(tx: Tx, area_id: str, it: GrowingArea) -> None:
    """No ground is counted twice, as the yield of two areas."""
    for other in await areas.near(tx, it.boundary, but=area_id):
        if other.published is None:
            continue
        share = overlap(it.boundary, other.published.boundary)
        if share > OVERLAP_TOLERANCE:
            raise BoundaryOverlaps(
                "points",
                name=other.published.name,
                area_code=other.published.code or other.code,
                share=round(share * 100),
            )


async def published(tx: Tx, record: Record[Any]) -> Record[Any]:
    facility = await records.get(tx, Aggregate.FACILITY, record.owner.facility_id)
    if facility.published is None:
        raise FacilityNotPublished()
    await outbox.append(tx, growing_area_passport(record))
    return record
