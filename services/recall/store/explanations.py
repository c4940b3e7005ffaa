"""Explained differences of a case, and what its closing froze."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from pymongo import ASCENDING

from services.recall.domain.explaining import Explanation
from services.recall.domain.recovery_refusals import ExplanationUnknown
from services.recall.domain.terms import Official
from services.recall.store.newest import Reader, chunks
from shared.errors import EditConflict
from shared.mongo import Database, Document, Tx

EXPLANATIONS, PARTS = "recovery_explanations", "explained_lots"
FIGURES, LOTS = "closing_figures", "closing_lots"
LOTS_A_DOCUMENT = 2_000


async def prepare(db: Database) -> None:
    await db.collection(EXPLANATIONS).create_index([("case", ASCENDING)])
    await db.collection(PARTS).create_index([("case", ASCENDING), ("explanation", ASCENDING)])
    await db.collection(LOTS).create_index([("case", ASCENDING), ("number", ASCENDING)])


async def add(tx: Tx, one: Explanation) -> None:
    await tx.collection(EXPLANATIONS).insert_one(_document(one))
    for number, lots in enumerate(chunks(list(one.amounts), LOTS_A_DOCUMENT)):
        kept = {"_id": f"{one.id}/{number}", "case": one.case_id, "explanation": one.id}
        told = [_lot_document(one, lot) for lot in lots]
        await tx.collection(PARTS).insert_one({**kept, "number": number, "lots": told})


async def put(tx: Tx, one: Explanation) -> None:
    """Keep how it was decided; raises EditConflict where another did so meanwhile."""
    wanted = {"_id": one.id, "decided_by": None}
    result = await tx.collection(EXPLANATIONS).update_one(wanted, {"$set": _decided(one)})
    if not result.matched_count:
        raise EditConflict()


async def get(reader: Reader, case_id: str, id_: str) -> Explanation:
    found = await reader.collection(EXPLANATIONS).find_one({"_id": id_, "case": case_id})
    if found is None:
        raise ExplanationUnknown()
    lots = await _lots(reader, {"case": case_id, "explanation": id_})
    return _explanation(found, lots.get(id_, []))


async def of_case(reader: Reader, case_id: str) -> list[Explanation]:
    """Oldest first."""
    cursor = reader.collection(EXPLANATIONS).find({"case": case_id}).sort("_id", ASCENDING)
    rows = [row async for row in cursor]
    lots = await _lots(reader, {"case": case_id}) if rows else {}
    return [_explanation(row, lots.get(row["_id"], [])) for row in rows]


async def freeze(
    tx: Tx, case_id: str, figures: dict[str, Any], lots: Sequence[dict[str, Any]]
) -> None:
    """What the closing states, as it was then: whatever is told later changes none of it."""
    await tx.collection(FIGURES).insert_one({"_id": case_id, **figures})
    for number, chunk in enumerate(chunks(lots, LOTS_A_DOCUMENT)):
        kept = {"_id": f"{case_id}/{number}", "case": case_id, "number": number}
        await tx.collection(LOTS).insert_one({**kept, "lots": list(chunk)})


async def frozen(reader: Reader, case_id: str) -> tuple[Document, list[Document]] | None:
    """The figures of a closing and its lots; None for a case that was closed without."""
    figures = await reader.collection(FIGURES).find_one({"_id": case_id})
    if figures is None:
        return None
    cursor = reader.collection(LOTS).find({"case": case_id}).sort("number", ASCENDING)
    return figures, [lot async for row in cursor for lot in row["lots"]]


def _document(one: Explanation) -> Document:
    return {
        "_id": one.id,
        "case": one.case_id,
        # Its lots are kept apart: all of a large case do not fit into one document. Programs of
        # before look for them here.
        "amounts": [],
        "reason": one.reason,
        "large": one.large,
        "by": _official(one.by),
        "at": one.at,
        "evidence": list(one.evidence),
        **_decided(one),
    }


def _decided(one: Explanation) -> Document:
    return {
        "decided_by": _official(one.decided_by) if one.decided_by else None,
        "decided_at": one.decided_at,
        "agreed": one.agreed,
    }


def _lot_document(one: Explanation, lot: str) -> Document:
    kept = {"lot": lot, "amount": str(one.amounts[lot])}
    for name, part in (("lost", one.lost), ("remaining", one.remaining), ("unit", one.units)):
        if lot in part:
            kept[name] = str(part[lot])
    return kept


async def _lots(reader: Reader, wanted: Document) -> dict[str, list[Document]]:
    """By explanation."""
    found: dict[str, list[Document]] = {}
    async for row in reader.collection(PARTS).find(wanted).sort("_id", ASCENDING):
        found.setdefault(row["explanation"], []).extend(row["lots"])
    return found


def _of_before(row: Document) -> list[Document]:
    """The lots of an explanation from before they were kept apart."""
    lost, remaining, units = (
        {one["lot"]: one[field] for one in row.get(name, ())}
        for name, field in (("lost", "amount"), ("remaining", "amount"), ("units", "unit"))
    )
    parts = {"lost": lost, "remaining": remaining, "unit": units}
    return [
        {**one, **{name: part[one["lot"]] for name, part in parts.items() if one["lot"] in part}}
        for one in row["amounts"]
    ]


def _explanation(row: Document, lots: list[Document]) -> Explanation:
    decided = row["decided_by"]
    lots = lots or _of_before(row)
    return Explanation(
        id=row["_id"],
        case_id=row["case"],
        amounts={one["lot"]: Decimal(one["amount"]) for one in lots},
        reason=row["reason"],
        large=row["large"],
        by=Official(row["by"]["account_id"], row["by"]["name"]),
        at=row["at"],
        evidence=tuple(row["evidence"]),
        decided_by=Official(decided["account_id"], decided["name"]) if decided else None,
        decided_at=row["decided_at"],
        agreed=row["agreed"],
        lost={one["lot"]: Decimal(one["lost"]) for one in lots if "lost" in one},
        remaining={one["lot"]: Decimal(one["remaining"]) for one in lots if "remaining" in one},
        units={one["lot"]: one["unit"] for one in lots if "unit" in one},
    )


def _official(who: Official) -> Document:
    return {"account_id": who.account_id, "name": who.name}
