"""The recorder's one act: sealed spool segments become counts, each segment and request once."""

import base64
import binascii
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import structlog
from prometheus_client import Counter

from services.scan import records
from services.scan.records import Scan
from services.scan.spool import QUEUE
from services.scan.store import counts
from services.scan.tally import Tally, days_of, span_of
from shared.contracts.event import Undecodable
from shared.contracts.scan import ScansRecorded
from shared.ids import now
from shared.messaging import outbox
from shared.messaging.consumer import Queue
from shared.mongo import Tx

log = structlog.get_logger()

# The proxy asks another replica within twelve seconds; their clocks may differ by some more.
SLACK = timedelta(seconds=30)

damaged = Counter("txng_scan_damaged_records_total", "Spool records that could not be read")
repeated = Counter("txng_scan_repeated_requests_total", "Scans answered by two replicas")


async def count_segments(tx: Tx, envelopes: Sequence[dict[str, Any]]) -> None:
    """Count segments that were not counted yet, and tell what each of them held."""
    read = [(envelope, _scans(envelope)) for envelope in envelopes]
    scans = [scan for _, segment in read for scan in segment]
    if not scans:
        return
    at = now()
    await counts.pass_gate(tx)
    first, last = span_of(scans, SLACK)
    tally = Tally(
        seen=await counts.requests_between(tx, first, last),
        met=await counts.users_met(tx, days_of(scans)),
    )
    stamps = {(scan.batch, scan.serial) for scan in scans if scan.serial >= 0}
    belongs = await counts.belongings(tx, stamps)
    for envelope, segment in read:
        told = tally.segment(segment, belongs)
        await counts.add_hours(tx, told)
        await outbox.append(
            tx,
            ScansRecorded(
                subject=envelope["id"],
                version=1,
                time=at,
                replica=envelope["replica"],
                sequence=envelope["sequence"],
                counts=told,
            ),
        )
    await counts.add_stamps(tx, tally.stamps, at)
    await counts.add_users(tx, tally.newly_met, at)
    await counts.add_requests(
        tx, envelopes[0]["id"], tally.requests, first + SLACK, last - SLACK, at
    )
    repeated.inc(tally.repeated)


def _scans(envelope: dict[str, Any]) -> list[Scan]:
    """The sound records of a segment; raises Undecodable where it is no segment at all."""
    try:
        data = base64.b64decode(envelope["data_base64"], validate=True)
        str(envelope["replica"]), int(envelope["sequence"])
    except (KeyError, TypeError, ValueError, binascii.Error) as error:
        raise Undecodable(f"not a segment: {error!r}") from error
    read = list(records.unpack(data))
    sound = [scan for scan in read if scan is not None]
    if len(sound) < len(read):
        damaged.inc(len(read) - len(sound))
        log.warning("damaged records", segment=envelope["id"], count=len(read) - len(sound))
    return sound


RECORDER = Queue(QUEUE, raw=count_segments, prefetch=4)
