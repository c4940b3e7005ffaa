"""Figures by area equal a plain count over what was told, whatever came when and how often."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import timedelta
from random import Random
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.reporting import queries, store
from services.reporting.consumers import QUEUES
from services.reporting.store import settling
from services.reporting.store.areas import AREAS, FIGURES
from services.reporting.store.settling import SETTLED
from services.reporting.store.statistics import STAMP_ACTS, day_of
from shared.auth import Principal
from shared.contracts.event import Event, encode
from shared.contracts.identity import AccountPublished
from shared.contracts.registry import (
    FacilityPublished,
    LotPublished,
    ProductPublished,
    ProductWithdrawn,
)
from shared.contracts.scan import ScanCount, ScansRecorded
from shared.contracts.stamps import BatchIssued, IntervalsChanged, RequestDecided
from shared.ids import new_id, now
from shared.messaging import consumer
from shared.messaging.bus import Hosts, Publisher
from shared.messaging.consumer import Consumer
from shared.messaging.topology import Names
from shared.mongo import Database, transact
from shared.settings import Settings
from tests.recall import builders
from tests.reporting.test_erasing import account

FACILITIES = ("f0", "f1", "f2")
COMMUNES = ("06637", "06694", "06697")
SECTORS = ("agriculture", "health")
KINDS = (("grower",), ("processing", "packing"))
CLASSES = ("certificate", "commitment")
NOW = now()
E = TypeVar("E", bound=Event)
Records = dict[str, dict[str, Any]]


class Taking:
    """Takes events in as reporting's own queues do, without a broker."""

    def __init__(self, db: Database, settings: Settings) -> None:
        self.db = db
        names = Names(settings.bus_prefix)
        hosts = Hosts(settings.amqp_hosts)
        publisher = Publisher(hosts, names, "others")
        heard = ("reporting.ledger", "reporting.statistics")
        self._consumers = [
            Consumer(queue, db, hosts, names, publisher) for queue in QUEUES if queue.name in heard
        ]

    async def take(self, events: Sequence[Event]) -> None:
        for one in self._consumers:
            for start in range(0, len(events), 7):
                batch = events[start : start + 7]
                await one._apply([one._open(encode(event)) for event in batch])

    async def empty(self) -> None:
        for name in await self.db.handle.list_collection_names():
            await self.db.collection(name).delete_many({})

    async def forget_areas(self) -> None:
        """All as a version kept it that did not count by area."""
        for name in (AREAS, FIGURES, STAMP_ACTS, SETTLED):
            await self.db.collection(name).delete_many({})
        for name in ("facilities", "products", "lots", "accounts", "counters"):
            await self.db.collection(name).update_many({}, {"$unset": {"counted": 1, "placed": 1}})


@pytest.fixture(scope="module")
async def taking(settings: Settings) -> AsyncIterator[Taking]:
    db = Database(settings.mongo_url, settings.database("areas"), "reporting")
    await consumer.prepare(db)
    await store.prepare(db)
    yield Taking(db, settings)
    await db.close()


def placed(facility_id: str, version: int, place: int, *, kind: int = 0, **more: Any) -> Event:
    facility = builders.facility(
        facility_id, commune=COMMUNES[place % 3], sector=SECTORS[place % 2]
    )
    told = {"version": version, "kinds": KINDS[kind], "facility_class": CLASSES[kind], **more}
    return facility.model_copy(update={**told, "id": new_id()})


def issued(facility_id: str, quantity: int, days_ago: int = 0) -> BatchIssued:
    return BatchIssued(
        subject="1",
        version=1,
        time=NOW - timedelta(days=days_ago),
        batch=1,
        request_id="r",
        facility_id=facility_id,
        product_id=f"p{quantity % 2}",
        quantity=quantity,
    )


def changed(facility_id: str, count: int, change: str) -> IntervalsChanged:
    return IntervalsChanged(
        subject="1",
        version=1,
        time=NOW,
        batch=1,
        facility_id=facility_id,
        product_id="p",
        first=0,
        last=count - 1,
        count=count,
        change=change,
    )


def scanned(facility_id: str, other: str, number: int) -> ScansRecorded:
    counts = tuple(
        ScanCount(
            hour=NOW,
            verdict="genuine" if of else "unknown",
            facility_id=of,
            product_id="p" if of else "",
            scans=number,
            first_of_user=1,
        )
        for of in {facility_id, other, ""}
    )
    return ScansRecorded(
        subject=new_id(), version=1, time=NOW, replica="s", sequence=1, counts=counts
    )


def decided(facility_id: str, decision: str) -> RequestDecided:
    return RequestDecided(
        subject=new_id(),
        version=1,
        time=NOW,
        facility_id=facility_id,
        product_id="p",
        asked=9,
        approved=9,
        decision=decision,
    )


