"""A transformation: lots become other lots, with quantities (R20, R23).

Split (chia lô), merge (gộp lô), process (chế biến) and collect (thu mua, thu gom): what went in,
what came out, and whether both agree. Circular 17/2021, Art. 6: inputs and outputs of each stage.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

from services.registry.domain.conserving import Balance, Limits, balance, limits
from services.registry.domain.diary import CLOCK_TOLERANCE, Step
from services.registry.domain.diary_refusals import DateInFuture
from services.registry.domain.records import Author
from shared.days import local_day, spoken
from shared.errors import Kind as Sort
from shared.errors import Refusal

MAX_INPUTS = 100
MAX_OUTPUTS = 100


class Kind(StrEnum):
    SPLIT = "split"
    MERGE = "merge"
    PROCESS = "process"
    COLLECT = "collect"


# The diary's step of the outputs; what is processed says itself what was done.
STEPS: Final = {Kind.SPLIT: Step.PACKING, Kind.MERGE: Step.PACKING, Kind.COLLECT: Step.COLLECTING}
# How lots that were only regrouped were made, as their diaries keep it, and in English.
REGROUPED: Final = {
    Kind.SPLIT: ("Chia lô", "Lot split"),
    Kind.MERGE: ("Gộp lô", "Lots merged"),
}
PROCESSES: Final = (Step.PRE_PROCESSING, Step.PROCESSING, Step.PACKING, Step.SLAUGHTERING)


class NothingGiven(Refusal):
    code = "nothing_given"
    kind = Sort.INVALID
    message = "Hãy nêu ít nhất một lô hoặc một người bán, kèm số lượng đã dùng."


class NothingMade(Refusal):
    code = "nothing_made"
    kind = Sort.INVALID
    message = "Hãy nêu ít nhất một lô làm ra, kèm mã lô và số lượng."


class ShapeWrong(Refusal):
    code = "transformation_shape"
    kind = Sort.INVALID
    message = (
        "Chia lô cần một lô vào và từ hai lô ra; gộp lô và thu mua cần một lô ra. "
        "Hãy chọn đúng loại hoặc sửa số dòng."
    )


class SourceNotNamed(Refusal):
    code = "source_not_named"
    kind = Sort.INVALID
    message = "Hãy ghi mã lô hoặc tên người bán cho dòng này."


class NamedTwice(Refusal):
    code = "named_twice"
    kind = Sort.INVALID
    message = "{name} được ghi hai lần. Hãy gộp thành một dòng."


class NotConserved(Refusal):
    code = "quantity_not_conserved"
    kind = Sort.INVALID
    message = (
        "Lượng làm ra lệch {percent} % so với lượng đưa vào, quá mức thường gặp "
        "(hao tối đa {loss} %, tăng tối đa {gain} %). Hãy sửa số lượng hoặc ghi giải trình để "
        "người kiểm tra xem xét."
    )


class NotComparable(Refusal):
    code = "quantity_not_comparable"
    kind = Sort.INVALID
    message = (
        "Đơn vị của lô vào và lô ra không so sánh được. Hãy dùng cùng loại đơn vị, ghi khối lượng "
        "tịnh của sản phẩm, hoặc ghi giải trình."
    )


class OnlyProcessCarriesOn(Refusal):
    code = "products_differ"
    kind = Sort.INVALID
    message = "Chia hoặc gộp lô thì sản phẩm không đổi. Nếu sản phẩm đổi, hãy chọn loại chế biến."


@dataclass(frozen=True, slots=True)
class Denial:
    """Why whoever made goods says that it never sold them to a collector: by its own account, or by
    an official for it, whose word rests on `basis`."""

    reason: str
    by: Author
    at: datetime
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Given:
    """What went in: a lot, of what `holder` has, or goods of a seller who keeps no lots here.
    `denied` by their maker, where a collector recorded that it bought them."""

    quantity: Decimal
    unit: str
    lot_id: str = ""
    supplier: str = ""
    net_content: str = ""
    product_id: str = ""
    holder: str = ""
    denied: Denial | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """A lot that came out."""

    lot_id: str
    code: str
    product_id: str
    quantity: Decimal
    unit: str
    produced_on: date
    expires_on: date | None = None
    net_content: str = ""


@dataclass(frozen=True, slots=True)
class Transformation:
    """`explanation` is what the checker reads where quantities differ; `cancelled` the reason.
    `by_person` are marks of `by`'s person."""

    id: str
    kind: Kind
    facility_id: str
    at: datetime
    place: str
    step: Step
    given: tuple[Given, ...]
    made: tuple[Made, ...]
    by: Author
    recorded_at: datetime
    category: str = ""
    method: str = ""
    explanation: str = ""
    cancelled: str = ""
    by_person: tuple[str, ...] = ()

    @property
    def limits(self) -> Limits:
        return limits(self.category, changes_goods=self.kind is Kind.PROCESS)

    @property
    def balance(self) -> Balance:
        return balance(
            [(one.quantity, one.unit, one.net_content) for one in self.given],
            [(one.quantity, one.unit, one.net_content) for one in self.made],
            self.limits,
        )

    @property
    def lots_given(self) -> tuple[str, ...]:
        return tuple(one.lot_id for one in self.given if one.lot_id)

    def checked(self, now: datetime) -> "Transformation":
        """The same; raises what is amiss in its shape, its date or its quantities."""
        _check_shape(self.kind, self.given, self.made)
        for index, one in enumerate(self.given):
            if not one.lot_id and not one.supplier:
                raise SourceNotNamed(f"given.{index}.lot")
        _check_doubles(self.given, self.made)
        if self.at > now + CLOCK_TOLERANCE:
            raise DateInFuture("at", date=spoken(local_day(self.at)))
        if self.kind in (Kind.SPLIT, Kind.MERGE):
            known = {one.product_id for one in self.given} | {one.product_id for one in self.made}
            if len(known) > 1:
                raise OnlyProcessCarriesOn("kind")
        self._check_quantities()
        return self

    def _check_quantities(self) -> None:
        if not self.explanation:
            check_agrees(self.balance)


def check_agrees(found: Balance) -> None:
    """Raise where what came out does not agree with what went in, or cannot be compared."""
    if found.conserved:
        return
    if found.difference is None:
        raise NotComparable("explanation")
    raise NotConserved(
        "explanation",
        percent=f"{found.difference * 100:+.1f}",
        loss=f"{found.limits.loss * 100:g}",
        gain=f"{found.limits.gain * 100:g}",
    )


def _check_shape(kind: Kind, given: Sequence[Given], made: Sequence[Made]) -> None:
    if not given:
        raise NothingGiven("given")
    if not made:
        raise NothingMade("made")
    fits = {
        Kind.SPLIT: len(given) == 1 and len(made) > 1,
        Kind.MERGE: len(given) > 1 and len(made) == 1,
        Kind.COLLECT: len(made) == 1,
        Kind.PROCESS: True,
    }
    if not fits[kind]:
        raise ShapeWrong("kind")


def _check_doubles(given: Sequence[Given], made: Sequence[Made]) -> None:
    seen: set[str] = set()
    for index, one in enumerate(given):
        name = one.lot_id or one.supplier
        if name in seen:
            raise NamedTwice(f"given.{index}.lot", name=one.supplier or str(index + 1))
        seen.add(name)
    codes: set[str] = set()
    for index, out in enumerate(made):
        if out.code.upper() in codes:
            raise NamedTwice(f"made.{index}.code", name=out.code)
        codes.add(out.code.upper())
