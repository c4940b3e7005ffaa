"""A lot's events as an EPCIS 2.0 file, for whoever reads the lot or received it (R20, R72)."""

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from services.registry.actions import received, received_events, tracing
from services.registry.domain.epcis import MEDIA_TYPE, VERSIONS
from services.registry.inputs import Id
from shared.ids import now
from shared.mongo import Database
from shared.web.context import web
from shared.web.session import PagePrincipal

router = APIRouter(prefix="/console/registry/lots", include_in_schema=False)


@router.get("/{lot_id}/epcis.json")
async def events(request: Request, who: PagePrincipal, lot_id: Id) -> Response:
    """All that is recorded of one's own lot; of a received one what its receiver may read, with
    the nearest origins (the API has the others)."""
    db: Database = request.app.state.db
    lot = await received.lot_of(db, lot_id)
    origin = web(request).settings.public_origin
    if received.is_own(lot, who):
        told = await tracing.events_of(lot_id, origin=origin, who=who, now=now(), db=db)
    else:
        found = await received_events.events_of(
            lot_id, page=1, origin=origin, who=who, now=now(), db=db
        )
        told = found.document
    name = {"Content-Disposition": f'attachment; filename="epcis-{lot_id}.json"'}
    return JSONResponse(told, media_type=MEDIA_TYPE, headers={**VERSIONS, **name})
