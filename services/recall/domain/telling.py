"""What an event tells contacts: whom it is due to, and whether it holds still when it is told."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.recall.domain.case import Case
from services.recall.domain.contact import Contact
from services.recall.domain.delivery import ENDED_BY_LIFTING, GIVE_UP, KEPT, Message


@dataclass(frozen=True, slots=True)
class Telling:
    """An event of a case, on its way to contacts. `heard_at` is when the courier took it in;
    `facilities` and `lots` are those that the event itself names; `joined` are further growths that
    are told as one with it."""

    event_id: str
    message: Message
    happened_at: datetime
    heard_at: datetime
    case_id: str
    case_version: int
    facilities: tuple[str, ...] = ()
    lots: tuple[str, ...] = ()
    joined: tuple[str, ...] = ()

    @property
    def events(self) -> tuple[str, ...]:
        return (self.event_id, *self.joined)

    def together(self, others: Sequence["Telling"]) -> "Telling":
        """One telling of this growth and of others of its case."""
        all_ = (self, *others)
        return replace(
            self,
            case_version=max(one.case_version for one in all_),
            facilities=tuple(dict.fromkeys(id_ for one in all_ for id_ in one.facilities)),
            lots=tuple(dict.fromkeys(id_ for one in all_ for id_ in one.lots)),
            joined=(*self.joined, *(id_ for one in others for id_ in one.events)),
        )

    @property
    def is_late(self) -> bool:
        return self.happened_at < self.heard_at - GIVE_UP

    def holds(self, case: Case | None) -> bool:
        """A queue that is filled anew must not tell what is long known or over; what comes late
        because no courier ran is told all the same, while what it says still holds. Nobody is
        asked to act on what was lifted meanwhile."""
        if self.message in ENDED_BY_LIFTING and case is not None and not case.is_standing:
            return False
        if not self.is_late:
            return True
        if self.happened_at < self.heard_at - KEPT:
            return False
        if self.message in (Message.LIFTED, Message.CLOSED):
            return True
        return case is not None and case.is_standing

    def due(self, found: Iterable[Contact]) -> list[Contact]:
        """Who is told of what comes late: who had asked for it when it happened."""
        return [one for one in found if not self.is_late or _had_asked(one, self.happened_at)]


def _had_asked(contact: Contact, at: datetime) -> bool:
    return contact.confirmed_at is not None and contact.confirmed_at <= at
