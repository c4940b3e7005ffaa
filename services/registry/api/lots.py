"""Diary entries of a lot."""

from fastapi import APIRouter, Request

from services.registry.actions import lots
from services.registry.api.bodies import NewEntry, Step
from services.registry.api.views import RecordId, RecordView
from shared.ids import now
from shared.web.idempotency import IdempotencyKey
from shared.web.session import ApiPrincipal

router = APIRouter()


@router.post("/lots/{record_id}/entries", status_code=201)
async def add_entry(
    record_id: RecordId,
    body: NewEntry,
    who: ApiPrincipal,
    request: Request,
    key: IdempotencyKey = None,
) -> RecordView:
    """One more entry; with the same `id` or the same Idempotency-Key it is entered once."""
    record = await lots.add_entry(
        record_id,
        body.named(who, key),
        version=body.version,
        who=who,
        now=now(),
        db=request.app.state.db,
    )
    return RecordView.of(record)


@router.post("/lots/{record_id}/entries/{entry_id}/remove")
async def remove_entry(
    record_id: RecordId, entry_id: RecordId, body: Step, who: ApiPrincipal, request: Request
) -> RecordView:
    record = await lots.remove_entry(
        record_id,
        entry_id,
        version=body.version,
        who=who,
        now=now(),
        db=request.app.state.db,
    )
    return RecordView.of(record)
