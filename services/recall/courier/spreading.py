"""From an event to a message for each contact: a page of facilities a transaction.

The server ends a transaction after some seconds, however many facilities a recall reaches, so none
grows with the case. A process that dies between two pages goes on at the next one: whoever was
written to already is not written to again, since a message's id is that of event and contact.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

import structlog

from services.recall.courier import drill_audience, setting_aside, standing
from services.recall.courier.audience import audience
from services.recall.courier.telling import to
from services.recall.domain.contact import Contact
from services.recall.domain.delivery import DRILLS, KEPT, TELLS_WHAT_BECAME, Delivery, Message
from services.recall.domain.telling import Telling
from services.recall.domain.terms import Place
from services.recall.store import (
    contacts,
    deliveries,
    facts,
    growths,
    leases,
    standings,
    tellings,
    told,
    told_cases,
    unit_areas,
)
from services.recall.store.facts import Facility
from services.recall.store.newest import chunks
from services.recall.store.telling_rows import Answering, Unfinished
from shared.crashpoints import crash_point
from shared.ids import new_id, now
from shared.mongo import Database, Tx, is_outage, transact

log = structlog.get_logger()

# Facilities whose contacts are written to in one transaction.
PAGE: Final = 500
IDLE_SECONDS: Final = 0.5
SOON: Final = timedelta(seconds=1)
NO_TIME: Final = timedelta(0)
# Growths of a case that are told as one.
MOST_TOGETHER: Final = 200
# Messages of what was ordered so long ago may be gone by age: who was told of it is not known.
MAY_BE_GONE: Final = KEPT - timedelta(days=30)
_AT_FIRST: Final = datetime.min.replace(tzinfo=UTC)


class Spreader:
    """Works off what was heard; one process at a time, so that none repeats another's work."""

    def __init__(self, db: Database, *, page: int = PAGE) -> None:
        self._db = db
        self._page = page
        self._by = new_id()
        self._looks_at = _AT_FIRST
        self._has_put_back = False

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                if await self._may():
                    await self._put_back()
                    if await self.step():
                        continue
            except Exception as error:
                if not is_outage(error):
                    log.exception("a round of telling failed")
            await asyncio.sleep(IDLE_SECONDS)

    async def _put_back(self) -> None:
        """All that was set aside once a process starts, since whoever starts one anew may have
        mended what stood in the way; later what is due."""
        at = now()
        if at < self._looks_at:
            return
        self._looks_at = at + setting_aside.LOOK
        await setting_aside.put_back(self._db, at, whatever=not self._has_put_back)
        self._has_put_back = True

    async def _may(self) -> bool:
        at = now()
        waits = (
            await tellings.next_due(self._db, at)
            or at >= self._looks_at
            or await standings.next_due(self._db, at)
        )
        return bool(waits) and await leases.held(self._db, "tellings", by=self._by, now=now())

    async def step(self) -> bool:
        """One transaction of the event that is most urgent, and one for whoever confirmed an
        address; False where nothing is to be told."""
        one = await tellings.next_due(self._db, now())
        if one is not None:
            try:
                await self._go_on(one)
            except Exception as error:
                await setting_aside.failed(self._db, one, error)
        is_asked = await standing.step(self._db)
        return one is not None or is_asked

    async def _go_on(self, one: Unfinished) -> None:
        if await tellings.comes_after_another(self._db, one.telling):
            # Who is told of the order is found out by what was written of it.
            await tellings.put_off(self._db, one, now() + SOON)
        elif one.pages is None and one.telling.message in DRILLS:
            await self._lay_out_drill(one)
        elif one.pages is None:
            await self._lay_out(one)
        elif one.page < one.pages:
            await self._tell_page(one)
        else:
            await self._tell_units(one)

    async def _lay_out(self, one: Unfinished) -> None:
        """What is read here is read before the transaction: it may be much, and nothing of it
        need be of one moment."""
        db = self._db
        one, others = await self._gathered(one)
        telling = one.telling
        case = await told_cases.find(db, telling.case_id)
        if not telling.holds(case):
            log.info("an old event is told to nobody", event_id=telling.event_id)
            await transact(db, lambda tx: tellings.finish(tx, one))
            return
        whom = await audience(db, telling, case)
        facilities = sorted(whom.all - {""})
        areas = await self._areas(telling)
        answering = [Answering(id_, communes, of) for id_, (communes, of) in areas.items()]

        async def work(tx: Tx) -> None:
            await tellings.lay_out(
                tx,
                one,
                facilities,
                answering,
                size=self._page,
                known=whom.known,
                others=others,
            )

        await transact(db, work)

    async def _areas(self, telling: Telling) -> dict[str, tuple[frozenset[str], str]]:
        """What those units answer for that can be told."""
        units = telling.due(await contacts.confirmed(self._db, "unit", None))
        return await unit_areas.of_units(self._db, sorted({each.owner.id for each in units}))

    async def _gathered(self, one: Unfinished) -> tuple[Unfinished, list[Unfinished]]:
        """A growth with all that its case grew by meanwhile, and those further growths."""
        if one.telling.message is not Message.SCOPE_CHANGED or one.telling.is_late:
            return one, []
        found = await tellings.others_of(self._db, one, most=MOST_TOGETHER)
        others = [other for other in found if not other.telling.is_late]
        together = one.telling.together([other.telling for other in others])
        return replace(one, telling=together), others

    async def _lay_out_drill(self, one: Unfinished) -> None:
        """Units are told at once of all whom it asks: its events name some each."""
        asked = await drill_audience.audience(self._db, one.telling)
        if asked is None:
            await transact(self._db, lambda tx: tellings.finish(tx, one))
            return
        areas = await self._areas(one.telling)
        units = await drill_audience.answering(self._db, one.telling.case_id, areas)

        async def work(tx: Tx) -> None:
            ids = sorted(asked)
            await tellings.lay_out(tx, one, ids, units, size=self._page, known=set(ids))

        await transact(self._db, work)

    async def _tell_page(self, one: Unfinished) -> None:
        async def work(tx: Tx) -> None:
            page = await tellings.turn(tx, one)
            if page is None:
                return
            known = await facts.facilities(tx, page.facilities)
            found = one.telling.due(await contacts.confirmed(tx, "facility", page.facilities))
            await self._write(tx, one.telling, found, known)
            # Who answers for the whole province is told of one that is not known yet, too.
            new = [
                known[id_].place if id_ in known else Place(id_, "", "")
                for id_ in page.facilities
                if id_ not in page.known
            ]
            await tellings.count(tx, one, _counted(one.units, new))

        await transact(self._db, work)
        crash_point("courier.telling.page")

    async def _write(
        self, tx: Tx, telling: Telling, found: Sequence[Contact], known: dict[str, Facility]
    ) -> None:
        found = await _due(tx, telling, found)
        if telling.message is not Message.SCOPE_CHANGED:
            await deliveries.add(tx, [_to_facility(telling, each, known) for each in found])
            return
        # Whoever joins by the growth is told at once.
        owners = {each.owner.id for each in found}
        knows = await told.owners_among(tx, telling.case_id, owners)
        await growths.add(
            tx,
            [
                _to_facility(
                    telling, each, known, growths.GATHERED if each.owner.id in knows else NO_TIME
                )
                for each in found
            ],
        )

    async def _tell_units(self, one: Unfinished) -> None:
        """Written again where it was half done: that changes nothing. What does not fit is written
        in smaller parts the next time."""
        answering = {unit.unit_id: unit for unit in one.units if unit.count}
        found = one.telling.due(await contacts.confirmed(self._db, "unit", sorted(answering)))
        telling = one.telling
        if telling.message in DRILLS:
            telling = drill_audience.of_units(telling)
        for some in chunks(found, max(1, self._page >> one.failures)):
            await transact(
                self._db, partial(_write_units, telling=telling, some=some, of=answering)
            )
        await transact(self._db, lambda tx: tellings.finish(tx, one))


