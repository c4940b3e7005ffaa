"""A case as the JSON verdict tells it: only what was approved for consumers."""

from collections.abc import Callable
from typing import Any

from services.scan.answering.words import DOUBTS, ENDINGS, HOLDS, STATES, VERDICTS
from services.scan.domain.grounds import of_certificate, of_stage
from services.scan.domain.verdict import Case, Judgement
from shared.contracts.recall import NoticePublished
from shared.contracts.registry import (
    FacilityPublished,
    GrowingAreaPublished,
    LotPublished,
    ProductPublished,
    Stage,
)

Say = Callable[[str], str]
Facts = dict[str, Any]


def facts(
    case: Case | None, judgement: Judgement, confirmed: bool, say: Say, held: list[Facts]
) -> Facts:
    """Everything but the code, the time it is true as of, and the lot. `say` speaks the reader's
    language; `held` is what `holds` tells of the case."""
    words = VERDICTS[judgement.verdict]
    told: Facts = {
        "verdict": judgement.verdict,
        "confirmed": confirmed,
        "headline": say(words.headline),
        "meaning": say(words.meaning),
        "advice": [say(text) for text in words.advice],
    }
    if judgement.because:
        told["because"] = judgement.because
        told["explanation"] = say(DOUBTS[judgement.because])
    if case is None:
        return told
    told["stamp_state"] = case.state or None
    if case.state in ENDINGS:
        told["explanation"] = say(ENDINGS[case.state])
    if case.state in STATES:
        told["stamp_state_text"] = say(STATES[case.state])
    if case.said:
        names = ("stamp_state_reason", "stamp_state_reason_en", "stamp_state_reason_zh")
        told |= {name: text for name, text in zip(names, case.said, strict=True) if text}
    told["notices"] = [_notice(notice) for notice in case.notices]
    told["holds"] = held
    if case.withdrawn_product is not None:
        told["product_withdrawn"] = {"reason": case.withdrawn_product.reason}
    told["product"] = _product(case.published_product)
    told["facility"] = _facility(case.published_facility, case.ended_certificates)
    told["growing_area"] = _area(case.published_area)
    return told


def holds(case: Case, say: Say) -> list[Facts]:
    """Why a stamp is suspended, each cause once, in words."""
    causes = [
        (hold.reason_kind, hold.reason, hold.reason_en, hold.reason_zh) for hold in case.holds
    ]
    if case.stop_reason is not None and "facility_stopped" not in {kind for kind, *_ in causes}:
        causes.append(("facility_stopped", case.stop_reason, "", ""))
    lot = case.published_lot
    if lot is not None and f"lot_{lot.status}" in HOLDS:
        causes.append((f"lot_{lot.status}", "", "", ""))
    return [
        {
            "kind": kind,
            "text": say(HOLDS.get(kind, HOLDS["officer_order"])),
            "reason": reason,
            "reason_en": english,
            "reason_zh": chinese,
        }
        for kind, reason, english, chinese in dict.fromkeys(causes)
    ]


def _notice(notice: NoticePublished) -> Facts:
    return {
        "case": notice.case_id,
        "kind": notice.kind,
        "title": notice.title,
        "reason": notice.reason,
        "instruction": notice.instruction,
        "title_en": notice.title_en,
        "reason_en": notice.reason_en,
        "instruction_en": notice.instruction_en,
        "title_zh": notice.title_zh,
        "reason_zh": notice.reason_zh,
        "instruction_zh": notice.instruction_zh,
        "authority": notice.authority,
        "ordered_at": notice.ordered_at,
    }


def _product(product: ProductPublished | None) -> Facts | None:
    if product is None:
        return None
    return product.model_dump(
        mode="json",
        include={
            *("code", "gtin", "name", "name_en", "brand", "category", "description"),
            *("description_en", "packaging", "net_content", "shelf_life_days", "storage"),
            *("standards", "ocop_stars", "image", "images", "recordings", "chain"),
            *("origin", "capacity", "price"),
        },
    )


def of_lot(lot: LotPublished | None) -> Facts | None:
    """By hand: one is told for nearly every batch that is met, and pydantic takes its time."""
    if lot is None:
        return None
    return {
        "code": lot.code,
        "unit": lot.unit,
        "produced_on": lot.produced_on,
        "expires_on": lot.expires_on,
        "quantity": str(lot.quantity),
        "made_from_lots": len(lot.inputs),
        "stages": [_stage(stage) for stage in lot.stages],
    }


def _stage(stage: Stage) -> Facts:
    told = {**vars(stage), "ground": of_stage(stage)}
    del told["facility_id"]
    return told


def _facility(facility: FacilityPublished | None, ended: frozenset[int]) -> Facts | None:
    """Without the representative and the tax number: a buyer does not need them."""
    if facility is None:
        return None
    told = facility.model_dump(
        mode="json",
        include={"code", "name", "name_en", "address", "commune", "commune_name", "phone", "gln"},
    )
    told["certificates"] = [
        {
            **one.model_dump(mode="json"),
            "expired": place in ended,
            "ground": of_certificate(one),
        }
        for place, one in enumerate(facility.certificates)
    ]
    return told


def _area(area: GrowingAreaPublished | None) -> Facts | None:
    if area is None:
        return None
    return area.model_dump(mode="json", include={"code", "name", "crop", "commune", "commune_name"})
