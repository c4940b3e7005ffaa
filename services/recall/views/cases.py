"""Cases, with their history and their way to the replicas, as the JSON API tells them."""

from dataclasses import asdict
from datetime import datetime

from pydantic import BaseModel

from services.recall.domain.case import Case
from services.recall.domain.terms import Handling, Kind, LegalBasis, Level, State
from services.recall.queries.propagation import Propagation
from services.recall.store.cases import Summary
from services.recall.store.entries import Entry
from services.recall.views.radius import LOTS_TOLD, TargetView


class ClosingView(BaseModel):
    """`handling` is null and `recovered` empty of a warning, which takes no goods back."""

    finding: str
    handling: Handling | None
    recovered: str
    at: datetime


class CaseView(BaseModel):
    """A case. `published_at` is when its notices were decided; None while it waits. `revision`
    counts its corrections; one that waits for a second person has `correction_requested_by`."""

    id: str
    version: int
    state: State
    kind: Kind
    legal_basis: LegalBasis
    level: Level
    reason_key: str
    target: TargetView
    title: str
    title_en: str
    reason: str
    reason_en: str
    instruction: str
    instruction_en: str
    title_zh: str
    reason_zh: str
    instruction_zh: str
    authority: str
    stamps: int
    ordered_by: str
    asked_at: datetime
    ordered_at: datetime | None
    published_at: datetime | None
    decided_by: str
    lift_requested_by: str
    lift_reason: str
    lifted_by: str
    closing: ClosingView | None
    revision: int
    corrected_at: datetime | None
    correction_requested_by: str
    correction_reason: str

    @classmethod
    def of(cls, case: Case) -> "CaseView":
        return cls(**_case_fields(case))


class CaseRow(CaseView):
    lots_total: int
    facilities_total: int

    @classmethod
    def of_summary(cls, row: Summary) -> "CaseRow":
        return cls(
            **_case_fields(row.case), lots_total=row.case.lot_count, facilities_total=row.facilities
        )


class CaseList(BaseModel):
    items: list[CaseRow]
    total: int
    page: int


class ReceiptView(BaseModel):
    """`latency_ms` runs from the acknowledgement of the act to the receipt; None by `start`.

    Both instants are readings of the clocks of the machines involved.
    """

    replica: str
    notice: str
    version: int
    applied_at: datetime
    latency_ms: int | None
    by: str


class ReplicaView(BaseModel):
    """`alive`: it asked within five seconds. `caught_up`: it has all that the case published."""

    name: str
    alive: bool
    caught_up: bool


class SpreadView(BaseModel):
    """One act of the case (ordered, grown, lifted) and how many living replicas show it."""

    act: str
    case_version: int
    parts: int
    decided_at: datetime
    acknowledged_at: datetime | None
    replicas_alive: int
    replicas_arrived: int
    missing: list[str]
    complete: bool
    shown_after_ms: int | None


class EntryView(BaseModel):
    act: str
    at: datetime
    by: str
    text: str
    lots: list[str]

    @classmethod
    def of(cls, entry: Entry) -> "EntryView":
        return cls(
            act=entry.act,
            at=entry.at,
            by=entry.by.name if entry.by else "",
            text=entry.text,
            lots=list(entry.lots),
        )


class CaseDetail(CaseView):
    lots: list[str]
    lots_total: int
    facilities: list[str]
    acknowledged_at: datetime | None
    receipts: list[ReceiptView]
    replicas: list[ReplicaView]
    propagation: list[SpreadView]
    history: list[EntryView]

    @classmethod
    def of_all(cls, case: Case, spread: Propagation, history: list[Entry]) -> "CaseDetail":
        ordered = next((s for s in spread.spreads if s.act == "ordered"), None)
        return cls(
            **_case_fields(case),
            lots=list(case.lots[:LOTS_TOLD]),
            lots_total=case.lot_count,
            facilities=[place.facility_id for place in case.places],
            acknowledged_at=ordered.acknowledged_at if ordered else None,
            receipts=[ReceiptView.model_validate(r, from_attributes=True) for r in spread.receipts],
            replicas=[ReplicaView.model_validate(r, from_attributes=True) for r in spread.replicas],
            propagation=[
                SpreadView(
                    act=one.act,
                    case_version=one.case_version,
                    parts=one.parts,
                    decided_at=one.decided_at,
                    acknowledged_at=one.acknowledged_at,
                    replicas_alive=one.alive,
                    replicas_arrived=one.arrived,
                    missing=list(one.missing),
                    complete=one.is_complete,
                    shown_after_ms=one.shown_after_ms,
                )
                for one in spread.spreads
            ],
            history=[EntryView.of(entry) for entry in history],
        )


def _case_fields(case: Case) -> dict[str, object]:
    return {
        "id": case.id,
        "version": case.version,
        "state": case.state,
        "kind": case.kind,
        "legal_basis": case.legal_basis,
        "level": case.level,
        "reason_key": case.reason_key,
        "target": TargetView.of(case.target),
        **asdict(case.wording),
        "authority": case.authority,
        "stamps": case.stamps,
        "ordered_by": case.ordered_by.name,
        "asked_at": case.asked_at,
        "ordered_at": case.ordered_at,
        "published_at": case.ordered_at,
        "decided_by": case.decided_by.name if case.decided_by else "",
        "lift_requested_by": case.lift.requested_by.name if case.lift else "",
        "lift_reason": case.lift.reason if case.lift else "",
        "lifted_by": case.lifted_by.name if case.lifted_by else "",
        "closing": _closing(case),
        "revision": case.revision,
        "corrected_at": case.corrected_at,
        "correction_requested_by": case.correction.requested_by.name if case.correction else "",
        "correction_reason": case.correction.correction.why if case.correction else "",
    }


def _closing(case: Case) -> ClosingView | None:
    if (closing := case.ended_with) is None:
        return None
    return ClosingView(
        finding=closing.finding,
        handling=closing.handling,
        recovered=closing.recovered_text,
        at=closing.at,
    )
