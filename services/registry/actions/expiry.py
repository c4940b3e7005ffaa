"""The watch over certificates: told once 30 days ahead, and once when they ran out (R13)."""

from dataclasses import replace
from datetime import date, datetime
from typing import Final

import structlog

from services.registry.domain.certificates import Standing, standing_on
from services.registry.domain.records import Aggregate, Author
from services.registry.passports import facility_passport
from services.registry.store import expiries, records
from services.registry.store.expiries import End
from shared.contracts.event import Event
from shared.contracts.registry import CertificateExpired, CertificateExpiring
from shared.days import local_day
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact

log = structlog.get_logger()
AT_ONCE: Final = 50
# Nobody's own act: it follows from a rule of the program.
BY_RULE: Final = Author("", "Quy định về hạn của giấy an toàn thực phẩm", "", "")


async def sweep(db: Database, *, now: datetime) -> int:
    """Tell what has not been told yet; returns how many facts. Repeating it tells nothing."""
    today = local_day(now)
    number = 0
    for facility_id in await expiries.facilities_due(db, today):
        number += await _look_at(db, facility_id, today, now)
    if number:
        log.info("certificates running out were told", number=number)
    return number


async def tell_unended(db: Database, *, now: datetime) -> int:
    """Tell facilities anew, once, whose papers were taken in without the end they must have; how
    many."""
    number = 0
    while found := await expiries.to_retell(db, AT_ONCE):
        for facility_id in found:
            number += await _tell_anew(db, facility_id, now)
    return number


async def _tell_anew(db: Database, facility_id: str, now: datetime) -> bool:
    async def work(tx: Tx) -> bool:
        record = await records.get(tx, Aggregate.FACILITY, facility_id)
        shown = replace(record, version=record.version + 1, updated_at=now)
        # Written anew, the record has its derived fields anew: nothing is to be retold then.
        await records.put(tx, record, shown, act="retold", by=BY_RULE)
        if shown.published is not None:
            await outbox.append(tx, facility_passport(shown))
        return True

    return await transact(db, work)


async def _look_at(db: Database, facility_id: str, today: date, now: datetime) -> int:
    async def work(tx: Tx) -> int:
        version, ends = await expiries.ends_of(tx, facility_id, today)
        known = await expiries.told(tx, [end.key for end in ends])
        fresh = [
            (end, standing)
            for end in ends
            if (end.key, standing := standing_on(end.on, today)) not in known
        ]
        if not fresh:
            return 0
        # Two processes sweep at once: the second then sees what the first has told.
        await records.lock(tx, f"expiry of {facility_id}")
        for end, standing in fresh:
            await expiries.note_told(tx, end, standing, now)
            await outbox.append(tx, _fact(end, standing, version, now))
        return len(fresh)

    return await transact(db, work)


def _fact(end: End, standing: Standing, version: int, now: datetime) -> Event:
    if standing is Standing.EXPIRED:
        return CertificateExpired(
            subject=end.facility_id,
            version=version,
            time=now,
            kind=end.kind,
            certificate_number=end.number,
            expired_on=end.on,
            food_safety=end.food_safety,
        )
    return CertificateExpiring(
        subject=end.facility_id,
        version=version,
        time=now,
        kind=end.kind,
        certificate_number=end.number,
        expires_on=end.on,
        food_safety=end.food_safety,
    )
