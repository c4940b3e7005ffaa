"""The recorder's second act: whether the scans of one stamp in one day can be of one item."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

import structlog
from prometheus_client import Counter as Figure

from services.scan.domain.copies import Rules, findings
from services.scan.domain.sightings import Sighting
from services.scan.domain.suspicion import Suspicion, may_be_suspected, suspect
from services.scan.domain.tally import NOWHERE, Belongs, Stamp
from services.scan.store import suspicions, uses
from services.scan.store.counts import StampDay
from shared.contracts.registry import ShipmentPublished
from shared.contracts.stamps import IntervalsChanged
from shared.messaging import outbox
from shared.messaging.wiring import Queue, on
from shared.mongo import Tx

log = structlog.get_logger()
suspected = Figure("txng_scan_suspected_total", "Stamps that became suspected", ["state"])


async def judge(
    tx: Tx,
    seen: Mapping[StampDay, Sequence[Sighting]],
    belongs: Mapping[Stamp, Belongs],
    rules: Rules,
    *,
    revision: int,
    now: datetime,
) -> None:
    """Judge the stamps that enough sources have read, in the transaction that counts the scans."""
    read_by_many = {
        one: sightings
        for one, sightings in seen.items()
        if len({sighting.source for sighting in sightings}) >= rules.least_sources
    }
    if not read_by_many:
        return
    known = await suspicions.of(tx, {one.stamp for one in read_by_many})
    raised: Counter[tuple[str, str]] = Counter()
    new: list[Suspicion] = []
    for (stamp, day), sightings in sorted(read_by_many.items()):
        before = known.get(stamp)
        whose = belongs.get(stamp, NOWHERE)
        if not may_be_suspected(before, day):
            continue
        believed = await _believed(tx, stamp, day, sightings, rules)
        circumstances = await uses.circumstances(tx, stamp, whose)
        found = findings(believed, circumstances, rules)
        product = whose[1], day
        taken = raised[product] + await suspicions.suspected_of(tx, *product) if found else 0
        room = taken < rules.stamps_per_product
        made = suspect(stamp, whose, day, found, before, rules, room=room, now=now)
        if made is not None:
            raised[product] += made.state == "suspected"
            known[stamp] = made
            new.append(made)
            # Only now: who has read an innocent stamp is believed as before.
            sources = sorted({one.source for one in believed})
            await suspicions.spend(tx, day, ((source, made.id) for source in sources), now)
    await suspicions.put(tx, new, revision)
    for one in new:
        await outbox.append(tx, one.told())
        suspected.labels(one.state).inc()
        log.info("a stamp is suspected", batch=one.batch, state=one.state, points=one.points)


async def _believed(
    tx: Tx, stamp: Stamp, day: str, sightings: Sequence[Sighting], rules: Rules
) -> list[Sighting]:
    """The sightings of those sources that have not yet made too many stamps suspected."""
    name = f"{stamp[0]}/{stamp[1]}"
    sources = {one.source for one in sightings}
    spent = await suspicions.spent_by(tx, day, sources)
    believed = {
        source
        for source in sources
        if name in spent.get(source, ()) or len(spent.get(source, ())) < rules.stamps_per_source
    }
    return [one for one in sightings if one.source in believed]


# What the judging has to know beside the scans. A change that never arrives makes it milder, not
# wrong, so this queue needs no feed behind it.
USES = Queue(
    "scan.uses",
    on(IntervalsChanged, uses.note_change),
    on(ShipmentPublished, uses.note_shipment),
)
