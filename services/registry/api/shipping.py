"""Shipments between facilities, abroad, and to consumers."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from services.registry import links
from services.registry.actions import returning, shipping
from services.registry.api.bodies import Because
from services.registry.api.entering import facility_of
from services.registry.api.views import RecordId
from services.registry.domain.shipment import Shipment
from services.registry.fields.shipments import (
    ReceiveFields,
    ReturnFields,
    ShipmentFields,
)
from services.registry.store import shipments
from services.registry.store.shipments import Waiting
from shared.auth import require
from shared.ids import new_id, now
from shared.mongo import Database
from shared.once import once
from shared.web.context import web
from shared.web.fields import Input
from shared.web.idempotency import IdempotencyKey
from shared.web.session import ApiPrincipal

router = APIRouter()


class LineView(BaseModel):
    lot_id: str
    quantity: Decimal
    unit: str
    received: Decimal | None
    reason: str


class PositionView(BaseModel):
    at: datetime
    place: str
    latitude: float | None
    longitude: float | None
    temperature: Decimal | None


class LinkBody(Input):
    """Whether there is to be a link; the ones given before are worthless either way."""

    open: bool = True


class LinkView(BaseModel):
    """The transporter's link, for whoever carries the goods; "" where there is none."""

    address: str
    until: datetime | None


class ReturnedView(BaseModel):
    lot_id: str
    quantity: Decimal
    at: datetime
    reason: str


class ShipmentView(BaseModel):
    """`handed_over_to` is the name that the transporter wrote down.

    `declared`: recorded by the receiver alone; `disowned`: why the sender says it never sent it,
    `acknowledged_at`: when the sender said that it did. `answered_by`: who gave the sender's word,
    "" nobody yet; `answered_for_sender`: an official did, `answer_basis` is what it rests on.
    """

    id: str
    code: str
    version: int
    end: str
    status: str
    from_facility_id: str
    to_facility_id: str
    country: str
    documents: str
    carrier: str
    vehicle: str
    planned_pickup: datetime | None
    planned_delivery: datetime | None
    lines: list[LineView]
    picked_up_at: datetime | None
    positions: list[PositionView]
    handed_over_at: datetime | None
    handed_over_to: str
    received_at: datetime | None
    reason: str
    declared: bool
    disowned: str
    acknowledged_at: datetime | None
    answered_by: str
    answered_for_sender: bool
    answer_basis: str
    returned: list[ReturnedView]

    @classmethod
    def of(cls, one: Shipment) -> "ShipmentView":
        given, word = one.handed_over, one.answered_by
        return cls(
            id=one.id,
            code=one.code,
            version=one.version,
            end=one.end.value,
            status=one.status.value,
            from_facility_id=one.sender.facility_id,
            to_facility_id=one.receiver.facility_id if one.receiver else "",
            country=one.country,
            documents=one.documents,
            carrier=one.carrier,
            vehicle=one.vehicle,
            planned_pickup=one.planned_pickup,
            planned_delivery=one.planned_delivery,
            lines=[LineView.model_validate(line, from_attributes=True) for line in one.lines],
            picked_up_at=one.sent_at,
            positions=[
                PositionView.model_validate(where, from_attributes=True) for where in one.positions
            ],
            handed_over_at=given.at if given else None,
            handed_over_to=given.name if given else "",
            received_at=one.received_at,
            reason=one.reason,
            declared=one.declared,
            disowned=one.disowned,
            acknowledged_at=one.acknowledged_at,
            answered_by=word.name if word else "",
            answered_for_sender=word is not None and not word.facility_id,
            answer_basis=one.answer_basis,
            returned=[
                ReturnedView.model_validate(back, from_attributes=True) for back in one.returned
            ],
        )


class ShipmentsView(BaseModel):
    total: int
    page: int
    size: int
    items: list[ShipmentView]


@router.post("/shipments", status_code=201)
async def send(
    body: ShipmentFields, who: ApiPrincipal, request: Request, key: IdempotencyKey = None
) -> ShipmentView:
    """Reserve the quantities and announce the shipment; a sale to consumers is over with that."""
    return ShipmentView.of(
        await shipping.send(
            body.wanted(facility_of(who, body.facility_id)),
            shipment_id=new_id(),
            who=who,
            now=now(),
            db=request.app.state.db,
            once=once(who, key, "shipment", body),
        )
    )


@router.get("/shipments")
async def list_shipments(
    who: ApiPrincipal,
    request: Request,
    waiting: Literal["", "arriving", "answer"] = "",
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> ShipmentsView:
    """Those to and from the facilities in scope, 20 a page, newest change first.

    `arriving`: the receiver has not counted them; `answer`: the receiver recorded them, and the
    sender has not said whether it sent them.
    """
    require(who, shipping.READ)
    db: Database = request.app.state.db
    only = {"arriving": Waiting.ARRIVING, "answer": Waiting.ANSWER}.get(waiting)
    found = await shipments.in_scope(db, who, waiting=only, page=page)
    return ShipmentsView(
        total=await shipments.count(db, who, waiting=only),
        page=page,
        size=shipments.PAGE_SIZE,
        items=[ShipmentView.of(one) for one in found],
    )


@router.get("/shipments/{shipment_id}")
async def read(shipment_id: RecordId, who: ApiPrincipal, request: Request) -> ShipmentView:
    return ShipmentView.of(await shipping.read(shipment_id, who=who, db=request.app.state.db))


@router.post("/shipments/{shipment_id}/receive")
async def receive(
    shipment_id: RecordId, body: ReceiveFields, who: ApiPrincipal, request: Request
) -> ShipmentView:
    """The receiver's count; a quantity that differs needs its reason. The same `id` counts once."""
    return ShipmentView.of(
        await shipping.receive(
            shipment_id,
            form_id=body.id,
            counted=body.by_lot(),
            at=body.at,
            who=who,
            now=now(),
            db=request.app.state.db,
        )
    )


@router.post("/shipments/{shipment_id}/cancel")
async def cancel(
    shipment_id: RecordId, body: Because, who: ApiPrincipal, request: Request
) -> ShipmentView:
    """Before it sets off."""
    return ShipmentView.of(
        await shipping.cancel(
            shipment_id, reason=body.reason, who=who, now=now(), db=request.app.state.db
        )
    )


@router.post("/shipments/{shipment_id}/returns", status_code=201)
async def take_back(
    shipment_id: RecordId, body: ReturnFields, who: ApiPrincipal, request: Request
) -> ShipmentView:
    """Goods that came back to the sender; they are the sender's to use again."""
    return ShipmentView.of(
        await returning.take_back(
            shipment_id,
            form_id=body.id,
            quantities=body.by_lot(),
            at=body.at,
            reason=body.reason,
            who=who,
            now=now(),
            db=request.app.state.db,
        )
    )


@router.post("/shipments/{shipment_id}/link")
async def link(
    shipment_id: RecordId, body: LinkBody, who: ApiPrincipal, request: Request
) -> LinkView:
    """A new link for the transporter, to be sent to nobody else."""
    shipment = await shipping.renew_link(
        shipment_id, open_=body.open, who=who, now=now(), db=request.app.state.db
    )
    origin = web(request).settings.public_origin.rstrip("/")
    address = origin + links.address(web(request).keys.csrf, shipment) if body.open else ""
    return LinkView(address=address, until=shipment.link_until)
