"""Handing printed stamps over to a facility, and its receipt: by two persons, wholly or with what
is missing; where they disagree, it stays open until one side agrees with the other (R40)."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final, Literal

from services.stamps.domain.printing import Span
from services.stamps.domain.spans import count, left, within
from shared.auth import Principal
from shared.days import local_day
from shared.errors import Kind, Refusal
from shared.tiers import is_below

State = Literal["handed", "received", "differs", "settled", "withdrawn"]
Side = Literal["authority", "facility"]
# On these somebody still has to act.
OPEN: Final[tuple[State, ...]] = ("handed", "differs")
MAX_WORDS: Final = 50


class OwnHandOver(Refusal):
    code = "own_hand_over"
    kind = Kind.FORBIDDEN
    message = "Bạn đã giao số tem này nên không được tự nhận. Hãy để người khác của cơ sở xác nhận."


class NotWaiting(Refusal):
    code = "hand_over_not_waiting"
    message = "Lần giao này không còn chờ xác nhận. Hãy tải lại trang để xem tình trạng mới nhất."


class OutsideHandOver(Refusal):
    code = "outside_hand_over"
    kind = Kind.INVALID
    message = "Lần giao này chỉ gồm các tem {serials}. Hãy sửa các khoảng thiếu hoặc hỏng."


class MissingAndDamaged(Refusal):
    code = "missing_and_damaged"
    kind = Kind.INVALID
    message = "Có tem vừa ghi thiếu vừa ghi hỏng. Hãy để mỗi tem ở một ô thôi."


class WordsNeeded(Refusal):
    code = "words_needed"
    kind = Kind.INVALID
    message = "Hãy ghi rõ vì sao, để bên kia biết cần kiểm tra gì."


class NoDifference(Refusal):
    code = "no_difference"
    message = "Lần giao này không có chênh lệch nào chờ thống nhất."


class OwnWord(Refusal):
    code = "own_word"
    kind = Kind.FORBIDDEN
    message = "Bên bạn vừa trả lời, nên bên kia mới đồng ý được. Hãy đợi họ trả lời."


class TooManyWords(Refusal):
    code = "too_many_words"
    message = "Hai bên đã trao đổi quá nhiều lần. Hãy thống nhất trực tiếp rồi bấm đồng ý."


class HandedInFuture(Refusal):
    code = "handed_in_future"
    kind = Kind.INVALID
    message = "Ngày giao không được sau hôm nay. Hãy sửa ngày giao."


class HandedBeforeIssue(Refusal):
    code = "handed_before_issue"
    kind = Kind.INVALID
    message = "Lô tem này cấp ngày {day} nên không thể giao trước ngày đó. Hãy sửa ngày giao."


class NothingHanded(Refusal):
    code = "nothing_handed"
    kind = Kind.INVALID
    message = "Hãy ghi ít nhất một khoảng tem để giao."


class NotYourHandOver(Refusal):
    code = "not_your_hand_over"
    kind = Kind.FORBIDDEN
    message = (
        "Lần giao này do đơn vị khác giao. Hãy để đơn vị đã giao, hoặc cơ quan cấp trên, làm việc "
        "này."
    )


class SpokeForOtherSide(Refusal):
    code = "spoke_for_other_side"
    kind = Kind.FORBIDDEN
    message = (
        "Bạn đã nhận tem hoặc trả lời thay cho bên kia. Hãy để người khác của bên bạn trả lời."
    )


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
    """Serials of a batch given to `recipient`, a person of the facility, on `handed_on`.

    `by_person`: marks that tell accounts of one person. `missing` and `damaged` are as the
    facility found it.
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

    @property
    def total(self) -> int:
        return count(self.spans)

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
        """Raises NotWaiting, OwnHandOver, OutsideHandOver, MissingAndDamaged, WordsNeeded."""
        if self.state != "handed":
            raise NotWaiting()
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
        words = (_word(text, who, now),) if differs else ()
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
        self.must_be_of(who)
        return self._next(state="withdrawn")

    def answer(self, text: str, *, agrees: bool, who: Principal, now: datetime) -> "HandOver":
        """Raises NoDifference, NotYourHandOver, OwnHandOver, SpokeForOtherSide, OwnWord,
        WordsNeeded, TooManyWords."""
        if self.state != "differs":
            raise NoDifference()
        side = side_of(who)
        self.must_be_of(who)
        self._must_be_of_one_side(who)
        if agrees and self.words[-1].side == side:
            raise OwnWord()
        if not agrees and not text:
            raise WordsNeeded("text")
        if not agrees and len(self.words) >= MAX_WORDS:
            raise TooManyWords()
        word = _word(text, who, now, agrees)
        return self._next(state="settled" if agrees else "differs", words=(*self.words, word))

    def is_of(self, who: Principal) -> bool:
        """Whether this unit gave it, or stands above the one that did; a facility is its own."""
        above = is_below(self.by_tier, who.tier)
        return side_of(who) == "facility" or who.unit_id == self.unit_id or above

    def must_be_of(self, who: Principal) -> None:
        """Raise NotYourHandOver."""
        if not self.is_of(who):
            raise NotYourHandOver()

    def waits_for(self, side: Side) -> bool:
        """Whether it is this side's turn."""
        if self.state == "handed":
            return side == "facility"
        return self.state == "differs" and self.words[-1].side != side

    def _must_be_of_one_side(self, who: Principal) -> None:
        side = side_of(who)
        if side == "facility":
            must_be_another(self.by, self.by_person, who)
        for word in self.words:
            if word.side != side and _same(word.by, word.by_person, who):
                raise SpokeForOtherSide()

    def _next(self, **changes: object) -> "HandOver":
        return replace(self, version=self.version + 1, **changes)  # type: ignore[arg-type]


def side_of(who: Principal) -> Side:
    return "authority" if who.facility_id is None else "facility"


def _word(text: str, who: Principal, now: datetime, agrees: bool = False) -> Word:
    person = tuple(sorted(who.person))
    return Word(side_of(who), who.account_id, who.name, now, text, agrees, person)


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
