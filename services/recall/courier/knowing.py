"""What a message is made of, gathered when it is sent: the case as it stands then."""

from services.recall.courier import areas, corrected, drilled
from services.recall.courier.keys import CourierKeys
from services.recall.courier.letters import Known
from services.recall.domain.contact import Contact
from services.recall.domain.delivery import ENDED_BY_LIFTING, Delivery, Message, SendingFailed
from services.recall.store import facts, told_cases
from services.recall.store.newest import together
from shared.mongo import Database


async def of(
    db: Database, found: Delivery, contact: Contact, *, keys: CourierKeys, origin: str
) -> Known:
    """Raises SendingFailed where nothing is to be said any more."""
    drill = await drilled.of(db, found)
    of_case = drill is None and bool(found.case_id)
    case = await told_cases.words(db, found.case_id) if of_case else None
    if case is None and of_case:
        raise SendingFailed("case_gone")
    if case is not None and found.message in ENDED_BY_LIFTING and not case.is_standing:
        raise SendingFailed("case_lifted")
    known = await facts.facilities(db, [*found.facilities, contact.owner.id])
    of_correction = found.message is Message.CORRECTED
    return Known(
        contact=contact,
        delivery=found,
        name=await _name(db, contact, known),
        case=case,
        facilities=[known[one] for one in found.facilities if one in known],
        origin=origin,
        keys=keys,
        correction=await corrected.of(db, found.case_id, found.case_version)
        if of_correction
        else None,
        drilled=drill,
        running=await _running(db, contact) if found.message is Message.RUNNING else 0,
    )


async def _running(db: Database, contact: Contact) -> int:
    area = await areas.of(db, contact.owner)
    return await told_cases.running_number(db, area) if area is not None else 0


async def _name(db: Database, contact: Contact, known: dict[str, facts.Facility]) -> str:
    if contact.owner.kind == "facility":
        facility = known.get(contact.owner.id)
        return facility.name if facility is not None else contact.owner.id
    [found] = await together(db, facts.unit(contact.owner.id))
    return facts.unit_name(found) or contact.owner.id
