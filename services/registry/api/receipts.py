"""Goods that came without a shipment, recorded by their receiver; the sender's word on it."""

from fastapi import APIRouter, Request

from services.registry.actions import receipts
from services.registry.api.bodies import Because
from services.registry.api.entering import facility_of
from services.registry.api.shipping import ShipmentView
from services.registry.api.views import RecordId
from services.registry.fields.shipments import Basis, ReceiptFields
from services.registry.inputs import OptionalId
from shared.ids import new_id, now
from shared.once import once
from shared.web.fields import Input
from shared.web.idempotency import IdempotencyKey
from shared.web.session import ApiPrincipal

router = APIRouter()


class ReceiptBody(ReceiptFields):
    facility_id: OptionalId = ""


class WordBody(Input):
    """`basis`: what an official's word for the sender rests on; the sender leaves it out."""

    basis: Basis = ""


NOTHING_MORE = WordBody()


class DisownBody(Because, WordBody):
    """Why the sender says that it never sent that."""


@router.post("/receipts", status_code=201)
async def record(
    body: ReceiptBody, who: ApiPrincipal, request: Request, key: IdempotencyKey = None
) -> ShipmentView:
    """Goods that came without a shipment here, as their receiver counted them.

    They are taken from what the sender has; what diaries used of them already is counted off.
    """
    return ShipmentView.of(
        await receipts.record(
            body.receipt(facility_of(who, body.facility_id)),
            shipment_id=new_id(),
            who=who,
            now=now(),
            db=request.app.state.db,
            once=once(who, key, "receipt", body),
        )
    )


@router.post("/shipments/{shipment_id}/acknowledge")
async def acknowledge(
    shipment_id: RecordId, who: ApiPrincipal, request: Request, body: WordBody = NOTHING_MORE
) -> ShipmentView:
    """The sender's word that it did send what a receipt says; the receiver may read its chain.

    By the sender's own account; or, with its basis, by an official who did not record the receipt.
    """
    return ShipmentView.of(
        await receipts.acknowledge(
            shipment_id, basis=body.basis, who=who, now=now(), db=request.app.state.db
        )
    )


@router.post("/shipments/{shipment_id}/disown")
async def disown(
    shipment_id: RecordId, body: DisownBody, who: ApiPrincipal, request: Request
) -> ShipmentView:
    """The sender's word that it never sent what a receipt says; officials settle it."""
    return ShipmentView.of(
        await receipts.disown(
            shipment_id,
            reason=body.reason,
            basis=body.basis,
            who=who,
            now=now(),
            db=request.app.state.db,
        )
    )
