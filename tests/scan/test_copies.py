"""A copied stamp is found out by its scans, and every replica says so."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from services.scan.counting.judging import Belief, judge
from services.scan.counting.spool import QUEUE
from services.scan.domain import copies
from services.scan.domain.aggregates import PARTS
from services.scan.domain.records import PLACES, pack
from services.scan.domain.sightings import Sighting
from services.scan.domain.suspicion import Suspicion
from services.scan.domain.tally import day_of
from services.scan.store import counts, models, suspicions, uses
from services.scan.store.gate import pass_gate
from shared.contracts.registry import ShipmentPublished
from shared.contracts.registry.goods import ShippedLot
from shared.contracts.stamps import IntervalsChanged
from shared.ids import now
from shared.messaging.bus import Hosts, Publisher
from shared.messaging.topology import Names
from shared.mongo import Database, Tx, transact
from tests.polling import eventually
from tests.scan.test_recorder import request_id, send
from tests.scan.test_verdicts import becomes
from tests.scan.world import Goods, Scans, World

Heard = list[dict[str, Any]]


@pytest.fixture(scope="module")
async def db(world: World) -> AsyncIterator[Database]:
    made = Database(world.settings.mongo_url, world.settings.database("scan"), "scan")
    yield made
    await made.close()


@pytest.fixture(scope="module")
async def publisher(world: World) -> AsyncIterator[Publisher]:
    made = Publisher(Hosts(world.settings.amqp_hosts), Names(world.settings.bus_prefix), "test")
    yield made
    await made.drop()


async def read_from(
    scans: Scans, batch: int, serial: int, prefixes: range, commune: str = ""
) -> None:
    """One scan from each of these neighbourhoods."""
    path = f"/{scans.code(batch, serial)}" + (f"?commune={commune}" if commune else "")
    await asyncio.gather(
        *(scans.http.get(path, headers={"X-Real-IP": f"198.51.{n}.7"}) for n in prefixes)
    )


async def standing(db: Database, batch: int, serial: int) -> str:
    found = await suspicions.of(db, [(batch, serial)])
    return found[batch, serial].state if found else ""


async def genuine_goods(world: World, scans: Scans) -> Goods:
    goods = Goods()
    await world.tell(*goods.events())
    await becomes(scans, goods.batch, 1, "genuine")
    return goods


async def test_a_stamp_that_half_a_town_reads_becomes_a_suspected_copy_and_its_neighbour_does_not(
    world: World, scans: Scans, heard: Heard, db: Database
) -> None:
    goods = await genuine_goods(world, scans)
    await read_from(scans, goods.batch, 2, range(30))
    await becomes(scans, goods.batch, 2, "suspect_copy")
    told = await scans.verdict(goods.batch, 2)
    assert told["because"] == "scans"
    assert (await scans.verdict(goods.batch, 3))["verdict"] == "genuine"
    page = await scans.page(goods.batch, 2)
    assert "Nghi là tem sao chép" in page
    assert "quét ở nhiều nơi" in page

    def event() -> dict[str, Any] | None:
        subject = f"{goods.batch}/2"
        found = [e for e in heard if e["type"] == "scan.suspicion_published.v1"]
        return next((e for e in found if e["subject"] == subject), None)

    await eventually(lambda: event() is not None)
    sent = event()
    assert sent is not None
    assert sent["data"]["state"] == "suspected"
    assert sent["data"]["product_id"] == goods.product
    assert [one["rule"] for one in sent["data"]["findings"]] == ["many_sources"]


async def test_a_replica_that_starts_later_says_so_too(
    world: World, scans: Scans, db: Database
) -> None:
    goods = await genuine_goods(world, scans)
    await read_from(scans, goods.batch, 4, range(30))
    await becomes(scans, goods.batch, 4, "suspect_copy")
    async with world.replica() as other:
        await becomes(other, goods.batch, 4, "suspect_copy")
        await becomes(other, goods.batch, 5, "genuine")


async def test_scans_of_goods_that_never_expire_are_counted_and_judged(
    world: World, scans: Scans, db: Database
) -> None:
    goods = Goods(expires_on=date.max)
    await world.tell(*goods.events())
    await becomes(scans, goods.batch, 1, "genuine")
    await read_from(scans, goods.batch, 2, range(30))
    await becomes(scans, goods.batch, 2, "suspect_copy")
    found = await counts.stamp_scans(db, (goods.batch, 2))
    assert found is not None
    assert found["count"] >= 30


async def test_a_stamp_that_a_rule_cannot_judge_is_no_hindrance_for_the_others(
    world: World, db: Database
) -> None:
    rules = copies.rules()
    # Longer than any calendar: adding it to a day raises.
    broken = replace(rules, long_after=replace(rules.long_after, days_after_expiry=10**12))
    dated, undated = Goods(), Goods(expires_on=None)
    at = now()
    crowd = [Sighting(int(at.timestamp() * 1000), n, "", "genuine") for n in range(30)]
    whose = {(one.batch, 1): (one.facility, one.product, one.lot) for one in (dated, undated)}
    seen = {counts.StampDay(stamp, day_of(at)): crowd for stamp in whose}

    async def work(tx: Tx) -> None:
        for event in (*dated.passports(), *undated.passports()):
            await models.keep_newest(tx, PARTS[event.type], [event])
        passed = await pass_gate(tx)
        await judge(tx, seen, whose, broken, revision=passed, now=at)

    await transact(db, work)
    assert await standing(db, undated.batch, 1) == "suspected"
    assert await standing(db, dated.batch, 1) == ""


async def test_one_household_with_many_telephones_is_one_source(
    world: World, scans: Scans, db: Database
) -> None:
    goods = await genuine_goods(world, scans)
    path = f"/{scans.code(goods.batch, 6)}"
    headers = [{"X-Real-IP": "198.51.1.9", "User-Agent": f"phone {n}"} for n in range(60)]
    await asyncio.gather(*(scans.http.get(path, headers=one) for one in headers))
    await read_from(scans, goods.batch, 7, range(30))
    await becomes(scans, goods.batch, 7, "suspect_copy")  # By then the others were judged too.
    assert (await scans.verdict(goods.batch, 6))["verdict"] == "genuine"


async def test_a_cleared_stamp_is_genuine_again_on_every_replica(
    world: World, scans: Scans, db: Database
) -> None:
    goods = await genuine_goods(world, scans)
    await read_from(scans, goods.batch, 8, range(30))
    await becomes(scans, goods.batch, 8, "suspect_copy")
    found = (await suspicions.of(db, [(goods.batch, 8)]))[goods.batch, 8]

    async def clear(tx: Tx) -> None:
        passed = await pass_gate(tx)
        cleared = found.judged(
            "clear", reason="Tem trưng bày", by="a", by_name="A", today=day_of(now()), now=now()
        )
        await suspicions.put(tx, [cleared], passed)

    await transact(db, clear)
    await becomes(scans, goods.batch, 8, "genuine")
    await read_from(scans, goods.batch, 8, range(30, 60))
    await read_from(scans, goods.batch, 9, range(30))
    await becomes(scans, goods.batch, 9, "suspect_copy")
    assert await standing(db, goods.batch, 8) == "cleared"


async def test_one_source_is_believed_against_so_many_stamps_a_day_and_no_more(
    db: Database,
) -> None:
    day, rules = "2026-11-26", copies.rules()

    async def work(tx: Tx) -> None:
        stamps = [(day, 77, f"1/{n}") for n in range(rules.stamps_per_source)]
        await suspicions.spend(tx, stamps, now())
        await suspicions.spend(tx, stamps, now())
        spent = await suspicions.spent_by(tx, [(day, 77), (day, 78), ("2026-11-27", 77)])
        assert len(spent[day, 77] or ()) == rules.stamps_per_source
        assert spent.keys() == {(day, 77)}

    await transact(db, work)


def test_a_source_is_spent_by_the_stamps_of_one_and_the_same_turn() -> None:
    day, rules = "2026-11-26", copies.rules()
    belief = Belief({}, rules)
    read = [Sighting(0, source, "", "genuine") for source in (77, 78)]
    for serial in range(rules.stamps_per_source):
        assert belief.believed((1, serial), day, read) == read
        belief.spend(day, read[:1], suspicion(serial))
    assert belief.believed((1, 0), day, read) == read  # It was counted against this one.
    assert belief.believed((1, 10**5), day, read) == read[1:]
    assert belief.believed((1, 10**5), "2026-11-27", read) == read
    assert len(belief.newly_spent) == rules.stamps_per_source


def suspicion(serial: int) -> Suspicion:
    named = (1, serial, "", "", "")
    return Suspicion(*named, "suspected", "2026-11-26", 100, (), now(), now())


async def test_who_reads_innocent_stamps_is_believed_as_before(
    world: World, scans: Scans, db: Database
) -> None:
    goods = await genuine_goods(world, scans)
    neighbours = range(200, 206)
    for serial in range(60, 64):
        await read_from(scans, goods.batch, serial, neighbours)
    await read_from(scans, goods.batch, 70, range(100, 130))
    await becomes(scans, goods.batch, 70, "suspect_copy")  # By then the others were judged too.
    stamps = [f"{goods.batch}/{serial}" for serial in range(60, 64)]
    spent = db.collection(suspicions.SOURCES)
    assert await spent.count_documents({"stamps": {"$in": stamps}}) == 0
    assert await spent.count_documents({"stamps": f"{goods.batch}/70"}) >= 17


async def test_nobody_condemns_a_product_more_suspicions_of_it_are_held_back(
    world: World, scans: Scans, db: Database
) -> None:
    goods = await genuine_goods(world, scans)
    most = copies.rules().stamps_per_product
    for serial in range(20, 20 + most + 5):
        # Other neighbourhoods for each: it is the product that is protected here.
        await asyncio.gather(
            *(
                scans.http.get(
                    f"/{scans.code(goods.batch, serial)}",
                    headers={"X-Real-IP": f"{serial}.{n}.0.1"},
                )
                for n in range(25)
            )
        )

    async def all_judged() -> bool:
        found = await suspicions.of(db, [(goods.batch, n) for n in range(20, 20 + most + 5)])
        return len(found) == most + 5

    await eventually(all_judged, 30)
    found = await suspicions.of(db, [(goods.batch, n) for n in range(20, 20 + most + 5)])
    states = [one.state for one in found.values()]
    assert states.count("suspected") == most
    assert states.count("held_back") == 5
    held = next(one for one in found.values() if one.state == "held_back")
    assert (await scans.verdict(held.batch, held.serial))["verdict"] == "genuine"


async def test_scans_that_arrive_twice_are_judged_once(
    world: World,
    scans: Scans,
    publisher: Publisher,
    db: Database,
    heard: Heard,
    tmp_path: Any,
) -> None:
    goods = await genuine_goods(world, scans)
    at = int(now().timestamp() * 1000)
    rows = [
        pack(
            at + n,
            request_id(f"{goods.batch}-{n}"),
            goods.batch,
            10,
            n.to_bytes(8),
            0,
            PLACES["genuine"],
            (n + 1).to_bytes(3, "little"),
        )
        for n in range(25)
    ]
    segment_name, body = await send(publisher, tmp_path, *rows)
    await publisher.send(QUEUE, body, segment_name)
    await becomes(scans, goods.batch, 10, "suspect_copy")
    await send(publisher, tmp_path, *rows)

    def told() -> list[dict[str, Any]]:
        subject = f"{goods.batch}/10"
        return [e for e in heard if e["subject"] == subject and "suspicion" in e["type"]]

    await eventually(lambda: len(told()) == 1)
    assert (await suspicions.of(db, [(goods.batch, 10)]))[goods.batch, 10].version == 1


async def test_what_became_of_stamps_and_goods_is_kept_in_any_order_and_once(
    world: World, scans: Scans, db: Database
) -> None:
    goods, elsewhere = await genuine_goods(world, scans), Goods()
    await world.tell(*elsewhere.events())
    await becomes(scans, elsewhere.batch, 1, "genuine")

    def change(version: int, what: str) -> IntervalsChanged:
        return IntervalsChanged(
            subject=str(goods.batch),
            version=version,
            time=now(),
            batch=goods.batch,
            facility_id=goods.facility,
            product_id=goods.product,
            first=0,
            last=99,
            count=100,
            change=what,
        )

    def shipment(version: int, status: str) -> ShipmentPublished:
        return ShipmentPublished(
            subject=f"shipment-{goods.batch}",
            version=version,
            time=now(),
            code="PX-1",
            kind="transfer",
            status=status,
            from_facility_id=goods.facility,
            to_facility_id=elsewhere.facility,
            lots=(ShippedLot(lot_id=goods.lot, quantity=1, unit="kg"),),
        )

    used, sold = change(2, "activate"), change(3, "sold")
    await world.tell(sold, used, change(2, "activate"), shipment(3, "received"))
    await world.tell(shipment(2, "in_transit"))
    await world.tell(change(4, "suspend"))
    whose, stamp = (goods.facility, goods.product, goods.lot), (goods.batch, 50)

    async def known(tx: Tx) -> Any:
        both = await uses.circumstances(tx, {stamp: whose, (goods.batch, 400): whose})
        assert both[goods.batch, 400] == replace(both[stamp], activated_at=None, sold_at=None)
        return both[stamp]

    async def complete() -> bool:
        found = await transact(db, known)
        return bool(found.sold_at and found.activated_at)

    await eventually(complete)
    found = await transact(db, known)
    assert found.homes == frozenset({"07090"})
    assert abs((found.sold_at - sold.time).total_seconds()) < 0.01
    await world.tell(shipment(4, "cancelled"))

    async def taken_back() -> bool:
        row = await db.collection(uses.SENT).find_one({"_id": f"shipment-{goods.batch}"})
        return bool(row and row["version"] == 4 and row["lots"] == [])

    await eventually(taken_back)
    assert await db.collection(uses.USES).count_documents({"batch": goods.batch}) == 2
