"""The permission matrix as data: shared/permissions.toml, and what an installation changes in it.

`TXNG_PERMISSIONS_FILE` may name a file of the same form that holds only the actions a province
decides otherwise (which tier publishes products, say; R2). All services read it at their start.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

DELIVERED = Path(__file__).parent / "permissions.toml"
VARIABLE = "TXNG_PERMISSIONS_FILE"
SCOPES = frozenset({"own", "area", "none"})


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may do an action, as (tier, kind) pairs, "*" for every; where; with how new a proof."""

    who: tuple[tuple[str, str], ...]
    scope: str
    fresh: bool = False


@cache
def matrix() -> dict[str, Rule]:
    """The rules in force, read once."""
    rules = delivered()
    changed = os.environ.get(VARIABLE, "")
    if not changed:
        return rules
    rules = dict(rules)
    for action, rule in read(Path(changed)).items():
        if action not in rules:
            raise ValueError(f"{changed}: there is no action {action}")
        rules[action] = rule
    return rules


@cache
def delivered() -> dict[str, Rule]:
    """The rules as delivered."""
    return read(DELIVERED)


def read(path: Path) -> dict[str, Rule]:
    """The rules of a file; raises ValueError with file and action if one is not well formed."""
    given = tomllib.loads(path.read_text(encoding="utf-8"))
    return {action: _rule(f"{path}: {action}", rule) for action, rule in given.items()}


def _rule(where: str, given: Mapping[str, Any]) -> Rule:
    who, scope, fresh = given.get("who"), given.get("scope"), given.get("fresh", False)
    if not isinstance(who, list) or not all(isinstance(w, str) and w.count(":") == 1 for w in who):
        raise ValueError(f'{where}: who must list "tier:kind" pairs')
    if not isinstance(scope, str) or not set(scope.split("|")) <= SCOPES:
        raise ValueError(f"{where}: scope must be made of own, area and none")
    if not isinstance(fresh, bool) or set(given) - {"who", "scope", "fresh"}:
        raise ValueError(f"{where}: a rule has who, scope and fresh (true or false), nothing else")
    pairs = tuple((tier, kind) for tier, kind in (one.split(":") for one in who))
    return Rule(pairs, scope, fresh)
