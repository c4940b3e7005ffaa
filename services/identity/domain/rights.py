"""The permission matrix as people read it: what each kind of account of a tier may do where."""

from collections.abc import Iterator
from dataclasses import dataclass

from services.identity.tiers import Tier
from shared.auth import Principal
from shared.permissions import Rule, delivered, matrix

# What makes something public or final: who may do these is the first thing asked about.
PUBLISHING = (
    "facility.publish",
    "product.publish",
    "growing_area.publish",
    "inspection.publish",
    "stamps.decide",
    "recall.order",
    "recall.correct",
    "recall.lift",
    "account.issue",
)


@dataclass(frozen=True, slots=True)
class Row:
    """An action with the reach each kind has in it: own, area, yes (it has no object) or ""."""

    action: str
    cells: tuple[str, ...]
    fresh: bool
    changed: bool


def rows_of(tier: Tier) -> Iterator[Row]:
    """What accounts of a tier may do, in the order of the matrix."""
    for action, rule in matrix().items():
        cells = tuple(cell(action, rule, tier, kind) for kind in tier.kinds)
        if any(cells):
            yield Row(action, cells, rule.fresh, is_changed(action))


def cell(action: str, rule: Rule, tier: Tier, kind: str) -> str:
    """One cell of the table."""
    if not holder(tier.name, kind, facility=tier.facility).may(action):
        return ""
    if rule.scope == "none":
        return "yes"
    wanted = "own" if tier.facility else "area"
    return wanted if wanted in rule.scope.split("|") else ""


def is_changed(action: str) -> bool:
    """Whether the installation decided this action otherwise than it was delivered."""
    return matrix()[action] != delivered()[action]


def holder(tier: str, kind: str, *, facility: bool) -> Principal:
    """Somebody who has this kind of account and no other."""
    return Principal(
        account_id="a",
        name="",
        tier=tier,
        kinds=frozenset({kind}),
        unit_id="u",
        session_id="s",
        facility_id="f" if facility else None,
    )
