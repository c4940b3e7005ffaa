"""What whoever has goods does with them, as EPCIS 2.0 events."""

from collections.abc import Iterable

from services.registry.domain.epcis import Event, Goods, Names, amount, begun
from services.registry.domain.keeping import TOLD_AS, Keeping


def of_keepings(kept: Iterable[Keeping], goods: Goods, names: Names) -> list[Event]:
    """One observation each; what was struck did not happen."""
    return [_of_keeping(one, goods, names) for one in kept if not one.struck]


def _of_keeping(one: Keeping, goods: Goods, names: Names) -> Event:
    step, disposition = TOLD_AS[one.work]
    event = begun("ObjectEvent", f"keeping/{one.id}", one.at, one.recorded_at)
    event |= {
        "action": "OBSERVE",
        "bizStep": step,
        "disposition": disposition,
        "quantityList": [amount(names.goods(goods), one.quantity, one.unit)],
        "readPoint": {"id": names.place(one.facility_id, "", one.place)},
        "bizLocation": {"id": names.facility(one.facility_id)},
    }
    if one.temperature is not None:
        report = {"type": "Temperature", "value": float(one.temperature), "uom": "CEL"}
        event["sensorElementList"] = [{"sensorReport": [report]}]
    if one.note:
        event["txng:note"] = one.note
    return event
