"""On a case about an area, an input or a certificate: what it means, where and when."""

from typing import Any

from services.recall.actions.orders import ORDER
from services.recall.domain.case import Case
from services.recall.domain.target import TargetKind
from services.recall.pages import labels
from services.recall.queries import outside
from services.recall.store.cases import scope_of
from shared.auth import Principal
from shared.mongo import Database


async def load(db: Database, who: Principal, case: Case) -> dict[str, Any] | None:
    """What lies outside is told to those who may order in this area, and to nobody else."""
    target = case.target
    if not target.is_by_lots:
        return None
    may = who.may(ORDER) and who.covers(ORDER, scope_of(case.owner))
    beyond = await outside.of_target(target, who, db=db) if may and case.is_standing else ()
    return {
        "target": target,
        "is_input": target.kind is TargetKind.INPUT,
        "beyond": beyond,
        "sectors": labels.SECTORS,
    }
