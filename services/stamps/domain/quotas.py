"""Quotas: how many stamps may be issued to a facility in a calendar year or month (R36)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final, Literal

from shared.days import local_day, local_midnight
from shared.errors import Kind, Phrase, Refusal
from shared.tiers import AUTHORITIES, DecidedAbove, is_below

Period = Literal["year", "month"]
Span = tuple[datetime, datetime]

MAX_LIMIT: Final = 1_000_000_000
# Of a facility at once; with these many of them, quotas for single products are no tool any more.
MAX_QUOTAS: Final = 200
ALL_PRODUCTS: Final = ""


class QuotaDecidedAbove(DecidedAbove):
    code = "decided_above"
    message = (
        "Hạn mức này do {authority} đặt, cấp dưới không đổi được. "
        "Hãy đề nghị {authority} xem lại, hoặc đặt thêm một hạn mức khác chặt hơn."
    )


class NoQuotaToEnd(Refusal):
    code = "no_quota_to_end"
    message = "Không có hạn mức nào như vậy đang áp dụng. Hãy tải lại trang để xem các hạn mức."


class LimitNeeded(Refusal):
    code = "limit_needed"
    kind = Kind.INVALID
    message = "Hãy ghi số tem nhiều nhất được cấp trong một kỳ, hoặc chọn bỏ hạn mức."


class LimitNotUsed(Refusal):
    code = "limit_not_used"
    kind = Kind.INVALID
    message = "Bỏ hạn mức thì không có số tem. Hãy để trống ô này, hoặc chọn đặt hạn mức."


class ProductOfOthers(Refusal):
    code = "product_of_others"
    kind = Kind.INVALID
    message = "Sản phẩm này không phải của cơ sở. Hãy chọn một sản phẩm của chính cơ sở."


class TooManyQuotas(Refusal):
    code = "too_many_quotas"
    message = (
        "Cơ sở đã có {limit} hạn mức. Hãy bỏ bớt, hoặc đặt một hạn mức chung cho mọi sản phẩm."
    )


@dataclass(frozen=True, slots=True)
class Quota:
    """At most `limit` stamps in each calendar year or month as Vietnam counts days, of one product
    or, where `product_id` is "", of all together. `number` is the change that set it."""

    product_id: str
    period: Period
    limit: int
    number: int
    by_tier: str

    def binds(self, product_id: str) -> bool:
        return self.product_id in (ALL_PRODUCTS, product_id)


@dataclass(frozen=True, slots=True)
class QuotaChange:
    """A facility's change of quotas `number`, counted from 1; `limit` None ended the quota."""

    facility_id: str
    number: int
    product_id: str
    period: Period
    limit: int | None
    reason: str
    by: str
    by_name: str
    by_tier: str
    at: datetime

    @property
    def id(self) -> str:
        return f"{self.facility_id}/{self.number}"


@dataclass(frozen=True, slots=True)
class Quotas:
    """Those that bind a facility now; `changes` were made so far, and all of them are kept."""

    facility_id: str
    changes: int = 0
    limits: tuple[Quota, ...] = ()

    @property
    def next(self) -> int:
        return self.changes + 1

    def changed(self, change: QuotaChange) -> "Quotas":
        """With a quota set anew or ended; raises NoQuotaToEnd, QuotaDecidedAbove, TooManyQuotas."""
        key = change.product_id, change.period
        before = next((one for one in self.limits if (one.product_id, one.period) == key), None)
        if before is not None and is_below(change.by_tier, before.by_tier):
            raise QuotaDecidedAbove(authority=AUTHORITIES[before.by_tier])
        others = tuple(one for one in self.limits if one is not before)
        if change.limit is None:
            if before is None:
                raise NoQuotaToEnd()
            return replace(self, changes=change.number, limits=others)
        if len(others) >= MAX_QUOTAS:
            raise TooManyQuotas(limit=MAX_QUOTAS)
        fresh = Quota(*key, change.limit, change.number, change.by_tier)
        in_order = sorted((*others, fresh), key=lambda one: (one.product_id, one.period))
        return replace(self, changes=change.number, limits=tuple(in_order))

    def binding(self, product_id: str) -> tuple[Quota, ...]:
        return tuple(one for one in self.limits if one.binds(product_id))


@dataclass(frozen=True, slots=True)
class Standing:
    """A quota in the period that is running: `issued` stamps so far, which may be more than its
    limit where it was set later. `waiting` are asked for by requests that nobody has decided on
    yet, whenever they were sent: whatever is granted of them is issued in this period or later.
    The period is that of `begins`, and of all days before `ends`."""

    quota: Quota
    begins: date
    issued: int
    waiting: int = 0

    @property
    def ends(self) -> date:
        """The day on which the next period begins."""
        return first_day_after(self.quota.period, self.begins)

    @property
    def left(self) -> int:
        return max(0, self.quota.limit - self.issued)

    @property
    def open(self) -> int:
        """What may still be asked for beside the requests that wait."""
        return max(0, self.left - self.waiting)

    @property
    def beyond(self) -> int:
        """By how much more than is left the requests that wait ask for."""
        return max(0, self.waiting - self.left)


def named(period: Period, begins: date) -> Phrase:
    """A period as people call it."""
    if period == "year":
        return Phrase("năm {year}", {"year": str(begins.year)})
    return Phrase("tháng {month}/{year}", {"month": str(begins.month), "year": str(begins.year)})


def first_day(period: Period, now: datetime) -> date:
    """The day on which the running period began."""
    today = local_day(now)
    return today.replace(day=1, month=1) if period == "year" else today.replace(day=1)


def first_day_after(period: Period, begins: date) -> date:
    """The day on which the period follows that began on this one."""
    if period == "year":
        return date(begins.year + 1, 1, 1)
    years, month = divmod(begins.month, 12)
    return date(begins.year + years, month + 1, 1)


def span(period: Period, now: datetime) -> Span:
    """When the running period began and when the next will: Vietnamese midnights."""
    first = first_day(period, now)
    return local_midnight(first), local_midnight(first_day_after(period, first))


def standings(
    limits: Iterable[Quota],
    issued: Mapping[Period, Mapping[str, int]],
    waiting: Mapping[str, int],
    now: datetime,
) -> list[Standing]:
    """How far each quota is used; `issued` are the stamps of each product in each period,
    `waiting` those that undecided requests ask for."""
    return [
        Standing(
            one,
            first_day(one.period, now),
            _of(one, issued[one.period]),
            _of(one, waiting),
        )
        for one in limits
    ]


def _of(quota: Quota, of_products: Mapping[str, int]) -> int:
    if quota.product_id == ALL_PRODUCTS:
        return sum(of_products.values())
    return of_products.get(quota.product_id, 0)
