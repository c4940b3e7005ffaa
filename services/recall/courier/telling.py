"""The message that a contact is sent of an event."""

from collections.abc import Sequence
from datetime import timedelta

from services.recall.domain.contact import Contact, State
from services.recall.domain.delivery import Delivery, delivery_id
from services.recall.domain.telling import Telling
from services.recall.store import deliveries
from shared.ids import now


def to(
    telling: Telling,
    contact: Contact,
    facilities: Sequence[str],
    total: int,
    where: tuple[str, str] = ("", ""),
    *,
    after: timedelta = timedelta(0),
) -> Delivery:
    """Once for each event and contact; `where` is the commune and sector of a facility. It is sent
    `after` some time."""
    at = now()
    return deliveries.delivery(
        telling.message,
        contact,
        id_=delivery_id(telling.event_id, contact.id),
        event_id=telling.event_id,
        happened_at=telling.happened_at,
        at=at,
        due=at + after,
        case_id=telling.case_id,
        case_version=telling.case_version,
        facilities=facilities,
        facilities_total=total,
        where=where,
        held=contact.state is State.PAUSED,
        joined=telling.joined,
    )
