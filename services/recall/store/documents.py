"""A case and its parts as MongoDB documents, and back."""

from dataclasses import asdict, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from services.recall.domain.case import Case
from services.recall.domain.reach import Part
from services.recall.domain.target import Target, TargetKind
from services.recall.domain.terms import (
    OPEN,
    STANDING,
    Closing,
    Handling,
    Kind,
    LegalBasis,
    LiftRequest,
    Official,
    Place,
    State,
    Wording,
)
from shared.contracts.recall import StampRange
from shared.mongo import Document
from shared.spelling import fold

WORDS = tuple(one.name for one in fields(Wording))


def case_document(case: Case) -> Document:
    """Everything but the parts, with the fields that lists, searches and unique indexes need."""
    wording = case.wording
    return {
        "version": case.version,
        "state": str(case.state),
        "standing": case.state in STANDING,
        "kind": str(case.kind),
        "legal_basis": str(case.legal_basis),
        "target": target_document(case.target),
        # Only while the case is open, so that the unique index lets the target be ordered again.
        **({"open_key": f"{case.kind}:{case.target.key}"} if case.state in OPEN else {}),
        **asdict(wording),
        "authority": case.authority,
        "owner": _place_document(case.owner),
        "places": [_place_document(place) for place in case.places],
        "stamps": case.stamps,
        "lots": case.lot_count,
        "parts": len(case.parts),
        "ordered_by": _official_document(case.ordered_by),
        "asked_at": case.asked_at,
        "changed_at": case.changed_at,
        "ordered_at": case.ordered_at,
        "decided_by": _official_document(case.decided_by) if case.decided_by else None,
        "lift": _lift_document(case.lift) if case.lift else None,
        "lifted_by": _official_document(case.lifted_by) if case.lifted_by else None,
        "closing": _closing_document(case.closing) if case.closing else None,
        "search": fold(
            *(wording.title, wording.title_en, wording.title_zh, wording.reason, case.authority)
        ),
    }


def case_of(document: Document, parts: list[Document]) -> Case:
    lift, closing = document["lift"], document["closing"]
    return Case(
        id=document["_id"],
        version=document["version"],
        state=State(document["state"]),
        kind=Kind(document["kind"]),
        legal_basis=LegalBasis(document["legal_basis"]),
        target=target_of(document["target"]),
        # Cases of the time before notices had Chinese lack some of it.
        wording=Wording(**{name: document[name] for name in WORDS if name in document}),
        authority=document["authority"],
        owner=_place_of(document["owner"]),
        places=tuple(_place_of(place) for place in document["places"]),
        lot_count=document["lots"],
        stamps=document["stamps"],
        ordered_by=_official_of(document["ordered_by"]),
        asked_at=document["asked_at"],
        changed_at=document["changed_at"],
        ordered_at=document["ordered_at"],
        decided_by=_official_of(document["decided_by"]) if document["decided_by"] else None,
        lift=LiftRequest(_official_of(lift["by"]), lift["reason"], lift["at"]) if lift else None,
        lifted_by=_official_of(document["lifted_by"]) if document["lifted_by"] else None,
        closing=_closing_of(closing) if closing else None,
        parts=tuple(part_of(part) for part in parts),
    )


def part_document(case_id: str, part: Part) -> Document:
    return {
        "_id": f"{case_id}/{part.number}",
        "case": case_id,
        "part": part.number,
        "version": part.version,
        "active": part.active,
        "lots": list(part.lots),
        "products": list(part.products),
        "facilities": list(part.facilities),
        "batches": list(part.batches),
        "stamps": [stamps.model_dump() for stamps in part.stamps],
    }


def part_of(document: Document) -> Part:
    return Part(
        number=document["part"],
        version=document["version"],
        active=document["active"],
        lots=tuple(document["lots"]),
        products=tuple(document["products"]),
        facilities=tuple(document["facilities"]),
        batches=tuple(document["batches"]),
        stamps=tuple(StampRange(**stamps) for stamps in document["stamps"]),
    )


def target_document(target: Target) -> Document:
    return {
        "kind": str(target.kind),
        "id": target.id,
        "first": target.first,
        "last": target.last,
        "since": target.since.isoformat() if target.since else None,
        "until": target.until.isoformat() if target.until else None,
    }


def target_of(document: Document) -> Target:
    return Target(
        kind=TargetKind(document["kind"]),
        id=document["id"],
        first=document["first"],
        last=document["last"],
        since=_day(document["since"]),
        until=_day(document["until"]),
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _official_document(who: Official) -> Document:
    return {"account_id": who.account_id, "name": who.name, "facility_id": who.facility_id}


def _official_of(document: Document) -> Official:
    return Official(document["account_id"], document["name"], document["facility_id"])


def _place_document(place: Place) -> Document:
    return {"facility_id": place.facility_id, "commune": place.commune, "sector": place.sector}


def _place_of(document: Document) -> Place:
    return Place(document["facility_id"], document["commune"], document["sector"])


def _lift_document(lift: LiftRequest) -> Document:
    return {"by": _official_document(lift.requested_by), "reason": lift.reason, "at": lift.at}


def _closing_document(closing: Closing) -> Document:
    return {
        "finding": closing.finding,
        "handling": str(closing.handling),
        "recovered": None if closing.recovered is None else str(closing.recovered),
        "unit": closing.unit,
        "by": _official_document(closing.by),
        "at": closing.at,
    }


def _closing_of(document: Document) -> Closing:
    recovered: Any = document["recovered"]
    at: datetime = document["at"]
    return Closing(
        finding=document["finding"],
        handling=Handling(document["handling"]),
        recovered=None if recovered is None else Decimal(recovered),
        unit=document["unit"],
        by=_official_of(document["by"]),
        at=at,
    )
