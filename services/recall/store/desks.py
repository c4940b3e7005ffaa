"""The units that reports can be handed to, with what each answers for, as identity told it."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.recall.store.authorities import AUTHORITIES
from services.recall.store.newest import Reader
from shared.auth import Scope
from shared.mongo import Document

# What is never handed a report: a report may be about the facility itself.
_NOT_THESE = ("facility", "client")


@dataclass(frozen=True, slots=True)
class Desk:
    """`communes` are codes, ("*",) the whole province; `sector` "*" is any."""

    id: str
    name: str
    tier: str
    communes: tuple[str, ...]
    sector: str

    def answers_for(self, scope: Scope) -> bool:
        there = "*" in self.communes or scope.commune in self.communes
        return there and (self.sector == "*" or scope.sector in ("*", self.sector))


async def get(reader: Reader, unit_id: str) -> Desk | None:
    """A unit that takes reports; None where there is none."""
    row = await reader.collection(AUTHORITIES).find_one({"_id": unit_id, **_WORKING})
    return _desk(row) if row else None


async def for_scopes(reader: Reader, scopes: Sequence[Scope]) -> list[Desk]:
    """The units that answer for what lies in one of these, by name."""
    reach = ["*", *(scope.commune for scope in scopes if scope.commune)]
    rows = (
        reader.collection(AUTHORITIES)
        .find({"communes": {"$in": reach}, **_WORKING})
        .sort("name", 1)
    )
    found = [_desk(row) async for row in rows]
    return [one for one in found if any(one.answers_for(scope) for scope in scopes)]


_WORKING: Document = {"active": True, "tier": {"$nin": list(_NOT_THESE)}}


def _desk(row: Document) -> Desk:
    return Desk(row["_id"], row["name"], row["tier"], tuple(row["communes"]), row["sector"])
