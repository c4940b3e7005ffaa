"""Recalls and warnings as cases, and the notices that replicas must show."""

from pydantic import AwareDatetime

from shared.contracts.event import Event, Fact

# A notice naming more lots than this is split into several parts, an event each.
MAX_TARGETS = 2_000


class StampRange(Fact):
    """Serials `first`…`last` of a batch, both included."""

    batch: int
    first: int
    last: int


class NoticePublished(Event):
    """One part of a notice as it now stands: show it while `active`. `subject`: "<case>/<part>".

    `kind` is recall, withdrawal or warning; `level` information, caution, serious or critical;
    `reason_key` is of recall's catalogue. Both are "" of the time before there were any. A stamp
    is touched if its lot, product, facility or batch is named or its serial lies in a range.
    Closing a case leaves its notices active; only a lift clears them. Since `corrected_at` it says
    what it says; a version that is `narrowed` warns of less than the one before.
    """

    type = "recall.notice_published.v1"

    case_id: str
    part: int
    kind: str
    active: bool
    title: str
    reason: str
    instruction: str
    title_en: str = ""
    reason_en: str = ""
    instruction_en: str = ""
    title_zh: str = ""
    reason_zh: str = ""
    instruction_zh: str = ""
    ordered_at: AwareDatetime
    authority: str
    lots: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    facilities: tuple[str, ...] = ()
    batches: tuple[int, ...] = ()
    stamps: tuple[StampRange, ...] = ()
    level: str = ""
    reason_key: str = ""
    corrected_at: AwareDatetime | None = None
    narrowed: bool = False

    @property
    def urgent(self) -> bool:
        """A version that takes a warning back, if only of some lots, waits for its number."""
        return self.active and not self.narrowed


class RecallOrdered(Event):
    """A recall (thu hồi) was ordered. `subject` is the case; the notices carry its reach.

    `legal_basis` is voluntary or compulsory (Circular 17/2021, Art. 10 and 11).
    """

    type = "recall.ordered.v1"

    kind: str
    target_kind: str
    target: str
    reason: str
    legal_basis: str
    lots: tuple[str, ...]
    facilities: tuple[str, ...]
    parts: int
    ordered_by: str
    level: str = ""
    reason_key: str = ""


class ScopeChanged(Event):
    """Lots or places were added to a case, by themselves or by an official. `subject` is the case.

    `added_facilities` are those that goods in the case were sent to: they hold some of them.
    """

    type = "recall.scope_changed.v1"

    added_lots: tuple[str, ...]
    cause: str
    added_facilities: tuple[str, ...] = ()


class RecallLifted(Event):
    """The notices of a case no longer stand; two people decided so. `subject` is the case."""

    type = "recall.lifted.v1"

    reason: str
    requested_by: str
    confirmed_by: str


class RecallClosed(Event):
    """The case is done, its goods handled; its notices stay. `subject` is the case.

    `handling` and `recovered` are "" of a warning, which takes no goods back.
    """

    type = "recall.closed.v1"

    finding: str
    handling: str
    recovered: str = ""
