"""A lot's trace events as EPCIS 2.0 JSON-LD."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from services.registry.actions import tracing
from services.registry.api.views import RecordId
from shared.ids import now
from shared.web.context import web
from shared.web.session import ApiPrincipal

router = APIRouter()
# GS1 EPCIS 2.0, section 12: what version of both standards an answer is written in.
HEADERS = {"GS1-EPCIS-Version": "2.0.0", "GS1-CBV-Version": "2.0.0"}


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
    return JSONResponse(found, media_type="application/ld+json", headers=HEADERS)
