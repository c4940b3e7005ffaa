"""What stamps tells: requests decided, batches issued, the interval map of each batch, holds."""

from typing import NamedTuple

from pydantic import Field

from shared.contracts.event import Event, Fact

# A batch is kept and published in segments of this many serials.
SEGMENT_SERIALS = 16_384
# At most this many intervals in a segment (about 26 KB); activating stamps so that there would be
# more is refused with a clear message. What takes stamps out of use, or gives that back, is not.
MAX_INTERVALS = 500
# What is told of stamps to whoever scans them: so long at most, and nothing new where it stands in
# so many places of a segment already; taking it off stamps in between may make them more.
MAX_PUBLIC_REASON = 300
MAX_SAID = 40


class Interval(NamedTuple):
    """Serials `first`…`last` (both included) that share a lot and a life-cycle state.

    `lot` is "" until activated and never changes after. `state`: issued, active, returned,
    damaged, lost, destroyed, suspended, revoked.
    """

    first: int
    last: int
    lot: str
    state: str


class Said(Fact):
    """Why serials `first`…`last` are suspended or revoked, as the authority tells it to buyers.

    `text` is Vietnamese, `text_en` English and `text_zh` Chinese where the authority gave them.
    """

    first: int
    last: int
    text: str = Field(max_length=MAX_PUBLIC_REASON)
    text_en: str = Field("", max_length=MAX_PUBLIC_REASON)
    text_zh: str = Field("", max_length=MAX_PUBLIC_REASON)


class RequestDecided(Event):
    """A stamp request was approved or rejected. `subject` is the request; `printed_by`, facility or
    authority, says who prints what was approved."""

    type = "stamps.request_decided.v1"

    facility_id: str
    product_id: str
    asked: int
    approved: int
    decision: str
    reason: str = ""
    batch: int | None = None
    printed_by: str = "facility"


class RequestWithdrawn(Event):
    """A stamp request was taken back before anybody decided on it. `subject` is the request."""

    type = "stamps.request_withdrawn.v1"

    facility_id: str
    product_id: str
    asked: int
    reason: str


class PrintingChanged(Event):
    """Another prints the stamps of a request than was asked or decided before. `subject` is the
    request; `printed_by` is facility or authority, `batch` that of an approved one."""

    type = "stamps.printing_changed.v1"

    facility_id: str
    product_id: str
    printed_by: str
    reason: str = ""
    batch: int | None = None


class BatchIssued(Event):
    """`quantity` stamps with serials 0…quantity-1 exist. `subject` is the batch number."""

    type = "stamps.batch_issued.v1"

    batch: int
    request_id: str
    facility_id: str
    product_id: str
    quantity: int


class SegmentPublished(Event):
    """The whole interval list of one segment. `subject` is "<batch>/<segment>".

    Serials of segment s are s·16384 … (s+1)·16384-1; a serial in no interval was never issued.
    `more` goes on where `intervals` are too many for one list; `whole` are both. `said`:
    sorted and disjoint, only of serials whose change of state was explained in public.
    """

    type = "stamps.segment_published.v1"

    batch: int
    segment: int
    facility_id: str
    product_id: str
    intervals: tuple[Interval, ...] = Field(max_length=MAX_INTERVALS)
    said: tuple[Said, ...] = Field((), max_length=SEGMENT_SERIALS)
    more: tuple[Interval, ...] = Field((), max_length=SEGMENT_SERIALS)

    @property
    def whole(self) -> tuple[Interval, ...]:
        """All intervals of the segment."""
        return self.intervals + self.more


class IntervalsChanged(Event):
    """What changed and why, for statistics and the ledger. `subject` is the batch number.

    `reason` is for the records, `public_reason` what buyers are told, with `public_reason_en` and
    `public_reason_zh` where they are told in these languages too. `change` is activate,
    damaged, lost, return, destroyed, suspend, unsuspend, revoke; unrevoke gives back what a
    mistaken revocation took; sold tells of a sale and leaves the state alone, unsold takes such a
    report back. `undoes`: the version of the event whose change it takes back, 0 for none.
    """

    type = "stamps.intervals_changed.v1"

    batch: int
    facility_id: str
    product_id: str
    first: int
    last: int
    count: int
    change: str
    lot: str = ""
    reason: str = ""
    public_reason: str = ""
    undoes: int = 0
    public_reason_en: str = ""
    public_reason_zh: str = ""


class PinsOrdered(Event):
    """Serials `first`…`last` are printed with hidden numbers. `subject` is the print job.

    It is told when the file that holds them is made. Of a serial that is in none of these no hidden
    number was ever printed; `cancelled`, of a later version: neither by this job, for its sheets
    are not wanted any more. The numbers themselves are told to nobody.
    """

    type = "stamps.pins_ordered.v1"

    batch: int
    facility_id: str
    product_id: str
    first: int
    last: int
    cancelled: bool = False


class HoldPublished(Event):
    """A hold on stamps as it now stands, separate from their state. `subject` is the hold's id.

    `scope` is facility or batch, `target` its id; `reason_kind` facility_stopped, officer_order or
    certificate_expired; `active` False once lifted. `reason` is Vietnamese, `reason_en` and
    `reason_zh` what was given beside it; whoever scans reads them.
    """

    type = "stamps.hold_published.v1"

    scope: str
    target: str
    reason_kind: str
    reason: str = ""
    active: bool
    reason_en: str = ""
    reason_zh: str = ""

    @property
    def urgent(self) -> bool:
        return self.active


class StockSpan(NamedTuple):
    """Serials `first`…`last` (both included) lie in `place`: ordered, printing, stock, handed,
    received; spoilt, missing and damaged are out of use, and so is unusable, in a unit's stock."""

    first: int
    last: int
    place: str


class StockMoved(Event):
    """Centrally printed stamps lie elsewhere now. `subject` is "<batch>/stock".

    `act` is order, leave (their facility prints them itself after all), print, cancel_print, store,
    hand_over, take_back or receive; transfer, and
    take_in once they are received, where they go to another unit, `to_unit_id`; set_aside, what was
    taken out of use in stock, bring_back, what was given back its use there; inherit, of `unit_id`,
    which was merged into `to_unit_id`. `unit_id` is else the
    authority's unit that did it, of take_back the one that has them again, "" for the facility and
    where nobody did; `handover` the id of the hand-over, if it is part of one. An act on very many
    pieces is told by several events.
    """

    type = "stamps.stock_moved.v1"

    batch: int
    facility_id: str
    product_id: str
    act: str
    unit_id: str = ""
    handover: str = ""
    moved: tuple[StockSpan, ...] = Field(max_length=2_000)
    to_unit_id: str = ""


class StockWaiting(Event):
    """What of a centrally printed batch waits for whom, after each act. `subject` is
    "<batch>/waiting".

    `to_print`: serials that nobody has ordered sheets of yet; `to_hand_over`: by unit, those in its
    stock. `to_receive`, `to_answer`: hand-overs that wait for the facility, to be received or to be
    answered where they differ; `to_receive_by`, `to_answer_by`: by unit, those that wait for one.
    The whole is told, of the place (`commune`, `sector`) in which the facility lies.
    """

    type = "stamps.stock_waiting.v1"
    derived = True

    batch: int
    facility_id: str
    commune: str
    sector: str
    to_print: int = 0
    to_hand_over: dict[str, int] = Field(default_factory=dict)
    to_receive: int = 0
    to_receive_by: dict[str, int] = Field(default_factory=dict)
    to_answer: int = 0
    to_answer_by: dict[str, int] = Field(default_factory=dict)
