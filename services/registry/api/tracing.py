"""A lot's trace events as EPCIS 2.0 JSON-LD."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from services.registry.actions import tracing
from services.registry.api.views import RecordId
from services.registry.domain.epcis import MEDIA_TYPE, VERSIONS
from shared.ids import now
from shared.web.context import web
from shared.web.session import ApiPrincipal

router = APIRouter()


@router.get("/lots/{record_id}/events")
async def read_events(record_id: RecordId, who: ApiPrincipal, request: Request) -> JSONResponse:
    """An EPCIS document: diary, transformations, shipments, tests and recalls, oldest first."""
    found = await tracing.events_of(
        record_id,
        origin=web(request).settings.public_origin,
        who=who,
        now=now(),
        db=request.app.state.db,
    )
    return JSONResponse(found, media_type=MEDIA_TYPE, headers=VERSIONS)
