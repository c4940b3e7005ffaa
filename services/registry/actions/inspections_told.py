"""What other services are told of inspections: facts and figures, no word of a minute."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from services.registry.domain.inspections import Inspection, ViolationState
from services.registry.store import inspections
from shared.contracts.registry import InspectionRecorded, ViolationSettled
from shared.days import local_day
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact

# Inspections that are told in one transaction.
AT_ONCE: Final = 100


async def tell_older(db: Database, *, now: datetime) -> int:
    """Tell inspections that were recorded before there was such a fact; returns how many."""
    number = 0
    while found := await inspections.untold(db, AT_ONCE):

        async def work(tx: Tx, found: Sequence[Inspection] = found) -> int:
            count = 0
            for one in found:
                if await inspections.mark_told(tx, one):
                    await outbox.append(tx, told(one, now))
                    count += 1
            return count

        number += await transact(db, work)
    return number


def told(one: Inspection, now: datetime) -> InspectionRecorded:
    """The fact of it for whoever counts: no word of the minute leaves the service."""
    waiting = [it for it in one.it.violations if it.state is ViolationState.OPEN]
    deadlines = [it.deadline for it in waiting if it.deadline is not None]
    return InspectionRecorded(
        subject=one.id,
        version=one.version,
        time=now,
        facility_id=one.facility_id,
        commune=one.commune,
        sector=one.sector,
        kind=one.it.kind,
        on=one.it.on,
        result=one.it.result,
        violations=len(one.it.violations),
        open_violations=len(waiting),
        deadline=min(deadlines, default=None),
        public=one.public,
    )


def settled(after: Inspection, number: int, now: datetime) -> ViolationSettled:
    violation = after.it.violations[number]
    return ViolationSettled(
        subject=after.id,
        version=after.version,
        time=now,
        facility_id=after.facility_id,
        violation=number,
        outcome=violation.state.value,
        settled_on=violation.settled_on or local_day(now),
    )
