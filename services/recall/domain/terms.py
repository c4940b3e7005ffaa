"""The words of a case: kinds, bases, states, people, places, what is asked and how it ended."""

from dataclasses import dataclass, fields, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from services.recall.domain import refusals
from services.recall.domain.target import Target


class Level(StrEnum):
    """How much it concerns those who read it; from the mildest up."""

    INFORMATION = "information"
    CAUTION = "caution"
    SERIOUS = "serious"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        return tuple(Level).index(self)


class Kind(StrEnum):
    """Recall (thu hồi), withdrawal from sale (rút khỏi thị trường), warning (cảnh báo); from the
    strongest down."""

    RECALL = "recall"
    WITHDRAWAL = "withdrawal"
    WARNING = "warning"

    @property
    def rank(self) -> int:
        """Higher is stronger."""
        return -tuple(Kind).index(self)

    @property
    def levels(self) -> tuple[Level, ...]:
        """The levels that go with it: nobody calls goods back just for information."""
        return _LEVELS[self]

    @property
    def usual_level(self) -> Level:
        """Of orders that name none, and of cases of the time before there were levels."""
        return Level.SERIOUS if self is Kind.RECALL else Level.CAUTION


_LEVELS = {
    Kind.RECALL: (Level.CAUTION, Level.SERIOUS, Level.CRITICAL),
    Kind.WITHDRAWAL: (Level.CAUTION, Level.SERIOUS),
    Kind.WARNING: tuple(Level),
}


class LegalBasis(StrEnum):
    """Circular 17/2021/TT-BNNPTNT: Art. 10 by the owner itself, Art. 11 by the authority."""

    VOLUNTARY = "voluntary"
    COMPULSORY = "compulsory"


class State(StrEnum):
    AWAITING = "awaiting_confirmation"
    ORDERED = "ordered"
    CLOSED = "closed"
    LIFTED = "lifted"
    DECLINED = "declined"


# In these states the case's notices are shown: what is left in a freezer stays red after closing.
STANDING = (State.ORDERED, State.CLOSED)
# In these states the same target cannot be ordered a second time.
OPEN = (State.AWAITING, State.ORDERED)
# In these states the public sees the case, or has seen it.
PUBLIC = (State.ORDERED, State.CLOSED, State.LIFTED)


class Handling(StrEnum):
    """What becomes of recalled goods (Circular 17/2021, Art. 13)."""

    CORRECT = "correct"
    CHANGE_USE = "change_use"
    RE_EXPORT = "re_export"
    DESTROY = "destroy"


@dataclass(frozen=True, slots=True)
class Official:
    """Who acts: an account, of an authority or, with a facility, of that facility. `tier` and
    `unit_id` are those it had then, "" of acts from before they were kept."""

    account_id: str
    name: str
    facility_id: str | None = None
    tier: str = ""
    unit_id: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A facility that is touched, with what decides who may see and do what about it."""

    facility_id: str
    commune: str
    sector: str


@dataclass(frozen=True, slots=True)
class Cap:
    """Above either figure a second person must confirm the order."""

    stamps: int
    lots: int


@dataclass(frozen=True, slots=True)
class Extent:
    """What the target reaches at the time of asking. `lots` are those the notice must name."""

    owner: Place
    places: tuple[Place, ...]
    lots: tuple[str, ...]
    stamps: int

    def exceeds(self, cap: Cap) -> bool:
        return self.stamps > cap.stamps or len(self.lots) > cap.lots


@dataclass(frozen=True, slots=True)
class Wording:
    """What people read, Vietnamese first; the English and the Chinese may be empty."""

    title: str
    reason: str
    instruction: str
    title_en: str = ""
    reason_en: str = ""
    instruction_en: str = ""
    title_zh: str = ""
    reason_zh: str = ""
    instruction_zh: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """An order as asked for. Without a legal basis the asker's own is meant, without a level the
    usual one of the kind. `reason_key` is of the catalogue, "" where none was given."""

    kind: Kind
    target: Target
    wording: Wording
    legal_basis: LegalBasis | None = None
    level: Level | None = None
    reason_key: str = ""

    def must_fit(self) -> None:
        """Raises LevelDoesNotFit where the level does not go with the kind."""
        if self.fitting_level not in self.kind.levels:
            raise refusals.LevelDoesNotFit("level")

    @property
    def fitting_level(self) -> Level:
        return self.level or self.kind.usual_level

    def basis_for(self, who: Official) -> LegalBasis:
        """A facility recalls of its own will only; an authority may also record such a recall."""
        if who.facility_id is not None:
            if self.legal_basis is LegalBasis.COMPULSORY:
                raise refusals.VoluntaryOnly("legal_basis")
            return LegalBasis.VOLUNTARY
        return self.legal_basis or LegalBasis.COMPULSORY


@dataclass(frozen=True, slots=True)
class Said:
    """Everything that a case says: what a correction may change."""

    kind: Kind
    level: Level
    reason_key: str
    wording: Wording
    target: Target

    def fields(self) -> dict[str, Any]:
        return {one.name: getattr(self, one.name) for one in fields(self)}

    def differs_in(self, other: "Said") -> tuple[str, ...]:
        """Of kind, level, reason, words and target those that are not the same."""
        names = {"reason_key": "reason", "wording": "words"}
        return tuple(
            names.get(name, name)
            for name, value in self.fields().items()
            if value != getattr(other, name)
        )

    def is_weakened_by(self, other: "Said") -> bool:
        """Whether `other` tells consumers less: a lower level, or a weaker kind."""
        return other.level.rank < self.level.rank or other.kind.rank < self.kind.rank


@dataclass(frozen=True, slots=True)
class Correction:
    """What a case is to say instead, and why. `add` are lots that join it with all that was made
    from them, `remove` lots that leave it with what was made from them alone."""

    said: Said
    why: str
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CorrectionRequest:
    requested_by: Official
    correction: Correction
    at: datetime


@dataclass(frozen=True, slots=True)
class LiftRequest:
    requested_by: Official
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Closing:
    """How it ended. `handling` is None of a warning, which takes nothing back. `recovered` in
    `unit`; None where nothing could be measured, and where lots are counted in units that cannot be
    added: `parts` then says how much of each. `authority` is the
    unit that closed it, "" of closings of the time before that was kept."""

    finding: str
    handling: Handling | None
    recovered: Decimal | None
    unit: str
    by: Official
    at: datetime
    authority: str = ""
    parts: tuple[tuple[Decimal, str], ...] = ()

    def fitting(self, kind: Kind) -> "Closing":
        """As it is told of a case of this kind, whatever was said before it became one."""
        if kind is not Kind.WARNING:
            return self
        return replace(self, handling=None, recovered=None, unit="", parts=())

    @property
    def came_back(self) -> tuple[tuple[Decimal, str], ...]:
        """By unit."""
        return self.parts if self.recovered is None else ((self.recovered, self.unit),)

    @property
    def recovered_text(self) -> str:
        """`60 kg; 12 hộp`, for programs."""
        return "; ".join(
            f"{amount.normalize():f} {unit}".strip() for amount, unit in self.came_back
        )
