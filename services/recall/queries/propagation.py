"""How a case reached consumers: per act and replica, since when it is shown, and who lacks it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.recall.store import instants, propagation
from services.recall.store.propagation import Publication, Receipt, Replica
from shared.mongo import Database

# A replica that started after the act showed it from its first page on: no time to measure.
BY_START = "start"
# It has everything up to the act's number, though its own receipt did not come.
BY_POSITION = "feed_position"


@dataclass(frozen=True, slots=True)
class Arrival:
    """One replica and one act. `latency_ms` is None where no time can be told."""

    replica: str
    alive: bool
    arrived: bool
    by: str = ""
    applied_at: datetime | None = None
    latency_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Spread:
    """One act's publications and how far they came. `shown_after_ms` is the slowest replica's."""

    case_version: int
    act: str
    parts: int
    decided_at: datetime
    acknowledged_at: datetime | None
    arrivals: tuple[Arrival, ...]

    @property
    def alive(self) -> int:
        return sum(arrival.alive for arrival in self.arrivals)

    @property
    def arrived(self) -> int:
        return sum(arrival.alive and arrival.arrived for arrival in self.arrivals)

    @property
    def is_complete(self) -> bool:
        return 0 < self.alive == self.arrived

    @property
    def shown_after_ms(self) -> int | None:
        times = [a.latency_ms for a in self.arrivals if a.latency_ms is not None]
        return max(times) if times else None

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(a.replica for a in self.arrivals if a.replica and a.alive and not a.arrived)


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    replica: str
    notice: str
    version: int
    applied_at: datetime
    latency_ms: int | None
    by: str


@dataclass(frozen=True, slots=True)
class ReplicaRow:
    name: str
    alive: bool
    caught_up: bool


@dataclass(frozen=True, slots=True)
class Propagation:
    spreads: tuple[Spread, ...]
    receipts: tuple[ReceiptRow, ...]
    replicas: tuple[ReplicaRow, ...]

    @property
    def latest(self) -> Spread | None:
        return self.spreads[-1] if self.spreads else None


async def of_case(db: Database, case_id: str) -> Propagation:
    published = await propagation.publications(db, case_id)
    received = await propagation.receipts(db, case_id)
    replicas = await propagation.replicas(db)
    return spread(published, received, replicas, await instants.present(db))


def without_names(found: Propagation) -> Propagation:
    """For facilities: how far each act came, and not which servers lag."""
    return Propagation(
        spreads=tuple(
            replace(one, arrivals=tuple(replace(a, replica="") for a in one.arrivals))
            for one in found.spreads
        ),
        receipts=(),
        replicas=(),
    )


def spread(
    published: Sequence[Publication],
    received: Sequence[Receipt],
    replicas: Sequence[Replica],
    at: datetime,
) -> Propagation:
    """Put publications, receipts and askers together as they are known at an instant."""
    by_version: dict[int, list[Publication]] = {}
    for publication in published:
        by_version.setdefault(publication.case_version, []).append(publication)
    starts = {(p.notice, p.version): p.acknowledged_at or p.decided_at for p in published}
    head = _head(published)
    return Propagation(
        spreads=tuple(_spread(group, received, replicas, at) for group in by_version.values()),
        receipts=tuple(
            ReceiptRow(
                replica=receipt.replica,
                notice=receipt.notice,
                version=receipt.version,
                applied_at=receipt.applied_at,
                latency_ms=_latency(starts.get((receipt.notice, receipt.version)), receipt),
                by=receipt.by,
            )
            for receipt in received
        ),
        replicas=tuple(
            ReplicaRow(
                name=replica.name,
                alive=replica.is_alive(at),
                caught_up=head is not None and replica.after >= head,
            )
            for replica in replicas
        ),
    )


def _spread(
    group: Sequence[Publication],
    received: Sequence[Receipt],
    replicas: Sequence[Replica],
    at: datetime,
) -> Spread:
    known = {replica.name: replica for replica in replicas}
    notices = {publication.notice for publication in group}
    names = {name for name, replica in known.items() if replica.is_alive(at)}
    names |= {receipt.replica for receipt in received if receipt.notice in notices}
    first = group[0]
    return Spread(
        case_version=first.case_version,
        act=first.act,
        parts=len(group),
        decided_at=first.decided_at,
        acknowledged_at=first.acknowledged_at,
        arrivals=tuple(
            _arrival(name, group, received, known.get(name), at) for name in sorted(names)
        ),
    )


def _arrival(
    name: str,
    group: Sequence[Publication],
    received: Sequence[Receipt],
    replica: Replica | None,
    at: datetime,
) -> Arrival:
    alive = replica is not None and replica.is_alive(at)
    last: Receipt | None = None
    for publication in group:
        receipt = _receipt_for(publication, name, received)
        if receipt is None:
            break
        if last is None or receipt.applied_at > last.applied_at:
            last = receipt
    else:
        assert last is not None
        latency = _latency(group[0].acknowledged_at or group[0].decided_at, last)
        return Arrival(name, alive, True, last.by, last.applied_at, latency)
    head = _head(group)
    if replica is not None and head is not None and replica.after >= head:
        return Arrival(name, alive, True, BY_POSITION)
    return Arrival(name, alive, False)


def _receipt_for(
    publication: Publication, name: str, received: Sequence[Receipt]
) -> Receipt | None:
    """The first receipt of this version or of a later one, which contains it."""
    fitting = [
        receipt
        for receipt in received
        if receipt.replica == name
        and receipt.notice == publication.notice
        and receipt.version >= publication.version
    ]
    return min(fitting, key=lambda receipt: receipt.applied_at, default=None)


def _head(group: Sequence[Publication]) -> int | None:
    """The highest number among them; None while any has none yet."""
    numbers = [publication.number for publication in group]
    return max(n for n in numbers if n is not None) if numbers and None not in numbers else None


def _latency(start: datetime | None, receipt: Receipt) -> int | None:
    """Milliseconds from the act's acknowledgement to the receipt, by the clocks of both machines.

    A replica may show a notice before the official's own answer is out: that counts as 0.
    """
    if start is None or receipt.by == BY_START:
        return None
    return max(0, round((receipt.applied_at - start).total_seconds() * 1000))
