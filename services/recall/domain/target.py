"""What a recall is aimed at, and which lots it aims at by itself, before any tracing."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from services.recall.domain.refusals import InvalidPeriod, InvalidSerials, InvalidTarget
from shared.stampcode import MAX_BATCH, MAX_SERIAL


class TargetKind(StrEnum):
    LOT = "lot"
    BATCH = "batch"
    STAMPS = "stamps"
    PRODUCT = "product"
    FACILITY = "facility"


@dataclass(frozen=True, slots=True)
class Lot:
    """A lot (lô sản phẩm) as the genealogy knows it. `inputs` are the lots it was made from;
    `unit_en` is the unit's English name, "" where the lot was told without."""

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


@dataclass(frozen=True, slots=True)
class Target:
    """A lot, a stamp batch, serials of one, or the products or facility of a period.

    `first`…`last` are serials, both included; `since`…`until` days of production, both included,
    either of them open. Without a period a product or facility is meant as a whole, with
    everything it has made or will make.
    """

    kind: TargetKind
    id: str
    first: int | None = None
    last: int | None = None
    since: date | None = None
    until: date | None = None

    def __post_init__(self) -> None:
        self._check_serials()
        self._check_period()

    @property
    def key(self) -> str:
        """Equal for equal targets."""
        parts = (self.kind, self.id, self.first, self.last, self.since, self.until)
        return ":".join("" if part is None else str(part) for part in parts)

    @property
    def has_period(self) -> bool:
        return self.since is not None or self.until is not None

    @property
    def is_of_stamps(self) -> bool:
        """Whether stamps are meant themselves, not the lots they stand on."""
        return self.kind in (TargetKind.BATCH, TargetKind.STAMPS)

    @property
    def batch(self) -> int:
        return int(self.id)

    def names(self, lot: Lot) -> bool:
        """Whether the lot is aimed at itself, not as something made from another."""
        if self.kind is TargetKind.LOT:
            return lot.id == self.id
        if self.kind is TargetKind.PRODUCT:
            return lot.product_id == self.id and self._in_period(lot.produced_on)
        if self.kind is TargetKind.FACILITY:
            return lot.facility_id == self.id and self._in_period(lot.produced_on)
        return False

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
        if self.kind not in (TargetKind.PRODUCT, TargetKind.FACILITY) and self.has_period:
            raise InvalidTarget("from")
        if self.since and self.until and self.since > self.until:
            raise InvalidPeriod("to")
