"""What cannot be told holds up nothing else: it is told in smaller parts, then set aside by name,
and tried again."""

from datetime import datetime, timedelta
from typing import Final

import structlog

from services.recall.store import parked, tellings
from services.recall.store.telling_rows import Unfinished
from shared.ids import now
from shared.mongo import Database, Tx, is_cut_off, is_outage, transact

log = structlog.get_logger()

# How soon what failed is tried again, and how soon once it failed for a minute.
AGAIN: Final = timedelta(seconds=5)
LATER: Final = timedelta(minutes=1)
# So often what the server cut off is tried again as it is, each time four times later, before it is
# told in smaller parts: a database that is overloaded cuts off what fits at other times.
SAME_SIZE: Final = 2
# Once so many broke in a row with none told between, the fault is none of one facility: a page is
# set aside whole.
MOST_IN_A_ROW: Final = 5
# How often what was set aside is looked through.
LOOK: Final = timedelta(minutes=1)


async def failed(db: Database, one: Unfinished, error: Exception) -> None:
    """It is tried again, and at last what breaks is halved until a single facility is left, which
    is set aside. What cannot be, is put off by itself."""
    if is_cut_off(error) and one.cut_off < SAME_SIZE:
        log.warning("an event took too long", event_id=one.telling.event_id, error=repr(error))
        await tellings.put_off_whole(db, one, now() + AGAIN * 4**one.cut_off)
        return
    try:
        if await _goes_on(db, one, error):
            return
    except Exception as another:
        if not is_outage(another):
            log.exception("a page of an event is not set aside", page=_name(one))
    if one.failures < tellings.PAGE_TRIES:
        log.warning("an event is told later", event_id=one.telling.event_id, error=repr(error))
    pause = AGAIN if one.failures < tellings.GIVES_WAY else LATER
    await tellings.put_off(db, one, now() + pause, failed=True)


async def _goes_on(db: Database, one: Unfinished, error: Exception) -> bool:
    """In halves, or without the page. An outage of the database is no fault of the event; a
    transaction that did not fit looks like one, and goes in halves now."""
    is_large = is_cut_off(error)
    is_broken = one.failures + 1 >= tellings.PAGE_TRIES and (is_large or not is_outage(error))
    if not one.is_at_a_page or not (is_large or is_broken):
        return False
    is_common = is_broken and one.passed >= MOST_IN_A_ROW
    if not is_common and await transact(db, lambda tx: tellings.halve(tx, one)):
        log.info("a page of an event is told in halves", page=_name(one), error=repr(error))
        return True
    if is_broken:
        await _set_aside(db, one, error)
    return is_broken


async def _set_aside(db: Database, one: Unfinished, error: Exception) -> None:
    async def work(tx: Tx) -> int:
        return await parked.page(tx, one, repr(error), now())

    times = await transact(db, work)
    if times == 1:
        log.error("a page of an event is passed over", page=_name(one), exc_info=error)


async def put_back(db: Database, at: datetime, *, whatever: bool) -> None:
    """What is due, or `whatever` was set aside. What cannot be put back keeps nothing else from
    being told."""
    try:
        await parked.put_back(db, None if whatever else at)
    except Exception as error:
        if is_outage(error):
            log.warning("what was passed over is put back later", error=repr(error))
            raise
        log.exception("what was passed over is not put back")


def _name(one: Unfinished) -> str:
    return tellings.page_id(one, one.page)
