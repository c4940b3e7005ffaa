"""What is known of a courier's work from outside: how much waits, and for how long."""

from typing import Final

from prometheus_client import Counter, Gauge

from services.recall.domain.contact import Channel
from services.recall.store import deliveries, held, parked, tellings
from shared.ids import now
from shared.mongo import Database

LOOK_SECONDS: Final = 5.0

attempts = Counter("txng_courier_attempts_total", "Messages tried to send", ["channel", "outcome"])
_oldest = Gauge(
    "txng_courier_oldest_unsent_seconds", "Age of the oldest message not sent yet", ["channel"]
)
_waiting = Gauge("txng_courier_deliveries", "Messages that are still to be sent", ["state"])
_held = Gauge("txng_courier_held", "Messages held because their contact rests")
_oldest_telling = Gauge(
    "txng_courier_oldest_telling_seconds", "Age of the oldest event not told to everybody yet"
)
_tellings = Gauge("txng_courier_tellings", "Events not told to everybody yet")

_parked = Gauge(
    "txng_courier_parked", "Events and facilities whose messages could not be written", ["what"]
)


async def measure(db: Database, *, mail: bool) -> None:
    """Say that a courier runs, and how much waits. What was sent is counted as it is sent."""
    at = now()
    await deliveries.note_courier(db, mail=mail, at=at)
    since = await deliveries.oldest_open(db)
    for channel in Channel:
        begun = since.get(channel)
        _oldest.labels(str(channel)).set((at - begun).total_seconds() if begun else 0)
    for state, number in (await deliveries.open_numbers(db)).items():
        _waiting.labels(state).set(number)
    heard = await tellings.oldest(db)
    _oldest_telling.set((at - heard).total_seconds() if heard else 0)
    _tellings.set(await tellings.number(db))
    left = await parked.number(db)
    _parked.labels("events").set(left.events)
    _parked.labels("facilities").set(left.facilities)


async def let_go(db: Database) -> None:
    """Free what is held for contacts that rest no longer."""
    _held.set(await held.let_go(db))
