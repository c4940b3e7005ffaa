"""A lot as whoever received it may read it: what consumers read, and the chain before it (R23)."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from services.registry.actions import genealogy, received
from services.registry.inputs import Id
from services.registry.pages.movement import goods
from services.registry.pages.showing import show
from services.registry.store import facts
from services.registry.store.genealogy import product_names
from shared.mongo import Database
from shared.web.paging import Paging
from shared.web.session import PagePrincipal

router = APIRouter(prefix="/console/registry/received/{lot_id}", include_in_schema=False)
PAGE_SIZE = 10


@router.get("")
async def read(request: Request, who: PagePrincipal, lot_id: Id) -> Response:
    """The nearest origins first; a facility's own lot has a page of its own."""
    db: Database = request.app.state.db
    lot = await received.lot_of(db, lot_id)
    if received.is_own(lot, who):
        return RedirectResponse(f"/console/registry/lots/{lot_id}", 303)
    came = await received.of(db, lot, who=who)
    family = await genealogy.family(lot_id, who=who, db=db)
    paging = Paging.of(request, len(family.before), size=PAGE_SIZE)
    places = family.before[paging.skip : paging.skip + paging.size]
    before = await genealogy.told(db, family, places, who)
    ids = [lot_id, *(one.id for one in before)]
    passports = await received.passports(db, ids, named=family.named)
    passports[lot_id] = came.passport(passports[lot_id])
    return show(
        request,
        "console/received.html",
        lot=lot,
        came=came,
        family=family,
        before=before,
        made=await genealogy.told(db, family, family.after[:PAGE_SIZE], who),
        passports=passports,
        names=await product_names(db, {one.product_id for one in passports.values()}),
        areas=await received.areas(db, passports.values()),
        notices=await _notices(db, lot),
        recalled=await _recalled(db, list(passports)),
        paging=paging,
        **goods.labels(),
    )


async def _notices(db: Database, lot: Any) -> list[facts.Notice]:
    return await facts.notices(
        db,
        lots=[lot.id],
        products=[lot.shown.product_id],
        facilities=[lot.owner.facility_id],
    )


async def _recalled(db: Database, ids: list[str]) -> frozenset[str]:
    touched = await facts.notices(db, lots=ids)
    return frozenset().union(*(one.lots for one in touched if one.kind != "warning"))