def owned(kind: int, facility_id: str, number: int, version: int) -> Event:
    subject = f"{facility_id}-{number}"
    if kind == 0:
        return builders.product(subject, facility_id, version=2 * version)
    if kind == 1:
        return ProductWithdrawn(
            subject=subject,
            version=2 * version + 1,
            time=NOW,
            facility_id=facility_id,
            reason="Sai nhãn",
        )
    if kind == 2:
        return builders.lot(subject, facility_id, version=version)
    of = facility_id if number else None
    status = "active" if version % 2 else "suspended"
    return account(subject, version, facility_id=of, status=status)


def some_event(chance: Random) -> Event:
    one, few = chance.choice(FACILITIES), chance.randint(1, 4)
    match chance.randint(0, 7):
        case 0 | 1:
            status = chance.choice(("active", "active", "stopped"))
            kind = chance.randint(0, 1)
            return placed(one, chance.randint(1, 9), chance.randint(0, 5), kind=kind, status=status)
        case 2:
            return issued(one, few, chance.choice((0, 0, 3, 20)))
        case 3:
            return changed(one, few, chance.choice(("activate", "revoke")))
        case 4:
            return scanned(one, chance.choice(FACILITIES), few)
        case 5:
            return decided(one, chance.choice(("approved", "rejected")))
        case _:
            return owned(chance.randint(0, 3), one, chance.randint(0, 1), few)


def newest(events: Iterable[Event], *kinds: type[Event]) -> dict[str, Any]:
    """Of each subject the highest version, of several as high the one that came first."""
    found: dict[str, Event] = {}
    for event in events:
        if isinstance(event, kinds):
            known = found.get(event.subject)
            if known is None or known.version < event.version:
                found[event.subject] = event
    return found


def once(events: Sequence[Event]) -> list[Event]:
    return list({event.id: event for event in reversed(events)}.values())[::-1]


def askers() -> list[Principal]:
    def who(tier: str, **where: Any) -> Principal:
        return Principal("a", "A", tier, frozenset({"report", "operate"}), "u", "s", **where)

    areas = [(communes, sector) for communes in ((COMMUNES[0],), COMMUNES[1:], ("*",))
             for sector in ("*", SECTORS[0])]  # fmt: skip
    officials = [who("department", communes=communes, sector=s) for communes, s in areas]
    return officials + [who("facility", facility_id=one) for one in FACILITIES]


def naive(who: Principal, events: Sequence[Event]) -> dict[str, Any]:
    """The same figures, counted by looking at every event."""
    places = newest(events, FacilityPublished)
    whole = who.facility_id is None and who.communes == ("*",) and who.sector == "*"

    def mine(facility_id: str | None) -> bool:
        if whole or who.facility_id is not None:
            return whole or facility_id == who.facility_id
        at = places.get(facility_id or "")
        return at is not None and (
            ("*" in who.communes or at.commune in who.communes) and who.sector in ("*", at.sector)
        )

    def of(kind: type[E]) -> list[E]:
        return [e for e in once(events) if isinstance(e, kind) and mine(getattr(e, "facility_id"))]  # noqa: B009

    there = [one for key, one in places.items() if mine(key)]
    shown = [one for one in there if one.status == "active" or who.facility_id is not None]
    scans = [
        (event, count)
        for event in once(events)
        if isinstance(event, ScansRecorded)
        for count in event.counts
        if whole or (count.facility_id and mine(count.facility_id))
    ]
    goods = newest(events, ProductPublished, ProductWithdrawn).values()
    accounts = newest(events, AccountPublished).values()
    changes = Counter[str]()
    for one in of(IntervalsChanged):
        changes[one.change] += one.count
    decisions = Counter(one.decision for one in of(RequestDecided))
    by_facility = Counter[str]()
    for batch in of(BatchIssued):
        by_facility[batch.facility_id] += batch.quantity
    return {
        "facilities": len(shown),
        "products": sum(isinstance(e, ProductPublished) and mine(e.facility_id) for e in goods),
        "lots": sum(mine(e.facility_id) for e in newest(events, LotPublished).values()),
        "accounts": sum(e.status == "active" and mine(e.facility_id) for e in accounts),
        "totals": {
            "stamps_issued": sum(by_facility.values()),
            "stamps_activated": changes["activate"],
            "stamps_revoke": changes["revoke"],
            "batches_issued": len(of(BatchIssued)),
            "requests_approved": decisions["approved"],
            "requests_rejected": decisions["rejected"],
            "scans": sum(count.scans for _, count in scans),
        },
        "communes": Counter(one.commune_name for one in shown),
        "sectors": Counter(one.sector for one in shown),
        "classes": Counter(one.facility_class for one in shown),
        "kinds": Counter(kind for one in shown for kind in one.kinds),
        "by_facility": +by_facility,
        "issued today": sum(b.quantity for b in of(BatchIssued) if day_of(b.time) == day_of(NOW)),
        "scans today": sum(count.scans for _, count in scans),
    }


