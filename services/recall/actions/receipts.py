"""Receipts that do not come raise an alarm, once, whatever happens to who looks for them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import structlog
from prometheus_client import Counter, Gauge

from services.recall.actions.rounds import Turn, each_by_itself
from services.recall.domain.alarm import ALARM, GONE, Lacking, Watch, lacking
from services.recall.domain.terms import Place
from services.recall.queries.propagation import Spread, spread
from services.recall.store import entries, propagation, watches
from services.recall.store.cases import CASES
from services.recall.store.entries import Entry
from services.recall.store.propagation import Publication, Receipt, Replica
from shared import audit
from shared.contracts.event import Event
from shared.contracts.recall import ReceiptsComplete, ReceiptsMissing
from shared.errors import EditConflict, NotFound
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact

log = structlog.get_logger()
ACT: Final = "recall.receipts"
RUNBOOK: Final = "docs/operations.md#a-replica-does-not-confirm-a-recall"
AT_ONCE: Final = 200
# Acts that are waited for at a time; what is beyond them is seen once some of these are over.
WAITING: Final = 10_000
# A replica that asked so shortly before an act was there to show it.
WAS_THERE: Final = timedelta(seconds=60)
NOWHERE: Final = Place("", "", "")

waited_for = Gauge(
    "txng_recall_receipts_missing", "Acts of recalls that some scan replica has not confirmed"
)
alarms = Counter("txng_recall_receipt_alarms_total", "Alarms that receipts of an act are missing")


@dataclass(slots=True)
class Memory:
    """What the process that looks remembers from round to round: since when it waits for each act,
    by its entry's id, and where it stands among those that are late.

    A process that takes over waits its own five seconds, so an alarm hangs on nobody's clock.
    """

    seen: dict[str, datetime] = field(default_factory=dict)
    turn: Turn = field(default_factory=Turn)

    def due(self, entry_ids: Sequence[str], at: datetime) -> dict[str, datetime]:
        """Those of these, which are all there are, that have been waited for long enough."""
        self.seen = {one: min(at, self.seen.get(one, at)) for one in entry_ids}
        late = [(one, since) for one, since in self.seen.items() if at - since >= ALARM]
        return dict(sorted(late, key=lambda one: one[1])[:AT_ONCE])


@dataclass(frozen=True, slots=True)
class _Look:
    """A watch with who lacks its act; `entry_id` where nobody keeps it yet."""

    watch: Watch
    lacking: Lacking
    entry_id: str = ""


async def sweep(db: Database, at: datetime, memory: Memory) -> int:
    """Look at the acts that have been waited for long enough and, by turns, at those that were
    late; how many. What was confirmed in time costs nothing but this look, many at once."""
    due = memory.due(await watches.unwatched(db, WAITING), at)
    begun = await watches.of_entries(db, due) if due else []
    late = await watches.open_ones(db, AT_ONCE, after=memory.turn.after)
    memory.turn.took([watch.id for watch in late], AT_ONCE)
    whole = [*begun, *(("", watch) for watch in late)]
    if whole:
        lacks = await who_lacks(db, [watch for _, watch in whole], at)
        looks = [_Look(watch, lacks[watch.id], entry) for entry, watch in whole]
        await watches.confirmed(db, [o.entry_id for o in looks if _is_in_time(o)])
        left = [one for one in looks if not _is_in_time(one)]
        owners = await _owners(db, {one.watch.case_id for one in left})
        await each_by_itself([_look(db, one, owners, at) for one in left])
    waited_for.set(await watches.count_open(db))
    return len(whole)


def _is_in_time(look: _Look) -> bool:
    return bool(look.entry_id) and look.lacking.is_complete


async def _look(db: Database, look: _Look, owners: dict[str, Place], at: datetime) -> None:
    """The look was taken outside the transaction: only what it decides is written, by version."""
    after, events = look.watch.look(look.lacking, owners.get(look.watch.case_id, NOWHERE), at)
    if after is look.watch:
        return

    async def work(tx: Tx) -> None:
        if look.entry_id:
            await watches.begin(tx, look.entry_id, after)
        else:
            await watches.put(tx, after)
        if events:
            await outbox.append(tx, *events)
            await _record(tx, after, events[0], at)

    try:
        await transact(db, work)
    except EditConflict:
        return  # Another process was first, and told it.
    _call(events)


def _call(events: Sequence[Event]) -> None:
    for event in events:
        if isinstance(event, ReceiptsMissing):
            alarms.inc()
            log.error(
                "scan replicas have not confirmed a recall",
                case=event.case_id,
                act=event.act,
                replicas=event.replicas or "none answers",
                runbook=RUNBOOK,
            )


async def who_lacks(db: Database, acts: Sequence[Watch], at: datetime) -> dict[str, Lacking]:
    """By the watch's id; a few reads, however many acts there are."""
    published = await propagation.of_acts(db, [(one.case_id, one.case_version) for one in acts])
    received = await propagation.receipts_of(db, {one.case_id for one in acts})
    replicas = await propagation.replicas(db)
    return {
        one.id: _lacking(
            one,
            published.get((one.case_id, one.case_version), []),
            received.get(one.case_id, []),
            replicas,
            at,
        )
        for one in acts
    }


def _lacking(
    watch: Watch,
    published: Sequence[Publication],
    received: Sequence[Receipt],
    replicas: Sequence[Replica],
    at: datetime,
) -> Lacking:
    if not published or not replicas:
        # Nothing was published, or there is nobody to show it.
        return lacking((), (), answers=True, gone=watch.named)
    (act,) = spread(published, received, replicas, at).spreads
    arrived = {one.replica for one in act.arrivals if one.arrived}
    silent = [
        one.name
        for one in replicas
        if one.name not in arrived and not one.is_alive(at) and _was_there(one, act, watch, at)
    ]
    gone = {*watch.named} - arrived
    return lacking(act.missing, silent, answers=act.alive > 0, gone=gone)


def _was_there(replica: Replica, act: Spread, watch: Watch, at: datetime) -> bool:
    """A clock of who decided that is ahead makes nobody absent."""
    since = min(act.decided_at, watch.seen_at) - WAS_THERE
    return since <= replica.asked_at and at - replica.asked_at <= GONE


async def _owners(db: Database, case_ids: set[str]) -> dict[str, Place]:
    rows = db.collection(CASES).find({"_id": {"$in": sorted(case_ids)}}, {"owner": 1})
    return {row["_id"]: Place(**row["owner"]) async for row in rows} if case_ids else {}


def _told(event: Event) -> tuple[str, str]:
    """The act in the case's history, and the replicas that it names."""
    if isinstance(event, ReceiptsMissing):
        return "receipts_missing", ", ".join(event.replicas)
    assert isinstance(event, ReceiptsComplete)
    return "receipts_gone" if event.gone else "receipts_complete", ", ".join(event.gone)


async def _record(tx: Tx, watch: Watch, event: Event, at: datetime) -> None:
    act, names = _told(event)
    row = await tx.collection(CASES).find_one({"_id": watch.case_id}, {"version": 1})
    if row is None:
        raise NotFound()
    await entries.add(tx, Entry(watch.case_id, row["version"], act, at, text=names))
    await audit.accepted(
        tx,
        None,
        ACT,
        watch.case_id,
        act=watch.act,
        outcome=act.removeprefix("receipts_"),
        replicas=names,
    )
