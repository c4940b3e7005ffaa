"""Checking a stamp's hidden number, by anybody and without an account (R39).

Only tries are kept. What came of a number leaves the process only once a try is spent on it:
numbers sent at once are worth no more than others.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Final

from services.scan.domain.addresses import prefix_of
from services.scan.domain.complaint import source_mark
from services.scan.domain.pin import (
    WRONG_OF_SOURCE,
    Outcome,
    PinKeyMissing,
    StampNotFound,
    TooManyTries,
    Tries,
)
from services.scan.domain.suspicion import pin_locked
from services.scan.domain.tally import NOWHERE, Belongs, day_of
from services.scan.store import complaints, pins, suspicions
from services.scan.store.gate import pass_gate
from shared import audit
from shared.days import VIETNAM
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact
from shared.stampcode import StampId
from shared.stamppins import NoPinKey, PinKeys
from shared.turns import turn

# How often a neighbourhood may ask at all; of what is wrong it may send far fewer.
ASKED, ASKED_WINDOW = 120, timedelta(minutes=10)
LOCK: Final = "pin.lock"


@dataclass(frozen=True, slots=True)
class Asker:
    """Somebody without an account; `key` is a secret of the installation."""

    address: str
    key: bytes

    @property
    def source(self) -> str:
        """Stands for a neighbourhood of addresses, by another name than its reports go under."""
        return source_mark(self.key, b"pin." + prefix_of(self.address.encode()))


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of a number, with the stamp's tries after it."""

    outcome: Outcome
    tries: Tries


async def must_be_asked_of(stamp: StampId, *, db: Database) -> Belongs:
    """Whose stamp it is; raises StampNotFound if it was never issued."""
    belongs = await complaints.belonging(db, stamp.batch, stamp.serial)
    if belongs == NOWHERE:
        raise StampNotFound("code")
    return belongs


async def check(
    stamp: StampId,
    number: str,
    form: str,
    *,
    asker: Asker,
    keys: PinKeys,
    now: datetime,
    db: Database,
) -> Checked:
    """Judge six digits. `form` is a mark of what they came with and of the digits themselves.

    Those who come at once of one stamp, or from one neighbourhood, take turns in this process;
    those of several processes meet in the transaction, and a crowd of transactions on one document
    would only keep each other waiting. A crowd at one stamp keeps nobody from another.
    Raises StampNotFound, TooManyTries, PinKeyMissing.
    """
    await _admitted(asker, now, db)
    belongs = await must_be_asked_of(stamp, db=db)
    if not await pins.is_printed(db, stamp):
        return Checked("none", Tries())
    before = await pins.tries_of(db, stamp)
    if before.locked:
        return Checked("locked", before)
    try:
        right = keys.is_right(stamp, number)
    except NoPinKey:
        raise PinKeyMissing() from None
    await pins.open_for(db, stamp)
    # Always in this order, so that no two wait for each other.
    async with turn(db.name, f"pin {stamp}"), turn(db.name, f"pin of {asker.source}"):
        return await _spend(stamp, right, form, belongs, asker=asker, now=now, db=db)


async def _spend(
    stamp: StampId,
    right: bool,
    form: str,
    belongs: Belongs,
    *,
    asker: Asker,
    now: datetime,
    db: Database,
) -> Checked:
    day, source = day_of(now), asker.source

    async def work(tx: Tx) -> Checked:
        before = await pins.taken_up(tx, stamp)
        if before.locked:
            return Checked("locked", before)
        if before.is_known(form):
            return Checked("wrong", before)
        # Also of who has the right number, be it for the second time: being put off must tell
        # nothing about it, not even to somebody who guesses what another's try was named.
        if await pins.wrong_of(tx, source, day) >= WRONG_OF_SOURCE:
            raise _until_tomorrow(now)
        after = before.tried(right, form, now)
        await pins.put(tx, stamp, after)
        if not right:
            await pins.count_wrong(tx, source, day, now)
        if after.locked:
            await _tell_officials(tx, stamp, belongs, after, now)
        return Checked("right" if right else "locked" if after.locked else "wrong", after)

    return await transact(db, work)


async def _tell_officials(
    tx: Tx, stamp: StampId, belongs: Belongs, tries: Tries, now: datetime
) -> None:
    """A sign for them to judge; it passes the recorder's gate as their own judgements do."""
    passed = await pass_gate(tx)
    one = stamp.batch, stamp.serial
    before = (await suspicions.of(tx, [one])).get(one)
    made = pin_locked(one, belongs, before, wrong=tries.wrong, day=day_of(now), now=now)
    await suspicions.put(tx, [made], passed)
    await outbox.append(tx, made.told())
    await audit.accepted(tx, None, LOCK, made.id, facility=belongs[0], wrong=tries.wrong)


async def _admitted(asker: Asker, now: datetime, db: Database) -> None:
    key = f"pin:{asker.source}"
    wait = await complaints.wait_for(db, key, ASKED, ASKED_WINDOW, now)
    if wait:
        raise TooManyTries(retry_after=wait, minutes=ceil(wait / 60))


def _until_tomorrow(now: datetime) -> TooManyTries:
    """Put off until the Vietnamese day is over."""
    local = now.astimezone(VIETNAM)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    wait = max(1, ceil((midnight - local).total_seconds()))
    return TooManyTries(retry_after=wait, minutes=ceil(wait / 60))
