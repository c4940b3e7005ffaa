"""What pages and the API read of designs, and how a design looks when it is drawn."""

from typing import Any

from services.stamps import logos
from services.stamps.actions.designs import scope_of
from services.stamps.domain.designs import Design, Face, Revision
from services.stamps.printing.looks import Look
from services.stamps.store import designs, facts
from shared.auth import Principal, area_filter, require
from shared.mongo import Database


async def seen_by(who: Principal, *, db: Database, page: int = 1) -> tuple[list[Design], int]:
    """The designs in the asker's scope, and what authorities approved for all; newest first."""
    require(who, "stamps.read")
    for_all: dict[str, Any] = {"facility_id": "", "revision": {"$gt": 0}}
    if who.facility_id is not None:
        return await designs.find(
            db, {"$or": [{"facility_id": who.facility_id}, for_all]}, page=page
        )
    area = area_filter(who)
    if not area:
        return await designs.find(db, {}, page=page)
    mine: list[dict[str, Any]] = [
        {"facility_id": {"$in": await facts.facilities_in(db, area)}},
        for_all,
    ]
    if "*" in who.communes:
        mine.append({"facility_id": "", "sector": who.sector})
    return await designs.find(db, {"$or": mine}, page=page)


async def design_seen_by(who: Principal, design_id: str, *, db: Database) -> Design:
    """A design in the asker's scope, or one for all that may be printed with."""
    design = await designs.get(db, design_id)
    if not design.facility_id and design.revision:
        require(who, "stamps.read")
    else:
        require(who, "stamps.read", await scope_of(db, design))
    return design


async def may(who: Principal, action: str, design: Design, *, db: Database) -> bool:
    return who.may(action) and who.covers(action, await scope_of(db, design))


async def revisions_of(design: Design, *, db: Database) -> list[Revision]:
    return await designs.revisions_of(db, design.id)


async def printable_by(facility_id: str, *, db: Database) -> list[Design]:
    return await designs.printable_by(db, facility_id)


async def look_of(face: Face, facility_id: str, *, db: Database) -> Look:
    """The background is drawn from the facility that prints: each has a pattern of its own."""
    logo = logos.picture(await designs.logo(db, face.logo)) if face.logo else None
    return Look(face.pattern, face.tint, face.ink, face.caption, facility_id, logo)


async def name_of(revision: str, *, db: Database) -> str:
    """What the design of a revision ("<design>/<revision>") is called; "" for none."""
    if not revision:
        return ""
    design_id, _, number = revision.partition("/")
    return f"{(await designs.get(db, design_id)).name} · {number}"
