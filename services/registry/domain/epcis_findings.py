"""Laboratory results, recalls and destruction as EPCIS 2.0 events."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, time

from services.registry.domain.epcis import Event, Goods, Names, amount, begun
from services.registry.domain.testing import TestResult, Verdict
from shared.days import VIETNAM

_TOLD = ("parameter", "method", "value", "unit", "limit", "laboratory", "accreditation", "sample")


@dataclass(frozen=True, slots=True)
class Ordered:
    """A notice that names the lot: recall, withdrawal or warning."""

    case_id: str
    kind: str
    title: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Handled:
    """How a case ended; `handling` is correct, change_use, re_export, destroy, "" of a warning."""

    case_id: str
    handling: str
    recovered: str
    finding: str
    at: datetime


def of_tests(results: Iterable[TestResult], goods: Goods, names: Names) -> list[Event]:
    """Each result as an inspection on the day of the sample; told whether approved or not."""
    events = []
    for one in results:
        at = datetime.combine(one.sampled_on, time(), VIETNAM)
        event = begun("ObjectEvent", f"{one.id}/test", at, one.decided_at or one.entered_at)
        event |= {
            "action": "OBSERVE",
            "bizStep": "inspecting",
            "disposition": "conformant" if one.verdict is Verdict.PASSED else "non_conformant",
            "quantityList": [amount(names.goods(goods), None, "")],
            "bizLocation": {"id": names.facility(one.owner.facility_id)},
            "txng:decision": one.standing.value,
        }
        told = ((name, getattr(one, name)) for name in _TOLD)
        events.append(event | {f"txng:{name}": text for name, text in told if text})
    return events


def of_recalls(
    ordered: Collection[Ordered], handled: Iterable[Handled], goods: Goods, names: Names
) -> list[Event]:
    """The lot recalled; and destroyed, where that is how the case was closed."""
    events = []
    for notice in ordered:
        event = _of_case(notice.case_id, "recall", notice.at, goods, names)
        event |= {"action": "OBSERVE", "bizStep": "holding", "txng:kind": notice.kind}
        if notice.kind != "warning":
            event["disposition"] = "recalled"
        events.append(event | {"txng:title": notice.title, "txng:reason": notice.reason})
    warnings = {notice.case_id for notice in ordered if notice.kind == "warning"}
    for end in handled:
        if end.handling == "destroy" and end.case_id not in warnings:
            event = _of_case(end.case_id, "destroy", end.at, goods, names)
            event |= {"action": "DELETE", "bizStep": "destroying", "disposition": "destroyed"}
            event["txng:finding"] = end.finding
            events.append(event | ({"txng:recovered": end.recovered} if end.recovered else {}))
    return events


def _of_case(case_id: str, what: str, at: datetime, goods: Goods, names: Names) -> Event:
    event = begun("ObjectEvent", f"{case_id}/{what}/{goods.lot_id}", at, at)
    event["quantityList"] = [amount(names.goods(goods), None, "")]
    event["txng:case"] = f"{names.origin}/recalls/{case_id}"
    return event
