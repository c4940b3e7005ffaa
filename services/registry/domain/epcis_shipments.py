"""Shipments as EPCIS 2.0 events: loading, shipping, positions, unloading, receiving, returns."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from services.registry.domain.epcis import Event, Goods, Names, amount, begun
from services.registry.domain.shipment import End, Line, Position, Returned, Shipment


def of_shipment(shipment: Shipment, goods: Mapping[str, Goods], names: Names) -> list[Event]:
    """Its way from loading to receiving, and what came back; a sale or a loss is one event.

    Of goods that their receiver recorded alone there is only its own event: nobody wrote down how
    they left. `txng:senderWord` says what the sender said of it: confirmed, waiting or denied.
    """
    back = [_return(shipment, one, goods, names) for one in shipment.returned]
    if shipment.end is End.SALE:
        return [_sale(shipment, goods, names), *back]
    if shipment.end is End.LOSS:
        return [_loss(shipment, goods, names)]
    events = []
    if shipment.picked_up is not None and not shipment.declared:
        events += _departure(shipment, shipment.picked_up, goods, names)
    events += [_position(shipment, where, goods, names) for where in shipment.positions]
    if shipment.handed_over is not None:
        events.append(_unloading(shipment, goods, names))
    if shipment.received_at is not None and shipment.receiver is not None:
        events.append(_arrival(shipment, shipment.received_at, goods, names))
    return [*events, *back]


def _departure(
    shipment: Shipment, start: Position, goods: Mapping[str, Goods], names: Names
) -> list[Event]:
    here = names.facility(shipment.sender.facility_id)
    loading = begun("AggregationEvent", f"{shipment.id}/load", start.at, shipment.updated_at)
    loading |= {
        "parentID": names.shipment(shipment),
        "childQuantityList": _lines(shipment.lines, goods, names),
        "action": "ADD",
        "bizStep": "loading",
        "disposition": "in_progress",
        "readPoint": {"id": here},
        "bizLocation": {"id": here},
    }
    shipping = _moved(shipment, "ship", start.at, goods, names)
    shipping |= {"bizStep": "shipping", "disposition": "in_transit", "readPoint": {"id": here}}
    shipping["quantityList"] = _lines(shipment.lines, goods, names)
    return [loading, shipping]


def _position(
    shipment: Shipment, where: Position, goods: Mapping[str, Goods], names: Names
) -> Event:
    event = _moved(shipment, where.id, where.at, goods, names)
    event |= {"bizStep": "transporting", "disposition": "in_transit"}
    if where.latitude is not None and where.longitude is not None:
        event["readPoint"] = {"id": f"geo:{where.latitude},{where.longitude}"}
    if where.place:
        event["txng:place"] = where.place
    if where.temperature is not None:
        event["sensorElementList"] = [
            {
                "sensorReport": [
                    {"type": "Temperature", "value": float(where.temperature), "uom": "CEL"}
                ]
            }
        ]
    return event


def _unloading(shipment: Shipment, goods: Mapping[str, Goods], names: Names) -> Event:
    assert shipment.handed_over is not None
    at = shipment.handed_over.at
    event = begun("AggregationEvent", f"{shipment.id}/unload", at, shipment.updated_at)
    event |= {
        "parentID": names.shipment(shipment),
        "childQuantityList": _lines(shipment.lines, goods, names),
        "action": "DELETE",
        "bizStep": "unloading",
        "disposition": "in_progress",
    }
    if shipment.receiver is not None:
        event["bizLocation"] = {"id": names.facility(shipment.receiver.facility_id)}
    if shipment.country:
        event["txng:exportedTo"] = shipment.country
        event["txng:exportDocuments"] = shipment.documents
    return event


def _arrival(shipment: Shipment, at: datetime, goods: Mapping[str, Goods], names: Names) -> Event:
    assert shipment.receiver is not None
    here = names.facility(shipment.receiver.facility_id)
    event = _moved(shipment, "receive", at, goods, names)
    short = any(line.received != line.quantity for line in shipment.lines)
    event |= {
        "bizStep": "receiving",
        "disposition": "mismatch_quantity" if short else "in_progress",
        "readPoint": {"id": here},
        "bizLocation": {"id": here},
        "quantityList": [
            amount(names.goods(goods[line.lot_id]), line.received, line.unit)
            for line in shipment.lines
            if line.lot_id in goods
        ],
    }
    if shipment.declared:
        waiting = "denied" if shipment.disowned else "waiting"
        event["txng:senderWord"] = "confirmed" if shipment.is_told else waiting
    return event


def _sale(shipment: Shipment, goods: Mapping[str, Goods], names: Names) -> Event:
    here = names.facility(shipment.sender.facility_id)
    at = shipment.received_at or shipment.created_at
    event = begun("ObjectEvent", f"{shipment.id}/sale", at, shipment.updated_at)
    event |= {
        "action": "OBSERVE",
        "bizStep": "retail_selling",
        "disposition": "retail_sold",
        "quantityList": _lines(shipment.lines, goods, names),
        "readPoint": {"id": here},
        "bizLocation": {"id": here},
    }
    return event


def _loss(shipment: Shipment, goods: Mapping[str, Goods], names: Names) -> Event:
    here = names.facility(shipment.sender.facility_id)
    at = shipment.received_at or shipment.created_at
    event = begun("ObjectEvent", f"{shipment.id}/loss", at, shipment.updated_at)
    event |= {
        "action": "DELETE",
        "bizStep": "destroying",
        "disposition": "destroyed",
        "quantityList": _lines(shipment.lines, goods, names),
        "readPoint": {"id": here},
        "bizLocation": {"id": here},
        "txng:reason": shipment.reason,
    }
    return event


def _return(shipment: Shipment, one: Returned, goods: Mapping[str, Goods], names: Names) -> Event:
    here = names.facility(shipment.sender.facility_id)
    key = f"{shipment.id}/{one.id}/{one.lot_id}"
    event = begun("ObjectEvent", key, one.at, shipment.updated_at)
    unit = next(line.unit for line in shipment.lines if line.lot_id == one.lot_id)
    event |= {
        "action": "OBSERVE",
        "bizStep": "receiving",
        "disposition": "returned",
        "quantityList": [amount(names.goods(goods[one.lot_id]), one.quantity, unit)]
        if one.lot_id in goods
        else [],
        "readPoint": {"id": here},
        "bizLocation": {"id": here},
        "bizTransactionList": [{"type": "desadv", "bizTransaction": names.shipment(shipment)}],
        "txng:reason": one.reason,
    }
    return event


def _moved(
    shipment: Shipment, key: str, at: datetime, goods: Mapping[str, Goods], names: Names
) -> Event:
    event = begun("ObjectEvent", f"{shipment.id}/{key}", at, shipment.updated_at)
    sender = names.facility(shipment.sender.facility_id)
    event |= {
        "action": "OBSERVE",
        "quantityList": [
            {"epcClass": names.goods(goods[line.lot_id])}
            for line in shipment.lines
            if line.lot_id in goods
        ],
        "bizTransactionList": [{"type": "desadv", "bizTransaction": names.shipment(shipment)}],
        "sourceList": [{"type": "possessing_party", "source": sender}],
    }
    if shipment.receiver is not None:
        to = names.facility(shipment.receiver.facility_id)
        event["destinationList"] = [{"type": "possessing_party", "destination": to}]
    return event


def _lines(lines: Sequence[Line], goods: Mapping[str, Goods], names: Names) -> list[dict[str, Any]]:
    return [
        amount(names.goods(goods[line.lot_id]), line.quantity, line.unit)
        for line in lines
        if line.lot_id in goods
    ]
