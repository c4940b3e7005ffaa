"""The recorder's second act: whether the scans of one stamp in one day can be of one item."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

import structlog
from prometheus_client import Counter as Figure

from services.scan.domain.copies import Circumstances, Rules, findings
from services.scan.domain.sightings import Sighting
from services.scan.domain.suspicion import Suspicion, may_be_suspected, suspect
from services.scan.domain.tally import NOWHERE, Belongs, Stamp
from services.scan.store import suspicions, uses
from services.scan.store.counts import StampDay
from shared.contracts.registry import ShipmentPublished
from shared.contracts.scan import Finding
from shared.contracts.stamps import IntervalsChanged
from shared.messaging import outbox
from shared.messaging.wiring import Queue, on
from shared.mongo import Tx

log = structlog.get_logger()
suspected = Figure("txng_scan_suspected_total", "Stamps that became suspected", ["state"])
unjudged = Figure(
    "txng_scan_unjudged_total",
    "Stamps not judged, for what is known of them cannot be read, each time",
)


async def judge(
    tx: Tx,
    seen: Mapping[StampDay, Sequence[Sighting]],
    belongs: Mapping[Stamp, Belongs],
    rules: Rules,
    *,
    revision: int,
    now: datetime,
    illegible: frozenset[Stamp] = frozenset(),
) -> set[StampDay]:
    """Judge the stamps that enough sources have read, in the transaction that counts the scans.

    All that is needed of the database is read for all of them together: where many are read by
    many, a question for each would take longer than the counting. What cannot be read of it, as
    what the `illegible` ones are of, costs the stamps in question this judgement, and the scans
    are counted all the same. Returns which could not be judged by which day.
    """
    read_by_many = {
        one: sightings
        for one, sightings in seen.items()
        if len({sighting.source for sighting in sightings}) >= rules.least_sources
    }
    known, unread = await suspicions.known(tx, {one.stamp for one in read_by_many})
    asked = {
        one: sightings
        for one, sightings in sorted(read_by_many.items())
        if one.stamp in unread or may_be_suspected(known.get(one.stamp), one.day)
    }
    unread |= illegible
    whose = {stamp: belongs.get(stamp, NOWHERE) for stamp, _ in asked if stamp not in unread}
    around = await uses.circumstances(tx, whose) if whose else {}
    judged = {one: sightings for one, sightings in asked.items() if one.stamp in around}
    if judged:
        await _suspect(tx, judged, known, whose, around, rules, revision, now)
    left = asked.keys() - judged.keys()
    unjudged.inc(len({one.stamp for one in left}))
    return left


async def _suspect(
    tx: Tx,
    judged: Mapping[StampDay, Sequence[Sighting]],
    known: dict[Stamp, Suspicion],
    whose: Mapping[Stamp, Belongs],
    around: Mapping[Stamp, Circumstances],
    rules: Rules,
    revision: int,
    now: datetime,
) -> None:
    """Judge these by all that is known of them, and keep and tell what comes of it."""
    belief = await Belief.of(tx, judged, rules)
    suspected_of: Counter[tuple[str, str]] = Counter()
    new: list[Suspicion] = []
    for (stamp, day), sightings in judged.items():
        before = known.get(stamp)
        if not may_be_suspected(before, day):
            continue  # By what was seen of it on an earlier day.
        believed = belief.believed(stamp, day, sightings)
        found = _findings(stamp, believed, around[stamp], rules)
        product = whose[stamp][1], day
        if found and product not in suspected_of:
            suspected_of[product] = await suspicions.suspected_of(tx, *product)
        # Later, every source of that day could be counted against as many stamps once more.
        room = suspicions.are_remembered(day, now)
        room = room and suspected_of[product] < rules.stamps_per_product
        made = suspect(stamp, whose[stamp], day, found, before, rules, room=room, now=now)
        if made is not None:
            suspected_of[product] += made.state == "suspected"
            known[stamp] = made
            new.append(made)
            # Only now: who has read an innocent stamp is believed as before.
            belief.spend(day, believed, made)
    await suspicions.put(tx, new, revision)
    await suspicions.spend(tx, belief.newly_spent, now)
    for one in new:
        await outbox.append(tx, one.told())
        suspected.labels(one.state).inc()
        log.info("a stamp is suspected", batch=one.batch, state=one.state, points=one.points)


def _findings(
    stamp: Stamp, believed: Sequence[Sighting], around: Circumstances, rules: Rules
) -> tuple[Finding, ...]:
    """What the rules find, nothing where one of them fails: what is a wrong judgement of one stamp
    must not be the end of the counting of all that were read with it."""
    try:
        return findings(believed, around, rules)
    except Exception:
        log.exception("a stamp could not be judged", batch=stamp[0])
        return ()


class Belief:
    """How far sources are still believed: each makes no more than so many stamps a day suspected.

    `newly_spent`: day, source and suspicion, as they are to be noted.
    """

    def __init__(self, spent: dict[tuple[str, int], set[str] | None], rules: Rules) -> None:
        self.newly_spent: list[tuple[str, int, str]] = []
        self._spent = spent
        self._most = rules.stamps_per_source

    @classmethod
    async def of(
        cls, tx: Tx, judged: Mapping[StampDay, Sequence[Sighting]], rules: Rules
    ) -> "Belief":
        sources = {
            (one.day, sighting.source)
            for one, sightings in judged.items()
            for sighting in sightings
        }
        return cls(await suspicions.spent_by(tx, sources), rules)

    def believed(self, stamp: Stamp, day: str, sightings: Sequence[Sighting]) -> list[Sighting]:
        """The sightings of those that have not yet made too many other stamps suspected."""
        name = f"{stamp[0]}/{stamp[1]}"
        return [one for one in sightings if self._is_believed(name, (day, one.source))]

    def spend(self, day: str, believed: Sequence[Sighting], made: Suspicion) -> None:
        for source in sorted({one.source for one in believed}):
            # Whose acts cannot be read is not believed, so there are none of that kind here.
            self._spent[day, source] = {*(self._spent.get((day, source)) or ()), made.id}
            self.newly_spent.append((day, source, made.id))

    def _is_believed(self, name: str, source: tuple[str, int]) -> bool:
        if source not in self._spent:
            return self._most > 0
        spent = self._spent[source]
        return spent is not None and (name in spent or len(spent) < self._most)


# What the judging has to know beside the scans. A change that never arrives makes it milder, not
# wrong, so this queue needs no feed behind it.
USES = Queue(
    "scan.uses",
    on(IntervalsChanged, uses.note_change),
    on(ShipmentPublished, uses.note_shipment),
)
