"""Reads told to the ledger many at a time: what the refused and the accepted ones have in common.

A read is counted in a row of its account, address (the template, whatever the id) and hour. Once
the hour is over the row becomes an entry of the ledger and goes (ADR 14, ADR 18).
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog

from shared.contracts.acts import BY_SERVICE, Actor
from shared.ids import now
from shared.messaging import outbox
from shared.mongo import Database, Tx, is_outage
from shared.telemetry import current_trace_id

log = structlog.get_logger()

ACTION: Final = "access.read"
HOUR: Final = timedelta(hours=1)
# Addresses of one account and hour that are told apart; the rest is EVERYTHING_ELSE.
MOST: Final = 20
EVERYTHING_ELSE: Final = "*"
CLOSE_EVERY_SECONDS: Final = 60.0
AT_ONCE: Final = 100

# Tells of rows whose time is over; says how many there were, AT_ONCE at the most.
Closing = Callable[[Database, datetime], Awaitable[int]]


def hour_of(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


async def record(
    tx: Tx,
    actor: Actor,
    subject: str,
    outcome: str,
    facts: Mapping[str, str],
    *,
    said: str = "",
    records: Sequence[str] = (),
    at: datetime | None = None,
) -> None:
    """One entry; `records` names those that were opened, `at` is the time of the last read."""
    event = BY_SERVICE[tx.db.service](
        subject=subject or "-",
        version=1,
        time=at or now(),
        actor=actor,
        action=ACTION,
        outcome=outcome,
        trace_id=current_trace_id(),
        facts=dict(facts),
        said=said,
        records=tuple(records),
    )
    await outbox.append(tx, event)


async def keep_closing(db: Database, *closings: Closing) -> None:
    """Until cancelled."""
    while True:
        for close in closings:
            try:
                while await close(db, now()) >= AT_ONCE:
                    pass
            except Exception as error:
                if not is_outage(error):
                    log.exception("reads of hours that are over could not be told")
        await asyncio.sleep(CLOSE_EVERY_SECONDS)
