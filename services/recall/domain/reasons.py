"""Why something is recalled: what the catalogue says of each reason, and who may give which."""

from collections.abc import Iterable
from dataclasses import dataclass

from services.recall.domain import refusals
from services.recall.domain.terms import Kind, LegalBasis, Level

# Whoever gives no reason of the catalogue gives this one, in words.
OTHER = "other"
EVERYBODY = "*:*"


@dataclass(frozen=True, slots=True)
class Words:
    """One text in the three languages that notices are given in."""

    vi: str
    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason of the catalogue. `who` are "tier:kind" pairs, "*:*" is everybody; `law` says where
    it is said."""

    key: str
    name: Words
    kinds: tuple[Kind, ...]
    bases: tuple[LegalBasis, ...]
    who: tuple[str, ...]
    level: Level
    reason: Words
    instruction: Words
    law: str

    def may_be_given_by(self, tier: str, kinds: Iterable[str]) -> bool:
        return EVERYBODY in self.who or any(f"{tier}:{kind}" in self.who for kind in kinds)

    def must_fit(self, kind: Kind, basis: LegalBasis) -> None:
        """Raises ReasonDoesNotFit where it does not go with this kind of notice or legal basis."""
        if kind not in self.kinds or basis not in self.bases:
            raise refusals.ReasonDoesNotFit("reason_key")

    def level_for(self, kind: Kind) -> Level:
        """The proposed level, or the nearest one that goes with the kind."""
        fitting = kind.levels
        return min(fitting, key=lambda one: (abs(one.rank - self.level.rank), -one.rank))
