"""Handing printed stamps over to a facility, or to another unit's stock, and their receipt: by two
persons, wholly or with what is missing; where they disagree, it stays open until one side agrees
with the other (R40)."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final, Literal

from services.stamps.domain.handover_refusals import (
    HandedBeforeIssue,
    HandedInFuture,
    MissingAndDamaged,
    NoDifference,
    NotHandedToYou,
    NothingHanded,
    NotWaiting,
    NotYourHandOver,
    OutsideHandOver,
    OwnHandOver,
    OwnWord,
    SpokeForOtherSide,
    TakesNoStock,
    TooManyWords,
    ToOwnUnit,
    WordsNeeded,
)
from services.stamps.domain.known import Unit
from services.stamps.domain.printing import Span
from services.stamps.domain.spans import count, left, within
from shared.auth import Principal, Scope
from shared.days import local_day
from shared.permissions import matrix
from shared.tiers import is_below

State = Literal["handed", "received", "differs", "settled", "withdrawn"]
# Who gives is always of the authority; a facility receives, or the unit that takes it in stock.
Side = Literal["authority", "facility", "unit"]
# On these somebody still has to act.
OPEN: Final[tuple[State, ...]] = ("handed", "differs")
MAX_WORDS: Final = 50


@dataclass(frozen=True, slots=True)
class Word:
    """What one side said of a difference; `by_person` as in HandOver."""

    side: Side
    by: str
    by_name: str
    at: datetime
    text: str
    agrees: bool = False
    by_person: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HandOver:
    """Serials of a batch given by `unit_id` to `recipient`, a person of the facility or, with
    `to_unit_id`, of that unit, on `handed_on`.

    `by_person`: marks that tell accounts of one person. `missing` and `damaged` are as who
    received it found it.
    """

    id: str
    batch: int
    facility_id: str
    product_id: str
    unit_id: str
    spans: tuple[Span, ...]
    recipient: str
    handed_on: str  # ISO 8601 day
    by: str
    by_name: str
    by_tier: str
    by_person: tuple[str, ...]
    at: datetime
    note: str = ""
    state: State = "handed"
    received_by: str = ""
    received_by_name: str = ""
    received_at: datetime | None = None
    missing: tuple[Span, ...] = ()
    damaged: tuple[Span, ...] = ()
    words: tuple[Word, ...] = ()
    version: int = 1
    to_unit_id: str = ""

    @property
    def total(self) -> int:
        return count(self.spans)

    @property
    def receiver(self) -> Side:
        return "unit" if self.to_unit_id else "facility"

    @property
    def receipt_right(self) -> str:
        """The action that receiving it is."""
        return "stamps.hand_over" if self.to_unit_id else "stamps.receive"

    @property
    def day(self) -> date:
        return date.fromisoformat(self.handed_on)

    @property
    def good(self) -> tuple[Span, ...]:
        """What was received in order; () as long as nothing is."""
        if self.received_at is None:
            return ()
        return left(self.spans, self.missing, self.damaged)

    def receive(
        self,
        missing: tuple[Span, ...],
        damaged: tuple[Span, ...],
        text: str,
        *,
        who: Principal,
        now: datetime,
    ) -> "HandOver":
        """Raises NotWaiting, NotHandedToYou, OwnHandOver, OutsideHandOver, MissingAndDamaged,
        WordsNeeded."""
        if self.state != "handed":
            raise NotWaiting()
        self.must_be_received_by(who)
        must_be_another(self.by, self.by_person, who)
        for name, spans in (("missing", missing), ("damaged", damaged)):
            if not within(spans, self.spans):
                shown = ", ".join(f"{first}–{last}" for first, last in self.spans)
                raise OutsideHandOver(name, serials=shown)
        if count(left(missing, damaged)) != count(missing):
            raise MissingAndDamaged("damaged")
        differs = bool(missing or damaged)
        if differs and not text:
            raise WordsNeeded("text")
        words = (self._word(text, who, now),) if differs else ()
        return self._next(
            state="differs" if differs else "received",
            received_by=who.account_id,
            received_by_name=who.name,
            received_at=now,
            missing=missing,
            damaged=damaged,
            words=words,
        )

    def withdraw(self, who: Principal) -> "HandOver":
        """It did not take place after all; raises NotWaiting once it is received, and
        NotYourHandOver."""
        if self.state != "handed":
            raise NotWaiting()
        if self.side_of(who) != "authority":
            raise NotYourHandOver()
        self.must_be_of(who)
        return self._next(state="withdrawn")

    def answer(self, text: str, *, agrees: bool, who: Principal, now: datetime) -> "HandOver":
        """Raises NoDifference, NotYourHandOver, OwnHandOver, SpokeForOtherSide, OwnWord,
        WordsNeeded, TooManyWords."""
        if self.state != "differs":
            raise NoDifference()
        side = self.side_of(who)
        self.must_be_of(who)
        self._must_be_of_one_side(who)
        if agrees and self.words[-1].side == side:
            raise OwnWord()
        if not agrees and not text:
            raise WordsNeeded("text")
        if not agrees and len(self.words) >= MAX_WORDS:
            raise TooManyWords()
        word = self._word(text, who, now, agrees)
        return self._next(state="settled" if agrees else "differs", words=(*self.words, word))

    def inherited(self, gone: str, heir: str) -> "HandOver":
        """The unit that one of the sides was merged into stands for it since."""
        sides = {name: heir if own == gone else own for name, own in self._units.items()}
        return self._next(**sides)

    @property
    def _units(self) -> dict[str, str]:
        return {"unit_id": self.unit_id, "to_unit_id": self.to_unit_id}

    def side_of(self, who: Principal) -> Side:
        """For which side who acts speaks; for a receiving unit only those of this unit. Where both
        were merged into one, who gave speaks for the giver, and everybody else of it receives."""
        if who.facility_id is not None:
            return "facility"
        if self.to_unit_id == self.unit_id and _same(self.by, self.by_person, who):
            return "authority"
        return "unit" if who.unit_id == self.to_unit_id else "authority"

    def is_of(self, who: Principal) -> bool:
        """Whether who acts is of one of the two sides: of the unit that gave it, or above that, or
        of who receives it."""
        side = self.side_of(who)
        if side == "authority":
            return who.unit_id == self.unit_id or is_below(self.by_tier, who.tier)
        return side == self.receiver

    def must_be_of(self, who: Principal) -> None:
        """Raise NotYourHandOver."""
        if not self.is_of(who):
            raise NotYourHandOver()

    def must_be_received_by(self, who: Principal) -> None:
        """Raise NotHandedToYou."""
        if self.side_of(who) != self.receiver:
            raise NotHandedToYou()

    def waits_for(self, side: Side) -> bool:
        """Whether it is this side's turn."""
        if self.state == "handed":
            return side == self.receiver
        return self.state == "differs" and self.words[-1].side != side

    def _must_be_of_one_side(self, who: Principal) -> None:
        side = self.side_of(who)
        if side == self.receiver:
            must_be_another(self.by, self.by_person, who)
        for word in self.words:
            if word.side != side and _same(word.by, word.by_person, who):
                raise SpokeForOtherSide()

    def _word(self, text: str, who: Principal, now: datetime, agrees: bool = False) -> Word:
        person = tuple(sorted(who.person))
        return Word(self.side_of(who), who.account_id, who.name, now, text, agrees, person)

    def _next(self, **changes: object) -> "HandOver":
        return replace(self, version=self.version + 1, **changes)  # type: ignore[arg-type]


