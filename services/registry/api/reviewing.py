"""Submitting and deciding: one address for all kinds of records."""

from typing import Any

from fastapi import APIRouter, Request

from services.registry.actions import review
from services.registry.api.bodies import Decision, Submission
from services.registry.api.views import Kind, RecordId, RecordView, aggregate_of
from services.registry.domain.records import Record
from shared.ids import now
from shared.web.session import ApiPrincipal

router = APIRouter()


@router.post("/{kind:kind}/{record_id}/submit")
async def submit(
    kind: Kind, record_id: RecordId, body: Submission, who: ApiPrincipal, request: Request
) -> RecordView:
    """Hand the draft to the checkers."""
    record = await review.submit(
        aggregate_of(kind),
        record_id,
        version=body.version,
        explanation=body.explanation,
        who=who,
        now=now(),
        db=request.app.state.db,
    )
    return RecordView.of(record)


@router.post("/{kind:kind}/{record_id}/decisions")
async def decide(
    kind: Kind, record_id: RecordId, body: Decision, who: ApiPrincipal, request: Request
) -> RecordView:
    """accept (the check), publish (the approval; lots have none), or reject with a reason."""
    common: dict[str, Any] = {"version": body.version, "who": who, "now": now()}
    db = request.app.state.db
    aggregate = aggregate_of(kind)
    record: Record[Any]
    match body.decision:
        case "accept":
            record = await review.accept(
                aggregate, record_id, **common, override=body.override, db=db
            )
        case "publish":
            record = await review.publish(aggregate, record_id, **common, db=db)
        case "reject":
            record = await review.reject(aggregate, record_id, **common, reason=body.reason, db=db)
    return RecordView.of(record)