async def _due(tx: Tx, telling: Telling, found: Sequence[Contact]) -> Sequence[Contact]:
    """Nobody hears twice of an order, nor what became of a case of which they never heard, as long
    as that is known."""
    if telling.message is Message.ORDERED:
        return await standing.not_told(tx, telling.case_id, found)
    if telling.message not in TELLS_WHAT_BECAME:
        return found
    if await told_cases.was_ordered_before(tx, telling.case_id, now() - MAY_BE_GONE):
        return found
    heard = await told.owners_among(tx, telling.case_id, {each.owner.id for each in found})
    return [each for each in found if each.owner.id in heard]


def _to_facility(
    telling: Telling, contact: Contact, known: dict[str, Facility], after: timedelta = NO_TIME
) -> Delivery:
    facility = known.get(contact.owner.id)
    where = (facility.commune, facility.sector) if facility is not None else ("", "")
    return to(telling, contact, [contact.owner.id], 1, where, after=after)


async def _write_units(
    tx: Tx, *, telling: Telling, some: Sequence[Contact], of: dict[str, Answering]
) -> None:
    """A unit that hears of the case for the first time hears of it at once."""
    grows = telling.message is Message.SCOPE_CHANGED
    some = await _due(tx, telling, some)
    owners = {each.owner.id for each in some}
    knows = await told.owners_among(tx, telling.case_id, owners) if grows else set()
    made = [
        to(
            telling,
            each,
            unit.named,
            unit.count,
            after=growths.GATHERED if each.owner.id in knows else NO_TIME,
        )
        for each in some
        if (unit := of.get(each.owner.id))
    ]
    await (growths.add if grows else deliveries.add)(tx, made)


def _counted(units: Sequence[Answering], places: Sequence[Place]) -> list[Answering]:
    counted = list(units)
    for one in places:
        counted = [
            unit.counted(one.facility_id, one.commune, one.sector, most=deliveries.NAMED)
            for unit in counted
        ]
    return counted
