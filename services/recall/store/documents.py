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
    Correction,
    CorrectionRequest,
    Handling,
    Kind,
    LegalBasis,
    Level,
    LiftRequest,
    Official,
    Place,
    Said,
    State,
    Wording,
)
from services.recall.domain.within import Within
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
        "level": str(case.level),
        "reason_key": case.reason_key,
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
        "ordered_by": official_document(case.ordered_by),
        "asked_at": case.asked_at,
        "changed_at": case.changed_at,
        "ordered_at": case.ordered_at,
        "decided_by": official_document(case.decided_by) if case.decided_by else None,
        "lift": _lift_document(case.lift) if case.lift else None,
        "lifted_by": official_document(case.lifted_by) if case.lifted_by else None,
        "closing": _closing_document(case.closing) if case.closing else None,
        "excluded": list(case.excluded),
        "additions": list(case.additions),
        "correction": _request_document(case.correction) if case.correction else None,
        "corrected_at": case.corrected_at,
        "revision": case.revision,
        "search": fold(
            *(wording.title, wording.title_en, wording.title_zh, wording.reason, case.authority)
        ),
    }


def case_of(document: Document, parts: list[Document]) -> Case:
    lift, closing = document["lift"], document["closing"]
    kind = Kind(document["kind"])
    return Case(
        id=document["_id"],
        version=document["version"],
        state=State(document["state"]),
        kind=kind,
        legal_basis=LegalBasis(document["legal_basis"]),
        # Cases of the time before there were levels and a catalogue have neither.
        level=Level(document.get("level") or kind.usual_level),
        reason_key=document.get("reason_key", ""),
        target=target_of(document["target"]),
        # Cases of the time before notices had Chinese lack some of it.
        wording=_wording_of(document),
        authority=document["authority"],
        owner=_place_of(document["owner"]),
        places=tuple(_place_of(place) for place in document["places"]),
        lot_count=document["lots"],
        stamps=document["stamps"],
        ordered_by=official_of(document["ordered_by"]),
        asked_at=document["asked_at"],
        changed_at=document["changed_at"],
        ordered_at=document["ordered_at"],
        decided_by=official_of(document["decided_by"]) if document["decided_by"] else None,
        lift=LiftRequest(official_of(lift["by"]), lift["reason"], lift["at"]) if lift else None,
        lifted_by=official_of(document["lifted_by"]) if document["lifted_by"] else None,
        closing=_closing_of(closing) if closing else None,
        # Cases of the time before corrections were never corrected.
        excluded=tuple(document.get("excluded", ())),
        additions=tuple(document.get("additions", ())),
        correction=_request_of(document.get("correction")),
        corrected_at=document.get("corrected_at"),
        revision=document.get("revision", 0),
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
        **target_more(target),
    }


def target_of(document: Document) -> Target:
    return Target(
        kind=TargetKind(document["kind"]),
        id=document["id"],
        first=document["first"],
        last=document["last"],
        since=_day(document["since"]),
        until=_day(document["until"]),
        number=document.get("number", ""),
        within=within_of(document.get("within")),
    )


def target_more(target: Target) -> Document:
    """What only some kinds have, and targets of the time before these lack."""
    more: Document = {"number": target.number} if target.number else {}
    if target.within is not None:
        more["within"] = asdict(target.within)
    return more


def within_of(document: Document | None) -> Within | None:
    if document is None:
        return None
    communes = tuple(document["communes"])
    return Within(document["facility_id"], communes, document["sector"])


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def official_document(who: Official) -> Document:
    kept = {"account_id": who.account_id, "name": who.name, "facility_id": who.facility_id}
    return {**kept, "tier": who.tier, "unit_id": who.unit_id}


def official_of(document: Document) -> Official:
    return Official(
        document["account_id"],
        document["name"],
        document["facility_id"],
        # What was kept before there were these has neither.
        document.get("tier", ""),
        document.get("unit_id", ""),
    )


def _place_document(place: Place) -> Document:
    return {"facility_id": place.facility_id, "commune": place.commune, "sector": place.sector}


def _place_of(document: Document) -> Place:
    return Place(document["facility_id"], document["commune"], document["sector"])


def _lift_document(lift: LiftRequest) -> Document:
    return {"by": official_document(lift.requested_by), "reason": lift.reason, "at": lift.at}


def _closing_document(closing: Closing) -> Document:
    return {
        "finding": closing.finding,
        "handling": str(closing.handling) if closing.handling else None,
        "recovered": None if closing.recovered is None else str(closing.recovered),
        "unit": closing.unit,
        "by": official_document(closing.by),
        "at": closing.at,
        "authority": closing.authority,
        "parts": [{"recovered": str(amount), "unit": unit} for amount, unit in closing.parts],
    }


def _closing_of(document: Document) -> Closing:
    recovered: Any = document["recovered"]
    at: datetime = document["at"]
    return Closing(
        finding=document["finding"],
        handling=Handling(document["handling"]) if document["handling"] else None,
        recovered=None if recovered is None else Decimal(recovered),
        unit=document["unit"],
        by=official_of(document["by"]),
        at=at,
        authority=document.get("authority", ""),
        parts=tuple(
            (Decimal(part["recovered"]), part["unit"]) for part in document.get("parts", ())
        ),
    )


def said_document(said: Said) -> Document:
    return {
        "kind": str(said.kind),
        "level": str(said.level),
        "reason_key": said.reason_key,
        "target": target_document(said.target),
        **asdict(said.wording),
    }


def said_of(document: Document) -> Said:
    return Said(
        kind=Kind(document["kind"]),
        level=Level(document["level"]),
        reason_key=document["reason_key"],
        wording=_wording_of(document),
        target=target_of(document["target"]),
    )


def _wording_of(document: Document) -> Wording:
    return Wording(**{name: document[name] for name in WORDS if name in document})


def _request_document(asked: CorrectionRequest) -> Document:
    wanted = asked.correction
    return {
        "by": official_document(asked.requested_by),
        "at": asked.at,
        "why": wanted.why,
        "add": list(wanted.add),
        "remove": list(wanted.remove),
        "said": said_document(wanted.said),
    }


def _request_of(document: Document | None) -> CorrectionRequest | None:
    if document is None:
        return None
    correction = Correction(
        said_of(document["said"]),
        document["why"],
        tuple(document["add"]),
        tuple(document["remove"]),
    )
    return CorrectionRequest(official_of(document["by"]), correction, document["at"])
