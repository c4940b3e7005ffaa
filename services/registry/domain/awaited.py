"""How many records wait for a check or an approval, by commune and sector (R17)."""

from dataclasses import dataclass

from services.registry.domain.records import Aggregate, State

# The states in which somebody's decision is waited for, and a draft that was sent back.
DECIDED_ON = (State.SUBMITTED, State.CHECKED)
SENT_BACK = "sent_back"


@dataclass(frozen=True, slots=True)
class Kind:
    """Records of one kind in one state, that of a record or SENT_BACK.

    `makers` as (account, number): officials who may not decide that many of them, because they
    entered or checked them themselves. `facilities` likewise: whose drafts were sent back.
    """

    aggregate: Aggregate
    state: str
    count: int
    makers: tuple[tuple[str, int], ...] = ()
    facilities: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Awaited:
    """Of one commune and sector; `version` counts how often it was told.

    `answers` as (facility, number): receipts of its goods that wait for its word.
    """

    commune: str
    sector: str
    kinds: tuple[Kind, ...] = ()
    version: int = 0
    answers: tuple[tuple[str, int], ...] = ()

    @property
    def key(self) -> str:
        return f"{self.commune}/{self.sector}"

    def differs_from(self, told: "Awaited | None") -> bool:
        """Whether something else waits than was told last."""
        before = (told.kinds, told.answers) if told is not None else ((), ())
        return before != (self.kinds, self.answers)
