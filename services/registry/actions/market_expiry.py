"""The watch over codes in importing countries: told 30 days ahead, and at their end (R25)."""

from datetime import date, datetime

import structlog

from services.registry.domain.markets import Standing
from services.registry.domain.records import Aggregate
from services.registry.store import market_ends, records
from services.registry.store.market_ends import MarketEnd
from shared.contracts.registry import MarketExpired, MarketExpiring
from shared.days import local_day
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact

log = structlog.get_logger()


async def sweep(db: Database, *, now: datetime) -> int:
    """Tell what has not been told yet; returns how many facts. Repeating it tells nothing."""
    today = local_day(now)
    number = 0
    for kind, record_id in await market_ends.due(db, today):
        number += await _look_at(db, kind, record_id, today, now)
    if number:
        log.info("codes running out in importing countries were told", number=number)
    return number


async def _look_at(
    db: Database, kind: Aggregate, record_id: str, today: date, now: datetime
) -> int:
    async def work(tx: Tx) -> int:
        ends = await market_ends.ends_of(tx, kind, record_id, today)
        known = await market_ends.told(tx, record_id)
        fresh = [one for one in ends if one.key(today) not in known]
        if not fresh:
            return 0
        # Two processes sweep at once: the second then sees what the first has told.
        await records.lock(tx, f"markets of {record_id}")
        for one in fresh:
            await market_ends.note_told(tx, one, today, now)
            await outbox.append(tx, _fact(one, today, now))
        return len(fresh)

    return await transact(db, work)


def _fact(end: MarketEnd, today: date, now: datetime) -> MarketExpired | MarketExpiring:
    fact = MarketExpired if end.standing(today) is Standing.EXPIRED else MarketExpiring
    return fact(
        subject=end.subject,
        version=end.version,
        time=now,
        holder=end.holder,
        facility_id=end.facility_id,
        held_code=end.held_code,
        country=end.country,
        market_number=end.number,
        until=end.until,
        commune=end.commune,
        sector=end.sector,
    )