async def told(who: Principal, db: Database) -> dict[str, Any]:
    found = await queries.statistics_for(who, db=db)
    split = await queries.breakdown_for(who, db=db)
    days = await queries.last_days(who, db=db, now=NOW)
    names = {builders.facility(one).name: one for one in FACILITIES}
    return {
        "facilities": found.facilities,
        "products": found.products,
        "lots": found.lots,
        "accounts": found.accounts,
        "totals": found.totals,
        "communes": dict(split.communes),
        "sectors": dict(split.sectors),
        "classes": dict(split.classes),
        "kinds": dict(split.kinds),
        "by_facility": {names.get(one["name"], one["name"]): one["issued"]
                        for one in split.by_facility},
        "issued today": days.issued[-1],
        "scans today": days.scans[-1],
    }  # fmt: skip


async def right(taking: Taking, events: Sequence[Event]) -> None:
    for who in askers():
        assert await told(who, taking.db) == naive(who, events), who


@settings(max_examples=20)
@given(st.integers(0, 2**32))
async def test_figures_of_every_area_equal_a_plain_count_of_what_was_told(
    taking: Taking, seed: int
) -> None:
    """Out of order, some twice, and the first of them taken in by an earlier version."""
    await taking.empty()
    chance = Random(seed)
    events = [some_event(chance) for _ in range(chance.randint(10, 40))]
    delivered = events + chance.sample(events, len(events) // 3)
    chance.shuffle(delivered)
    cut = chance.randint(0, len(delivered) // 2)
    await taking.take(delivered[:cut])
    await taking.forget_areas()
    await settling.settle(taking.db)
    await taking.take(delivered[cut:])
    await right(taking, delivered)
    assert await settling.settle(taking.db) == 0
    await right(taking, delivered)


async def test_a_facility_that_moves_takes_its_figures_along(taking: Taking) -> None:
    await taking.empty()
    before = [placed("f0", 1, 0), placed("f1", 1, 0), issued("f0", 700), issued("f1", 3)]
    before += [scanned("f0", "f1", 5), decided("f0", "approved"), owned(2, "f0", 1, 1)]
    await taking.take(before)
    here, there = askers()[0], askers()[2]
    assert (await told(there, taking.db))["totals"]["stamps_issued"] == 0
    moved = [*before, placed("f0", 2, 1)]
    await taking.take(moved)
    assert (await told(here, taking.db))["totals"]["stamps_issued"] == 3
    found = await told(there, taking.db)
    assert (found["totals"]["stamps_issued"], found["issued today"]) == (700, 700)
    assert (found["facilities"], found["lots"], found["totals"]["scans"]) == (1, 1, 5)
    await right(taking, moved)


async def test_a_move_and_counts_at_the_same_moment_lose_nothing(taking: Taking) -> None:
    """Each day is counted for the first time, so only the facility's own row makes them meet."""
    await taking.empty()
    moves = [placed("f0", version, version) for version in range(1, 9)]
    counts = [issued("f0", 1 + days, days) for days in range(24)]
    await taking.take(moves[:1])

    async def one_by_one(events: Sequence[Event]) -> None:
        for event in events:
            await taking.take([event])

    await asyncio.gather(one_by_one(moves[1:]), one_by_one(counts[::2]), one_by_one(counts[1::2]))
    await right(taking, [*moves, *counts])


async def test_what_an_earlier_version_counts_beside_this_one_is_settled_later(
    taking: Taking,
) -> None:
    """It adds to counters and keeps rows as before, and knows nothing of areas."""
    await taking.empty()
    events: list[Event] = [placed("f0", 1, 0), issued("f0", 10), owned(0, "f0", 1, 1)]
    await taking.take(events)
    late: list[Event] = [placed("f0", 2, 1), issued("f0", 20), owned(1, "f0", 1, 2)]
    later = taking.db.collection
    place = {"commune": COMMUNES[1], "commune_name": f"Phường {COMMUNES[1]}", "sector": SECTORS[1]}
    await later("facilities").update_one({"_id": "f0"}, {"$set": {**place, "version": 2}})
    await later("products").update_one({"_id": "f0-1"}, {"$set": {"active": False, "version": 3}})
    issued_before = {"metric": "stamps_issued", "facility": "f0"}
    await later("counters").update_one(issued_before, {"$inc": {"n": 20}})
    await later("counters").update_one({"metric": "batches_issued"}, {"$inc": {"n": 1}})
    for one in taking._consumers[:1]:  # The ledger hears of it in any case.
        await one._apply([one._open(encode(event)) for event in late])
    assert await settling.settle(taking.db) == 4
    await right(taking, [*events, *late])


async def test_counters_of_one_facility_are_settled_a_portion_at_a_time(
    taking: Taking, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A transaction lives for seconds, and one facility may have counters of many years."""
    await taking.empty()
    events = [placed("f0", 1, 0), *(issued("f0", 1 + days, days) for days in range(9))]
    await taking.take(events)
    await taking.forget_areas()
    portions: list[int] = []

    async def counted(db: Database, work: Any) -> Any:
        found = await transact(db, work)
        portions.append(found)
        return found

    monkeypatch.setattr(settling, "AT_ONCE", 4)
    monkeypatch.setattr(settling, "transact", counted)
    await settling.settle(taking.db)
    assert max(portions) <= 4
    await right(taking, events)
