"""The words of a case: kinds, bases, states, people, places, what is asked and how it ended."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from services.recall.domain import refusals
from services.recall.domain.target import Target


class Kind(StrEnum):
    """Recall (thu hồi), withdrawal from sale (rút khỏi thị trường), warning (cảnh báo)."""

    RECALL = "recall"
    WITHDRAWAL = "withdrawal"
    WARNING = "warning"


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
    """Who acts: an account, of an authority or, with a facility, of that facility."""

    account_id: str
    name: str
    facility_id: str | None = None


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
    """An order as asked for. Without a legal basis the asker's own is meant."""

    kind: Kind
    target: Target
    wording: Wording
    legal_basis: LegalBasis | None = None

    def basis_for(self, who: Official) -> LegalBasis:
        """A facility recalls of its own will only; an authority may also record such a recall."""
        if who.facility_id is not None:
            if self.legal_basis is LegalBasis.COMPULSORY:
                raise refusals.VoluntaryOnly("legal_basis")
            return LegalBasis.VOLUNTARY
        return self.legal_basis or LegalBasis.COMPULSORY


@dataclass(frozen=True, slots=True)
class LiftRequest:
    requested_by: Official
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Closing:
    """How it ended. `recovered` in `unit`; None where nothing could be measured."""

    finding: str
    handling: Handling
    recovered: Decimal | None
    unit: str
    by: Official
    at: datetime

    @property
    def recovered_text(self) -> str:
        return (
            "" if self.recovered is None else f"{self.recovered.normalize():f} {self.unit}".strip()
        )
