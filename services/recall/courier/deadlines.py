"""Who is told that a deadline draws near or was missed: the tier that the event names, no other."""

from services.recall.courier.telling import to
from services.recall.domain.delivery import Message
from services.recall.domain.telling import Telling
from services.recall.store import contacts, deliveries, facts, told_cases
from shared.contracts.recall import DeadlineMissed, DeadlineNear
from shared.ids import now
from shared.mongo import Tx


async def tell_near(tx: Tx, event: DeadlineNear) -> None:
    if event.due_at > now():
        await _tell(tx, Message.DEADLINE_NEAR, event)


async def tell_missed(tx: Tx, event: DeadlineMissed) -> None:
    await _tell(tx, Message.DEADLINE_MISSED, event)


async def _tell(tx: Tx, message: Message, event: DeadlineNear | DeadlineMissed) -> None:
    """Few are told, so it is done in the transaction that claims the event."""
    case = await told_cases.find(tx, event.case_id)
    if case is None or not case.is_standing:
        return
    telling = Telling(event.id, message, event.time, now(), case.id, case.version)
    of_facility = event.tier == "facility"
    owners = [event.facility_id] if of_facility else list(event.units)
    kind = "facility" if of_facility else "unit"
    known = await facts.facilities(tx, [event.facility_id])
    found = telling.due(await contacts.confirmed(tx, kind, owners))
    where = (event.commune, event.sector) if of_facility else ("", "")
    made = [to(telling, one, list(known), len(known), where) for one in found]
    await deliveries.add(tx, made)
