"""A lot's events as an EPCIS 2.0 file, for whoever reads the lot or received it (R20, R72)."""

import json
from collections.abc import AsyncIterator

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from services.registry.actions import received, received_events, tracing
from services.registry.actions.received_events import Opened
from services.registry.domain import epcis
from services.registry.domain.epcis import MEDIA_TYPE, VERSIONS
from services.registry.inputs import Id
from shared.auth import Principal
from shared.ids import now
from shared.mongo import Database
from shared.web.context import web
from shared.web.session import PagePrincipal

router = APIRouter(prefix="/console/registry/lots", include_in_schema=False)


@router.get("/{lot_id}/epcis.json")
async def events(request: Request, who: PagePrincipal, lot_id: Id) -> Response:
    """All that is recorded of one's own lot; of a received one what its receiver may read, with
    every origin there is, nearest first."""
    db: Database = request.app.state.db
    lot = await received.lot_of(db, lot_id)
    origin = web(request).settings.public_origin
    name = {"Content-Disposition": f'attachment; filename="epcis-{lot_id}.json"'}
    headers = {**VERSIONS, **name}
    if received.is_own(lot, who):
        told = await tracing.events_of(lot_id, origin=origin, who=who, now=now(), db=db)
        return JSONResponse(told, media_type=MEDIA_TYPE, headers=headers)
    found = await received_events.opened(lot_id, origin=origin, who=who, db=db)
    return StreamingResponse(_written(found, who, db), media_type=MEDIA_TYPE, headers=headers)


async def _written(found: Opened, who: Principal, db: Database) -> AsyncIterator[str]:
    """A part of the origins at a time, each in order of time. Whatever fails on the way ends the
    answer before its last brace, so that nobody takes it for the whole."""
    head, foot = epcis.around(origin=found.names.origin, created=now())
    yield head
    first = True
    async for part in received_events.all_of(found, who=who, db=db):
        for event in epcis.in_order(part):
            yield ("" if first else ",") + "\n" + json.dumps(event, ensure_ascii=False)
            first = False
    yield foot
