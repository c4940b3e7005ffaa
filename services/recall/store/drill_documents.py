"""Drills as documents, and back."""

from typing import Any

from services.recall.domain.drill import Drill, Plan, Reached, State
from services.recall.domain.terms import Official, Place
from services.recall.store.documents import (
    official_document,
    official_of,
    target_document,
    target_of,
)
from shared.mongo import Document


def document(drill: Drill) -> Document:
    plan, reached = drill.plan, drill.reached
    keys = list(drill.open_keys)
    return {
        "version": drill.version,
        "state": str(drill.state),
        **({"open_keys": keys} if keys else {}),
        "target": target_document(plan.target),
        "label": plan.label,
        "label_en": plan.label_en,
        "label_zh": plan.label_zh,
        "scenario": plan.scenario,
        "hours": plan.hours,
        "facility_id": drill.owner.facility_id,
        "commune": drill.owner.commune,
        "sector": drill.owner.sector,
        "authority": drill.authority,
        "unit_id": drill.unit_id,
        "by": official_document(drill.by),
        "begun_at": drill.begun_at,
        "scoped_at": drill.scoped_at,
        "reached": {
            "lots": reached.lots,
            "facilities": reached.facilities,
            "stamps": reached.stamps,
            "seconds": reached.seconds,
            "known_number": reached.known_number,
            "missing": reached.missing,
            "known_at": reached.known_at,
        },
        "ordered_at": drill.ordered_at,
        "decided_by": official_document(drill.decided_by) if drill.decided_by else None,
        "ends_at": drill.ends_at,
        "ended_at": drill.ended_at,
        "ended_by": official_document(drill.ended_by) if drill.ended_by else None,
        "reason": drill.reason,
        "score": drill.score,
        "tier": drill.tier,
    }


def drill_of(row: Document) -> Drill:
    def who(name: str) -> Official | None:
        return official_of(row[name]) if row[name] else None

    labels = {name: row[name] for name in ("label", "label_en", "label_zh", "scenario", "hours")}
    same: dict[str, Any] = {
        name: row[name]
        for name in ("version", "authority", "unit_id", "begun_at", "scoped_at", "ordered_at")
    } | {name: row[name] for name in ("ends_at", "ended_at", "reason", "score")}
    return Drill(
        id=row["_id"],
        state=State(row["state"]),
        plan=Plan(target=target_of(row["target"]), **labels),
        owner=Place(row["facility_id"], row["commune"], row["sector"]),
        by=official_of(row["by"]),
        reached=Reached(**row["reached"]),
        tier=row.get("tier", ""),
        decided_by=who("decided_by"),
        ended_by=who("ended_by"),
        **same,
    )
