"""Who confirms an address because of a running case, or drill, is told of it, and not only of what
follows."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog

from services.recall.courier import areas, drill_audience
from services.recall.courier.telling import to
from services.recall.domain.contact import Channel, Contact, State
from services.recall.domain.delivery import Delivery, Message
from services.recall.domain.drill import Drill
from services.recall.domain.telling import Telling
from services.recall.store import (
    contacts,
    deliveries,
    drill_areas,
    drill_places,
    standings,
    told,
    told_cases,
    unit_areas,
)
from services.recall.store.standings import Standing
from services.recall.store.told_cases import Running
from shared.ids import now
from shared.mongo import Database, Tx, transact

log = structlog.get_logger()

# Cases told in one transaction.
PAGE: Final = 100
# A mailbox is told of so many one by one, the latest; of the rest in one mail.
MOST_MAILS: Final = 100
AGAIN: Final = timedelta(seconds=5)


async def tell(tx: Tx, contact: Contact, at: datetime) -> None:
    """The running cases that touch whose address was just confirmed are told by `step`; the drills
    that ask it here, each once for this address."""
    await standings.add(tx, contact.id, at)
    if contact.owner.kind == "unit":
        await deliveries.add(tx, await _drills_there(tx, contact, at))
        return
    made = []
    for drill in await drill_places.running_asking(tx, contact.owner.id):
        asked = await drill_places.asked_of(tx, drill.id, contact.owner.id)
        where = (asked.commune, asked.sector) if asked is not None else ("", "")
        told = Telling(event_id(drill.id), *_of_drill(drill, at))
        made.append(to(told, contact, [contact.owner.id], 1, where))
    await deliveries.add(tx, made)


async def _drills_there(tx: Tx, contact: Contact, at: datetime) -> list[Delivery]:
    """The drills that run and ask facilities for which the unit answers, each once."""
    areas = await unit_areas.of_units(tx, [contact.owner.id])
    made = []
    for communes, sector in areas.values():
        for drill in await drill_areas.running_in(tx, communes, sector):
            [unit] = await drill_audience.answering(tx, drill.id, areas)
            told = drill_audience.of_units(Telling("", *_of_drill(drill, at)))
            made.append(to(told, contact, unit.named, unit.count))
    return made


async def step(db: Database) -> bool:
    """One page of cases for the address that waits longest; False where none does."""
    one = await standings.next_due(db, now())
    if one is None:
        return False
    try:
        await _go_on(db, one)
    except Exception as error:
        log.warning("a confirmed address is told later", contact=one.contact_id, error=repr(error))
        await standings.put_off(db, one, now() + AGAIN)
    return True


async def _go_on(db: Database, one: Standing) -> None:
    contact = await contacts.find(db, one.contact_id)
    area = await areas.of(db, contact.owner) if contact is not None else None
    if contact is None or contact.state is State.UNCONFIRMED or area is None:
        await transact(db, lambda tx: standings.finish(tx, one))
        return
    found = await told_cases.running_at(db, area, after=one.after, most=PAGE)
    is_mail = contact.channel is Channel.MAIL
    rest = is_mail and bool(found) and one.told >= MOST_MAILS

    async def work(tx: Tx) -> None:
        goes_on = found and not rest
        if goes_on:
            kept = await standings.go_on(tx, one, found[-1].key, len(found))
        else:
            kept = await standings.finish(tx, one)
        if not kept:
            return
        if rest:
            await deliveries.add(tx, [_of_the_rest(contact, one)])
            return
        known = await told.cases_of(tx, contact, [case.id for case in found])
        made = [_message(contact, case, now()) for case in found if case.id not in known]
        await deliveries.add(tx, made)

    await transact(db, work)


def event_id(case_id: str) -> str:
    return f"standing:{case_id}"


async def not_told(tx: Tx, case_id: str, found: Sequence[Contact]) -> list[Contact]:
    """Those that were not told of the case when they were confirmed."""
    known = await told.contacts_among(tx, event_id(case_id), [one.id for one in found])
    return [one for one in found if one.id not in known]


def _of_the_rest(contact: Contact, one: Standing) -> Delivery:
    id_ = f"running:{contact.id}:{one.confirmed_at:%Y%m%d%H%M%S%f}"
    return deliveries.delivery(
        Message.RUNNING, contact, id_=id_, event_id=id_, happened_at=one.confirmed_at, at=now()
    )


def _of_drill(drill: Drill, at: datetime) -> tuple[Message, datetime, datetime, str, int]:
    """What a telling of it says, after the id of its event."""
    began = drill.ordered_at or drill.begun_at
    return Message.DRILL_STARTED, began, at, drill.id, drill.version


def _message(contact: Contact, case: Running, at: datetime) -> Delivery:
    is_facility = contact.owner.kind == "facility"
    return deliveries.delivery(
        Message.ORDERED,
        contact,
        id_=f"{event_id(case.id)}:{contact.id}",
        event_id=event_id(case.id),
        happened_at=case.ordered_at,
        at=at,
        case_id=case.id,
        case_version=case.version,
        facilities=case.named,
        facilities_total=case.total,
        where=case.first if is_facility else ("", ""),
        held=contact.state is State.PAUSED,
    )