def _same(account: str, person: Collection[str], who: Principal) -> bool:
    return who.account_id == account or not who.person.isdisjoint(person)


def must_be_another(account: str, person: Collection[str], who: Principal) -> None:
    """Raise OwnHandOver; two accounts with one mobile number or e-mail address are one person."""
    if _same(account, person, who):
        raise OwnHandOver()


def must_be_possible(spans: tuple[Span, ...], day: date, issued: date, now: datetime) -> None:
    """Raise NothingHanded, HandedInFuture, HandedBeforeIssue."""
    if not spans:
        raise NothingHanded("serials")
    if day > local_day(now):
        raise HandedInFuture("handed_on")
    if day < issued:
        raise HandedBeforeIssue("handed_on", day=f"{issued:%d/%m/%Y}")


def must_take_stock(unit: Unit, place: Scope, *, giver: str) -> None:
    """Raise ToOwnUnit, and TakesNoStock for a unit that does not answer for a facility's place, or
    whose tier hands nothing over."""
    if unit.id == giver:
        raise ToOwnUnit("to_unit_id")
    if unit.tier not in stocking_tiers() or not unit.answers_for(place):
        raise TakesNoStock("to_unit_id")


def stocking_tiers() -> list[str]:
    """The tiers whose units may have stamps in stock: those that hand them over."""
    return sorted({tier for tier, _ in matrix()["stamps.hand_over"].who})
