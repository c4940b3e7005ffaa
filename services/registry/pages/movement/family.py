"""One screen: the genealogy of a lot in both directions, as a picture and as a list (R23)."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from services.registry.actions import genealogy
from services.registry.inputs import Id
from services.registry.pages.movement.family_picture import DRAWN_A_STEP, draw
from services.registry.pages.showing import show
from services.registry.store.examinations import holding_back
from services.registry.store.facts import notices
from services.registry.store.genealogy import product_names
from shared.auth import Scope
from shared.mongo import Database
from shared.web.paging import Paging
from shared.web.session import PagePrincipal

router = APIRouter(prefix="/console/registry/lots/{record_id}/genealogy", include_in_schema=False)
PAGE_SIZE = 50


@router.get("")
async def read(
    request: Request,
    who: PagePrincipal,
    record_id: Id,
    depth: Annotated[int, Query(ge=1, le=12)] = 3,
) -> Response:
    db: Database = request.app.state.db
    found = await genealogy.family(record_id, who=who, db=db)
    paging = Paging.of(request, len(found.kin), size=PAGE_SIZE)
    here = found.kin[paging.skip : paging.skip + paging.size]
    listed = await genealogy.told(db, found, here, who)
    drawn = await genealogy.told(db, found, found.near(depth, DRAWN_A_STEP), who)
    links = {
        kin.id: f"/console/registry/lots/{kin.id}/genealogy"
        for kin in (*listed, *drawn)
        if who.covers("lot.read", Scope(kin.facility_id, kin.commune, kin.sector))
    }
    names = await product_names(db, {kin.product_id for kin in (*listed, *drawn)})
    near = [record_id, *(kin.id for kin in (*listed, *drawn))]
    touched = await notices(db, lots=near)
    held = await holding_back(db, near)
    recalled = frozenset().union(*(one.lots for one in touched if one.kind != "warning"))
    return show(
        request,
        "console/genealogy.html",
        family=found,
        record=found.lot,
        picture=draw(found, drawn, links=links, names=names, recalled=recalled),
        depth=depth,
        deepest=found.deepest,
        drawn_a_step=DRAWN_A_STEP,
        rows=listed,
        day_of=date.fromisoformat,
        paging=paging,
        links=links,
        names=names,
        recalled=recalled,
        held=held,
    )
