"""An event on its way to contacts, as it is kept, and back."""

from dataclasses import dataclass, replace

from services.recall.domain.delivery import Message
from services.recall.domain.telling import Telling
from shared.mongo import Document


@dataclass(frozen=True, slots=True)
class Answering:
    """A unit that is told: what it answers for, and how many of the facilities it was so far.
    `named` are the first of them."""

    unit_id: str
    communes: frozenset[str]
    sector: str
    count: int = 0
    named: tuple[str, ...] = ()

    def answers_for(self, commune: str, sector: str) -> bool:
        return bool(self.communes & {"*", commune}) and self.sector in ("*", sector)

    def counted(self, facility_id: str, commune: str, sector: str, *, most: int) -> "Answering":
        if not self.answers_for(commune, sector):
            return self
        named = self.named if self.count >= most else (*self.named, facility_id)
        return replace(self, count=self.count + 1, named=named)


@dataclass(frozen=True, slots=True)
class Unfinished:
    """`pages` is None before they are laid out; `page` is the next to be told. `failures`: how
    often in a row that went wrong. `cut_off`: how often the server ended it for taking too long,
    since it is of this size. `passed`: how many pages in a row were set aside, at least 1
    once any broke."""

    id: str
    telling: Telling
    page: int
    pages: int | None
    facilities: int
    units: tuple[Answering, ...]
    failures: int = 0
    passed: int = 0
    cut_off: int = 0

    @property
    def is_at_a_page(self) -> bool:
        return self.pages is not None and self.page < self.pages


def row_of(telling: Telling) -> Document:
    """What is kept of it, but for how far it is told."""
    return {
        "event_id": telling.event_id,
        "message": str(telling.message),
        "urgency": telling.message.urgency,
        "happened_at": telling.happened_at,
        "heard_at": telling.heard_at,
        "next_at": telling.heard_at,
        "case_id": telling.case_id,
        "case_version": telling.case_version,
        "facilities": list(telling.facilities),
        "lots": list(telling.lots),
        "joined": list(telling.joined),
    }


def unit_row(unit: Answering) -> Document:
    return {
        "id": unit.unit_id,
        "communes": sorted(unit.communes),
        "sector": unit.sector,
        "count": unit.count,
        "named": list(unit.named),
    }


def unfinished(row: Document) -> Unfinished:
    telling = Telling(
        event_id=str(row.get("event_id") or row["_id"]),
        message=Message(row["message"]),
        happened_at=row["happened_at"],
        heard_at=row["heard_at"],
        case_id=row["case_id"],
        case_version=row["case_version"],
        facilities=tuple(row["facilities"]),
        lots=tuple(row["lots"]),
        joined=tuple(row.get("joined", ())),
    )
    units = tuple(
        Answering(
            one["id"], frozenset(one["communes"]), one["sector"], one["count"], tuple(one["named"])
        )
        for one in row["units"]
    )
    told = (row["page"], row["pages"], row["told_to"])
    failed = (row.get("failures", 0), row.get("passed", 0), row.get("cut_off", 0))
    return Unfinished(row["_id"], telling, *told, units, *failed)
