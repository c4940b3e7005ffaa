"""The catalogue of reasons, read once from `reasons.toml`."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from services.recall.domain import refusals
from services.recall.domain.reasons import OTHER, Reason, Words
from services.recall.domain.terms import Kind, LegalBasis, Level
from shared.auth import Principal

__all__ = ["OTHER", "given", "offered", "reasons"]
_FILE = Path(__file__).with_name("reasons.toml")


@cache
def reasons() -> dict[str, Reason]:
    """By key, in the order of the file. Raises ValueError for a file that cannot be right."""
    rows = tomllib.loads(_FILE.read_text(encoding="utf-8"))["reason"]
    found = {row["key"]: _reason(row) for row in rows}
    if len(found) != len(rows):
        raise ValueError("reasons.toml: two reasons have the same key")
    return found


def offered(who: Principal) -> list[Reason]:
    """The reasons that this account may give."""
    return [one for one in reasons().values() if one.may_be_given_by(who.tier, who.kinds)]


def given(key: str, who: Principal) -> Reason:
    """The reason of this key; raises ReasonUnknown, and ReasonNotYours for one of others'."""
    found = reasons().get(key)
    if found is None:
        raise refusals.ReasonUnknown("reason_key")
    if not found.may_be_given_by(who.tier, who.kinds):
        raise refusals.ReasonNotYours("reason_key")
    return found


def _reason(row: dict[str, Any]) -> Reason:
    return Reason(
        key=row["key"],
        name=Words(**row["name"]),
        kinds=tuple(Kind(kind) for kind in row["kinds"]),
        bases=tuple(LegalBasis(basis) for basis in row["bases"]),
        who=tuple(row["who"]),
        level=Level(row["level"]),
        reason=Words(**row["reason"]),
        instruction=Words(**row["instruction"]),
        law=row["law"],
    )
