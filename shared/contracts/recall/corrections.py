"""What was wrong in an order, and what it says since."""

from shared.contracts.event import Event


class RecallCorrected(Event):
    """A standing case says something else from now on; its notices follow with higher versions.

    `subject` is the case; `changed` names what is different: kind, level, reason, words, target,
    lots. With `narrows` consumers are told less than before, and two people decided so;
    `confirmed_by` is "" where one was enough. Of lots at most MAX_TARGETS are named.
    """

    type = "recall.corrected.v1"

    why: str
    corrected_by: str
    confirmed_by: str = ""
    changed: tuple[str, ...] = ()
    narrows: bool = False
    kind: str
    level: str
    reason: str
    kind_before: str
    level_before: str
    reason_before: str
    added_lots: tuple[str, ...] = ()
    removed_lots: tuple[str, ...] = ()
    added_facilities: tuple[str, ...] = ()
