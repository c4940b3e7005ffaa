"""What the courier hears of cases: kept at once, and told page by page (courier/spreading.py).

It hears recall's own events through the bus, so an order waits for nothing that is done here.
"""

from collections.abc import Sequence

from services.recall.courier import deadlines
from services.recall.domain.delivery import Message
from services.recall.domain.telling import Telling
from services.recall.store import ended_owners, tellings, unit_areas
from shared.contracts.event import Event
from shared.contracts.identity import UnitPublished
from shared.contracts.recall import (
    DeadlineMissed,
    DeadlineNear,
    RecallClosed,
    RecallCorrected,
    RecallDrillEnded,
    RecallDrillStarted,
    RecallLifted,
    RecallOrdered,
    ScopeChanged,
)
from shared.contracts.registry import FacilityPublished
from shared.ids import now
from shared.messaging.wiring import Queue, on, on_many
from shared.mongo import Tx


async def tell_ordered(tx: Tx, event: RecallOrdered) -> None:
    await _tell(tx, Message.ORDERED, event, facilities=event.facilities)


async def tell_scope_changed(tx: Tx, event: ScopeChanged) -> None:
    await _tell(
        tx,
        Message.SCOPE_CHANGED,
        event,
        facilities=event.added_facilities,
        lots=event.added_lots,
    )


async def tell_corrected(tx: Tx, event: RecallCorrected) -> None:
    """Whoever joins by the correction is told so by the growth that comes with it."""
    await _tell(tx, Message.CORRECTED, event, facilities=event.added_facilities)


async def tell_lifted(tx: Tx, event: RecallLifted) -> None:
    await _tell(tx, Message.LIFTED, event)


async def tell_closed(tx: Tx, event: RecallClosed) -> None:
    await _tell(tx, Message.CLOSED, event)


async def tell_drill_started(tx: Tx, event: RecallDrillStarted) -> None:
    drill, facilities = event.drill_id, event.facilities
    await _tell(tx, Message.DRILL_STARTED, event, subject=drill, facilities=facilities)


async def tell_drill_ended(tx: Tx, event: RecallDrillEnded) -> None:
    """The first part is enough: whom the drill asks is kept with it."""
    if event.subject == f"{event.drill_id}/1":
        await _tell(tx, Message.DRILL_ENDED, event, subject=event.drill_id)


async def _tell(
    tx: Tx,
    message: Message,
    event: Event,
    *,
    subject: str = "",
    facilities: Sequence[str] = (),
    lots: Sequence[str] = (),
) -> None:
    await tellings.add(
        tx,
        Telling(
            event_id=event.id,
            message=message,
            happened_at=event.time,
            heard_at=now(),
            case_id=subject or event.subject,
            case_version=event.version,
            facilities=tuple(facilities),
            lots=tuple(lots),
        ),
    )


QUEUES: Sequence[Queue] = (
    Queue("recall.courier-units", on_many(UnitPublished, unit_areas.note), claims=False),
    Queue(
        "recall.courier",
        on(RecallOrdered, tell_ordered),
        on(ScopeChanged, tell_scope_changed),
        on(RecallLifted, tell_lifted),
        on(RecallClosed, tell_closed),
    ),
    Queue(
        "recall.courier-owners",
        on_many(FacilityPublished, ended_owners.note_facilities),
        on_many(UnitPublished, ended_owners.note_units),
        claims=False,
    ),
    # A queue of its own: an older program that takes from the other knows nothing of corrections.
    Queue("recall.courier-corrections", on(RecallCorrected, tell_corrected)),
    Queue(
        "recall.courier-drills",
        on(RecallDrillStarted, tell_drill_started),
        on(RecallDrillEnded, tell_drill_ended),
    ),
    Queue(
        "recall.courier-deadlines",
        on(DeadlineNear, deadlines.tell_near),
        on(DeadlineMissed, deadlines.tell_missed),
    ),
)
