"""The recorder's one act: sealed spool segments become counts, each segment and request once."""

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from prometheus_client import Counter

from services.scan.counting.judging import judge
from services.scan.counting.spool import QUEUE
from services.scan.domain import copies, records
from services.scan.domain.records import Scan
from services.scan.domain.sightings import Sighting
from services.scan.domain.tally import Tally, days_of, span_of
from services.scan.store import counts, people, unjudged
from services.scan.store.counts import Belongings, StampDay
from services.scan.store.gate import pass_gate
from services.scan.store.pace import Pace
from services.scan.store.requests import CountedRequests
from shared.contracts.event import Undecodable
from shared.contracts.scan import ScanCount, ScansRecorded
from shared.ids import now
from shared.messaging import outbox
from shared.messaging.wiring import Queue
from shared.mongo import Tx

log = structlog.get_logger()

# The proxy asks another replica within twelve seconds; their clocks may differ by some more.
SLACK = timedelta(seconds=30)

damaged = Counter("txng_scan_damaged_records_total", "Spool records that could not be read")
repeated = Counter("txng_scan_repeated_requests_total", "Scans answered by two replicas")


class Recorder:
    """Counts segments that were not counted yet, and tells what each of them held."""

    def __init__(self, clock: Callable[[], datetime] = now) -> None:
        self._clock = clock
        self._requests = CountedRequests()

    async def count(self, tx: Tx, envelopes: Sequence[dict[str, Any]]) -> None:
        read = [(envelope, _scans(envelope)) for envelope in envelopes]
        scans = [scan for _, segment in read for scan in segment]
        if not scans:
            return
        at = self._clock()
        pace = Pace.of(min(datetime.fromisoformat(one["time"]) for one in envelopes), at)
        passed = await pass_gate(tx)
        # Each segment's own span: one that comes hours late must not make the hours between read.
        spans = [span_of(segment, SLACK) for _, segment in read if segment]
        stamps = {(scan.batch, scan.serial) for scan in scans if scan.serial >= 0}
        again = await unjudged.due(tx, at)
        belongs = await counts.belongings(tx, stamps | {one.stamp for one in again})
        tally = Tally(
            seen=await self._requests.among(tx, {scan.request for scan in scans}, spans),
            met=await counts.users_met(tx, days_of(scans), pace),
            on_lots=await counts.met_on_lots(tx, belongs.known, pace),
        )
        for envelope, segment in read:
            told = tally.segment(segment, belongs.known)
            await counts.add_hours(tx, told, pace)
            await outbox.append(tx, _recorded(envelope, told, at))
        on_lots = tally.newly_on_lots
        seen = await counts.add_stamps(tx, tally.stamps, at, pace, passed, on_lots)
        await _judge(tx, seen, again, belongs, passed, at)
        await people.add(tx, tally.people, at, pace)
        await counts.add_users(tx, tally.newly_met, at, pace)
        key, (first, last) = envelopes[0]["id"], span_of(scans, timedelta())
        await self._requests.add(tx, key, tally.requests, first, last, at)
        repeated.inc(tally.repeated)


async def _judge(
    tx: Tx,
    seen: dict[StampDay, list[Sighting]],
    again: Sequence[StampDay],
    belongs: Belongings,
    passed: int,
    at: datetime,
) -> None:
    """Judge what was scanned now, and what could not be judged before."""
    earlier = await counts.seen_on(tx, [one for one in again if one not in seen]) if again else {}
    left = await judge(
        tx,
        earlier | seen,
        belongs.known,
        copies.rules(),
        revision=passed,
        now=at,
        illegible=belongs.illegible,
    )
    await unjudged.settle(tx, again, left, at)


def _recorded(envelope: dict[str, Any], told: tuple[ScanCount, ...], at: datetime) -> ScansRecorded:
    return ScansRecorded(
        subject=envelope["id"],
        version=1,
        time=at,
        replica=envelope["replica"],
        sequence=envelope["sequence"],
        counts=told,
    )


def _scans(envelope: dict[str, Any]) -> list[Scan]:
    """The sound records of a segment; raises Undecodable where it is no segment at all."""
    try:
        data = base64.b64decode(envelope["data_base64"], validate=True)
        str(envelope["replica"]), int(envelope["sequence"])
        datetime.fromisoformat(envelope["time"])
    except (KeyError, TypeError, ValueError, binascii.Error) as error:
        raise Undecodable(f"not a segment: {error!r}") from error
    read = list(records.unpack(data))
    sound = [scan for scan in read if scan is not None]
    if len(sound) < len(read):
        damaged.inc(len(read) - len(sound))
        log.warning("damaged records", segment=envelope["id"], count=len(read) - len(sound))
    return sound


def recorder(clock: Callable[[], datetime] = now) -> Queue:
    """The recorder's queue; what it keeps is as old as `clock` says."""
    return Queue(QUEUE, raw=Recorder(clock).count, prefetch=8)


RECORDER = recorder()
