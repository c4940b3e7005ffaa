"""One act of the speaking worker: look at what is due, and speak it where it says something new."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime
from typing import Final, NamedTuple

import structlog

from services.scan.domain import speeches
from services.scan.domain.aggregates import FACILITIES, LOTS, PRODUCTS
from services.scan.speech.voice import Unspeakable
from services.scan.store import speeches as store
from services.scan.store.speeches import Row
from shared.contracts.recall import NoticePublished
from shared.contracts.registry import FacilityPublished, LotPublished, ProductPublished
from shared.mongo import Database, Document, Tx, is_outage, transact

log = structlog.get_logger()
Speak = Callable[[str], Awaitable[bytes]]
# What the machine did not manage so often is silent until it is published anew.
MOST_TRIES: Final = 8


class Text(NamedTuple):
    """What is to be said, "" for nothing (any more), and until when somebody may listen."""

    said: str
    until: date | None = None


async def step(db: Database, *, speak: Speak, now: datetime, today: date) -> bool:
    """Look at one thing that is due; False where none is."""
    row = await store.next_due(db, now)
    if row is None:
        return False
    try:
        await _look_at(db, row, speak=speak, now=now, today=today)
    except Exception as error:
        if is_outage(error):
            raise
        # It waits, or everything behind it would never be looked at.
        log.exception("it could not be looked at", of=row.key)
        await store.put_off(db, row, now)
    return True


async def _look_at(db: Database, row: Row, *, speak: Speak, now: datetime, today: date) -> None:
    document = await store.published(db, row.collection, row.id)
    if document is None or int(document["version"]) < row.version:
        await store.put_off(db, row, now)
        return
    if row.collection == FACILITIES:
        # Its name is spoken with each of its products.
        products = await store.products_of(db, row.id)
        await store.want(db, PRODUCTS, [(one, 0) for one in products], now)
        await store.forget(db, row)
        return
    text = await _text(db, row, document, today)
    if text is None:
        await store.put_off(db, row, now)
        return
    await _settle(db, row, text, speak, now)


async def _text(db: Database, row: Row, document: Document, today: date) -> Text | None:
    """None where something is missing that it is made from."""
    if row.collection == PRODUCTS:
        product = ProductPublished.model_validate(document)
        facility = await store.published(db, FACILITIES, product.facility_id)
        if facility is None:
            return None
        return Text(speeches.of_product(product, FacilityPublished.model_validate(facility)))
    if row.collection == LOTS:
        lot = LotPublished.model_validate(document)
        until = speeches.last_day_of(lot)
        return Text(speeches.of_lot(lot), until) if until >= today else Text("")
    return Text(speeches.of_notice(NoticePublished.model_validate(document)))


async def _settle(db: Database, row: Row, text: Text, speak: Speak, now: datetime) -> None:
    name, data = speeches.name_of(text.said) if text.said else "", None
    if name and not await store.is_there(db, name):
        try:
            data = await speak(text.said)
        except Unspeakable as error:
            log.warning("it cannot be spoken", of=row.key, error=str(error))
            if error.passing and row.tries + 1 < MOST_TRIES:
                await store.put_off(db, row, now)
                return
            name = ""

    async def work(tx: Tx) -> bool:
        return await store.settle(tx, row, name, data, text.until, now)

    if not await transact(db, work):
        log.info("the file was let go just now; it is spoken anew", of=row.key)
