"""What a recall is aimed at, and which lots it aims at by itself, before any tracing."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from services.recall.domain.refusals import (
    InvalidPeriod,
    InvalidSerials,
    InvalidTarget,
    NumberMissing,
    PeriodInFuture,
)
from services.recall.domain.used import InputUse, folded_number
from services.recall.domain.within import Within
from shared.stampcode import MAX_BATCH, MAX_SERIAL


class TargetKind(StrEnum):
    LOT = "lot"
    BATCH = "batch"
    STAMPS = "stamps"
    PRODUCT = "product"
    FACILITY = "facility"
    AREA = "area"
    INPUT = "input"
    CERTIFICATE = "certificate"


@dataclass(frozen=True, slots=True)
class Lot:
    """A lot (lô sản phẩm) as the genealogy knows it. `inputs` are the lots it was made from and
    those of the supplies used on it, which `supplies` names apart; `unit_en` is the unit's English
    name, "" where the lot was told without.

    Lots taken in before `expires_on`, `growing_area_id`, `supplies` and `used` were kept have none.
    """

    id: str
    version: int
    facility_id: str
    product_id: str
    code: str
    quantity: Decimal
    unit: str
    produced_on: date
    inputs: tuple[str, ...] = ()
    unit_en: str = ""
    expires_on: date | None = None
    growing_area_id: str = ""
    supplies: tuple[str, ...] = ()
    used: tuple[InputUse, ...] = ()


# Goods of a time: these may have a period, the others are what they are.
TIMED: Final = frozenset(
    {
        TargetKind.PRODUCT,
        TargetKind.FACILITY,
        TargetKind.AREA,
        TargetKind.INPUT,
        TargetKind.CERTIFICATE,
    }
)
# No stamp names these: a notice about them names lots and nothing else.
BY_LOTS: Final = frozenset({TargetKind.AREA, TargetKind.INPUT, TargetKind.CERTIFICATE})
_NUMBERED: Final = frozenset({TargetKind.INPUT, TargetKind.CERTIFICATE})


@dataclass(frozen=True, slots=True)
class Target:
    """A lot, a stamp batch, serials of one, or the goods of a period: of a product, a facility, a
    growing area, an input used on them, or a certificate that their facility claimed.

    `first`…`last` are serials, both included; `since`…`until` days of production, of an input the
    days of its use, both included, either of them open. Without a period all is meant that there
    is or will be. An input's `id` is its key, or "substance:" and an active substance; its `number`
    is that of a package, "" for any. A certificate's `id` is its facility's, `number` its own.

    `within` is the area that an order about an input speaks for; None before it is known who asks.
    """

    kind: TargetKind
    id: str
    first: int | None = None
    last: int | None = None
    since: date | None = None
    until: date | None = None
    number: str = ""
    within: Within | None = None

    def __post_init__(self) -> None:
        self._check_serials()
        self._check_period()
        self._check_number()

    @property
    def key(self) -> str:
        """Equal for equal targets."""
        parts = (self.kind, self.id, self.first, self.last, self.since, self.until)
        key = ":".join("" if part is None else str(part) for part in parts)
        if self.kind not in _NUMBERED:
            return key
        area = self.within.key if self.within else ""
        return f"{key}:{folded_number(self.number)}:{area}"

    @property
    def has_period(self) -> bool:
        return self.since is not None or self.until is not None

    @property
    def is_of_stamps(self) -> bool:
        """Whether stamps are meant themselves, not the lots they stand on."""
        return self.kind in (TargetKind.BATCH, TargetKind.STAMPS)

    def may_become(self, other: "Target") -> bool:
        """Whether a correction may aim there: at the same thing, more or less of it."""
        same_kind = self.kind is other.kind or (self.is_of_stamps and other.is_of_stamps)
        same_scope = (self.number, self.within) == (other.number, other.within)
        return same_kind and same_scope and self.id == other.id

    @property
    def is_by_lots(self) -> bool:
        """Whether only the lots that it means tell that goods are touched."""
        return self.kind in BY_LOTS

    @property
    def batch(self) -> int:
        return int(self.id)

    def names(self, lot: Lot) -> bool:
        """Whether the lot is aimed at itself, not as something made from another. Where its maker
        lies is for `within` to say."""
        match self.kind:
            case TargetKind.LOT:
                return lot.id == self.id
            case TargetKind.PRODUCT:
                return lot.product_id == self.id and self._in_period(lot.produced_on)
            case TargetKind.FACILITY | TargetKind.CERTIFICATE:
                return lot.facility_id == self.id and self._in_period(lot.produced_on)
            case TargetKind.AREA:
                return lot.growing_area_id == self.id and self._in_period(lot.produced_on)
            case TargetKind.INPUT:
                return any(self._is_use(use) for use in lot.used)
            case _:
                return False

    def check_days(self, today: date) -> None:
        """Raises where a period begins after today: nothing was made or used then."""
        if self.since is not None and self.since > today:
            raise PeriodInFuture("from")

    def _is_use(self, use: InputUse) -> bool:
        """Whether the input was used between two days of which one may lie in the period."""
        number = folded_number(self.number)
        return (
            self.id in use.names
            and number in ("", use.number)
            and (self.since is None or self.since <= use.last)
            and (self.until is None or use.first <= self.until)
        )

    def _in_period(self, day: date) -> bool:
        after = self.since is None or self.since <= day
        return after and (self.until is None or day <= self.until)

    def _check_serials(self) -> None:
        if self.is_of_stamps and not (
            self.id.isascii() and self.id.isdecimal() and len(self.id) < 9
        ):
            raise InvalidTarget("target")
        if self.is_of_stamps and self.batch > MAX_BATCH:
            raise InvalidTarget("target")
        if self.kind is not TargetKind.STAMPS:
            if self.first is not None or self.last is not None:
                raise InvalidTarget("first")
            return
        if self.first is None or self.last is None:
            raise InvalidSerials("first" if self.first is None else "last")
        if not 0 <= self.first <= self.last <= MAX_SERIAL:
            raise InvalidSerials("last")

    def _check_period(self) -> None:
        if self.kind not in TIMED and self.has_period:
            raise InvalidTarget("from")
        if self.since and self.until and self.since > self.until:
            raise InvalidPeriod("to")

    def _check_number(self) -> None:
        if self.kind is TargetKind.CERTIFICATE and not folded_number(self.number):
            raise NumberMissing("number")
        if self.number and self.kind not in _NUMBERED:
            raise InvalidTarget("number")
