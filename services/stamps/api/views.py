"""Answers of the API."""

from datetime import date, datetime
from typing import Final, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from services.stamps.domain import printing, quotas, requests
from services.stamps.domain.touched import Touched

V = TypeVar("V", bound=BaseModel)
SPANS_TOLD: Final = 100


class View(BaseModel):
    """Read from a thing of the domain by `View.of(thing)`."""

    model_config = ConfigDict(from_attributes=True)


class Listing(BaseModel, Generic[V]):
    """One page of `total` items, the newest first."""

    items: list[V]
    total: int
    page: int


class RequestView(View):
    id: str
    facility_id: str
    product_id: str
    lot_id: str
    quantity: int
    purpose: str
    state: requests.State
    approved: int
    batch: int | None
    reason: str
    submitted_at: datetime
    decided_at: datetime | None
    version: int
    printed_by: requests.PrintedBy


class BatchView(View):
    number: int
    request_id: str
    facility_id: str
    product_id: str
    quantity: int
    issued_at: datetime


class IntervalView(View):
    """Serials `first`…`last` share a lot ("" until activated) and a state."""

    first: int
    last: int
    lot: str
    state: str


class HoldView(View):
    """`scope` facility or batch, `target` its id; `reason_kind` facility_stopped, officer_order."""

    id: str
    scope: str
    target: str
    reason_kind: str
    reason: str
    active: bool


class DecidedView(BaseModel):
    """Serials `first`…`last` are out of use; no tier below `tier` changes that."""

    first: int
    last: int
    tier: str


class SpanView(BaseModel):
    first: int
    last: int


class TouchedView(BaseModel):
    """What a recall, withdrawal or warning (`kind`) that holds touches: `count` stamps of the
    batch, the first hundred runs of them as `spans`. `case_id` is recall's."""

    case_id: str
    kind: str
    title: str
    authority: str
    count: int
    spans: list[SpanView]

    @classmethod
    def of(cls, one: Touched) -> "TouchedView":
        return cls(
            case_id=one.case_id,
            kind=one.kind,
            title=one.title,
            authority=one.authority,
            count=one.count,
            spans=[SpanView(first=first, last=last) for first, last in one.spans[:SPANS_TOLD]],
        )


class BatchDetail(BatchView):
    """`counts` by state, over all serials; `holds` are the active ones that touch the batch.
    `notices` lie over the states and leave them as they are; `recalled` counts the serials that a
    recall or withdrawal touches.

    `decided` names the tier that took serials out of use, where it is known.
    """

    counts: dict[str, int]
    intervals: list[IntervalView]
    holds: list[HoldView]
    decided: list[DecidedView]
    notices: list[TouchedView]
    recalled: int


class QuotaView(BaseModel):
    """At most `limit` stamps in each calendar year or month as Vietnam counts days, of a product
    or ("") of all; in the one that began on day `begins`, `issued` were, and `left` are. Requests
    that wait for a decision ask for `waiting`; no more than `left` less `waiting` may be asked for.

    `change` is the number of the change that set it."""

    product_id: str
    period: quotas.Period
    begins: date
    limit: int
    issued: int
    left: int
    waiting: int
    change: int

    @classmethod
    def of(cls, one: quotas.Standing) -> "QuotaView":
        quota = one.quota
        return cls(
            product_id=quota.product_id,
            period=quota.period,
            begins=one.begins,
            limit=quota.limit,
            issued=one.issued,
            left=one.left,
            waiting=one.waiting,
            change=quota.number,
        )


class QuotasView(BaseModel):
    """The quotas that bind a facility now."""

    facility_id: str
    quotas: list[QuotaView]


class QuotaChangeView(View):
    """`limit` is null where the change ended the quota."""

    number: int
    product_id: str
    period: quotas.Period
    limit: int | None
    reason: str
    by_tier: str
    at: datetime


class FacilityQuotasView(QuotasView):
    changes: Listing[QuotaChangeView]


class CodesView(BaseModel):
    """The codes of serials `first`, `first` + 1, …"""

    batch: int
    first: int
    codes: list[str]


class PrintJobView(View):
    """`done` of `total` stamps are drawn; `bytes` is the size of the finished file.

    `design` is the revision printed with, "<design>/<revision>". `failure`: impossible, unreadable
    (what was drawn could not be read back), given_up or cancelled. `used` labels of the first sheet
    are left out; shifts are tenths of a millimetre, right and up.
    """

    id: str
    batch: int
    size: str
    first: int
    last: int
    state: printing.State
    done: int
    total: int
    bytes: int
    format: str
    used: int
    shift_x: int
    shift_y: int
    failure: printing.Failure
    design: str
    output: printing.Output
    pin: bool
    carrier: printing.Carrier
    barcode: printing.Barcode


class FormatView(BaseModel):
    """A paper: `kind` uncut, sheet or roll; page and label in millimetres ([0, 0] where stamps are
    cut from the sheet); `sizes` that fit on its labels, with how many there are on a page."""

    key: str
    kind: str
    page: tuple[float, float]
    label: tuple[float, float]
    bleed: float
    sizes: dict[str, int]


class FormatsView(BaseModel):
    items: list[FormatView]
