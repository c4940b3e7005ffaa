"""The target of a drill that is being planned, by the name that people know."""

from dataclasses import dataclass

from services.recall.actions import reach, titles
from services.recall.domain.target import TIMED, Target, TargetKind
from services.recall.domain.used import input_id
from services.recall.queries.drills import DRILL
from shared.auth import Principal
from shared.errors import Kind, NotFound, Refusal
from shared.mongo import Database
from shared.web.i18n import worded


@dataclass(frozen=True, slots=True)
class Named:
    label: str
    kind: TargetKind
    timed: bool


async def named(kind: str, id_: str, number: str, who: Principal, *, db: Database) -> Named:
    """Without its period, which may still be typed wrong. Raises NotFound, TargetNotFound."""
    if kind not in set(TargetKind) or not id_:
        raise NotFound()
    whole = TargetKind.BATCH if kind == TargetKind.STAMPS else TargetKind(kind)
    try:
        target = Target(whole, input_id(id_) if whole is TargetKind.INPUT else id_, number=number)
        subject = await reach.find_subject(db, target, who, DRILL)
    except Refusal as refusal:
        if refusal.kind is Kind.INVALID:
            raise NotFound() from refusal
        raise
    label = worded(*(titles.label(subject, lang) for lang in ("vi", "en", "zh")))
    return Named(label, TargetKind(kind), whole in TIMED)
