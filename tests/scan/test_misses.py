"""What memory lacks is read from the database, and an older copy of it is never believed."""

import asyncio
from urllib.parse import urlsplit

from services.scan.domain.verdict import Link
from services.scan.knowing.lookup import MOST_READS, Found
from services.scan.store import models
from shared.contracts.registry import LotPublished, ProductPublished
from tests.polling import eventually
from tests.scan.test_verdicts import becomes
from tests.scan.world import Goods, Scans, Wire, World, area, name, notice


def heard_version(scans: Scans, segment: str) -> int:
    told = scans.replica.memory.told.get(("segments", segment, "published"))
    return told.version if told else 0


async def test_while_the_projection_stands_a_new_stamp_is_unconfirmed_and_never_unknown(
    world: World,
) -> None:
    goods = Goods()
    async with world.projecting():
        pass  # Its queue exists from now on and keeps what comes.
    async with world.replica() as scans:
        await eventually(lambda: scans.replica.confirmer.confirmed)
        await world.tell(*goods.events())
        for serial in (7, 501, 999):
            told = await scans.verdict(goods.batch, serial)
            assert told["verdict"] == "unconfirmed", told
        async with world.projecting():
            await becomes(scans, goods.batch, 7, "genuine")
            await becomes(scans, goods.batch, 501, "not_activated")


async def test_an_older_copy_in_the_database_is_not_called_genuine(world: World) -> None:
    """The stamp is revoked, the replica heard so, the projection did not, and memory is empty."""
    goods = Goods()
    await world.tell(*goods.events())
    async with world.replica() as scans:
        async with world.projecting() as projection:
            await eventually(lambda: scans.replica.confirmer.confirmed)

            async def projected() -> bool:
                found = await models.find(projection.db, "segments", f"{goods.batch}/0")
                return found is not None and found["published"]["version"] == 1

            await eventually(projected)
        await world.tell(goods.segment(2, "revoked"))
        await eventually(lambda: heard_version(scans, f"{goods.batch}/0") == 2)
        told = await scans.verdict(goods.batch, 7)
        assert told["verdict"] == "unconfirmed"
        assert told["because"] == "incomplete"
        assert f"{goods.batch}/0" not in scans.replica.memory.segments
        async with world.projecting():
            await becomes(scans, goods.batch, 7, "revoked")

            async def forgotten() -> bool:
                return not scans.replica.memory.told

            await eventually(forgotten)


async def test_what_is_told_during_a_read_counts_though_the_projection_passes_it_meanwhile(
    world: World,
) -> None:
    goods = Goods()
    await world.tell(*goods.events())
    async with world.projecting() as projection, world.replica() as scans:
        await becomes(scans, goods.batch, 7, "genuine")
        memory = scans.replica.memory
        key = f"{goods.batch}/0"
        old = await models.find(projection.db, "segments", key)
        memory.segments.clear()
        with memory.reading(("segments", key)):
            await world.tell(goods.segment(2, "revoked"))
            await eventually(lambda: heard_version(scans, key) == 2)

            async def passed() -> bool:
                reached = await models.projected(projection.db)
                memory.projection_reached(reached)
                return reached["stamps"] >= memory.taken["stamps"].complete_to

            await eventually(passed)
            assert not memory.admit("segments", key, old)
        await becomes(scans, goods.batch, 7, "revoked")


async def test_too_many_versions_to_remember_make_every_read_wait_for_the_projection(
    world: World,
) -> None:
    goods = Goods()
    await world.tell(*goods.events())
    async with world.projecting(), world.replica() as scans:
        await becomes(scans, goods.batch, 7, "genuine")
        memory = scans.replica.memory
        memory.segments.clear()
        memory.floor["stamps"] = memory.projected["stamps"] + 1
        memory.generation += 1
        assert (await scans.verdict(goods.batch, 7))["verdict"] == "unconfirmed"
        await world.tell(Goods().segment())
        await becomes(scans, goods.batch, 7, "genuine")


async def test_a_replica_without_its_database_answers_from_memory_and_recovers_by_itself(
    world: World,
) -> None:
    known, fresh = Goods(), Goods()
    await world.tell(*known.events(), *fresh.events())
    wire = Wire(urlsplit(world.settings.mongo_url).port or 27017)
    await wire.mend()
    url = f"mongodb://127.0.0.1:{wire.port}/?directConnection=true"
    async with world.projecting(), world.replica(mongo_url=url) as scans:
        await becomes(scans, known.batch, 7, "genuine")
        await wire.cut()
        started = asyncio.get_running_loop().time()
        assert (await scans.verdict(known.batch, 7))["verdict"] == "genuine"
        assert (await scans.verdict(fresh.batch, 7))["verdict"] == "unconfirmed"
        assert asyncio.get_running_loop().time() - started < 3
        await world.tell(notice(name("case"), batches=(fresh.batch,)))
        await becomes(scans, fresh.batch, 7, "recalled")
        await wire.mend()
        other = Goods()
        await world.tell(*other.events())
        await becomes(scans, other.batch, 7, "genuine")
    await wire.cut()


async def test_a_crowd_that_misses_the_same_stamp_reads_it_once(world: World) -> None:
    goods = Goods()
    await world.tell(*goods.events())
    async with world.projecting(), world.replica() as scans:
        other = Goods()
        await world.tell(*other.events())
        await becomes(scans, other.batch, 7, "genuine")
        reads = scans.replica.lookup.reads
        told = await asyncio.gather(*(scans.verdict(goods.batch, n) for n in range(50)))
        assert {one["verdict"] for one in told} == {"genuine"}
        assert scans.replica.lookup.reads - reads == 4  # segment, facility, product, lot


async def test_misses_of_many_stamps_at_once_are_read_together_and_each_is_told_its_own(
    world: World,
) -> None:
    many = [Goods() for _ in range(20)]
    revoked, never_told = many[3], Goods()
    await world.tell(*(event for goods in many for event in goods.passports()))
    await world.tell(*(goods.segment() for goods in many if goods is not revoked))
    await world.tell(revoked.segment(1, "revoked"))
    async with world.projecting(), world.replica() as scans:
        await becomes(scans, (other := Goods()).batch, 7, "unknown")
        await world.tell(*other.events())
        await becomes(scans, other.batch, 7, "genuine")  # All of it is projected by now.
        reads = scans.replica.lookup.reads
        asked = [*many, never_told]
        told = await asyncio.gather(*(scans.verdict(goods.batch, 7) for goods in asked))
        for goods, one in zip(asked, told, strict=True):
            wanted = {id(revoked): "revoked", id(never_told): "unknown"}.get(id(goods), "genuine")
            assert one["verdict"] == wanted
        assert scans.replica.lookup.reads - reads < len(many)


async def test_what_is_wanted_while_reads_are_under_way_waits_and_is_read_together(
    world: World,
) -> None:
    many = [Goods() for _ in range(20)]
    await world.tell(*(event for goods in many for event in goods.events()))
    async with world.projecting(), world.replica() as scans:
        await world.tell(*(other := Goods()).events())
        await becomes(scans, other.batch, 7, "genuine")  # All of it is projected by now.
        lookup = scans.replica.lookup
        lookup._under_way["lots"] = MOST_READS
        reads, waiting = lookup.reads, []
        for one in many:  # Each in a turn of the loop of its own.
            waiting.append(asyncio.create_task(lookup.load(("lots", one.lot))))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        gone = asyncio.create_task(lookup.load(("lots", many[0].lot)))
        await asyncio.sleep(0)
        gone.cancel()  # Who goes away takes nothing from those who wait for the same.
        assert lookup.reads == reads
        lookup._under_way["lots"] = 0
        lookup._set_out("lots")
        assert set(await asyncio.gather(*waiting)) == {Found.HERE}
        assert lookup.reads - reads == 1
        assert not lookup._under_way["lots"]
        assert not lookup._flights


async def test_nobody_waits_longer_than_a_read_may_take_and_what_is_read_later_is_there(
    world: World,
) -> None:
    await world.tell(*(goods := Goods()).events())
    async with world.projecting(), world.replica() as scans:
        await world.tell(*(other := Goods()).events())
        await becomes(scans, other.batch, 7, "genuine")  # All of it is projected by now.
        lookup = scans.replica.lookup
        lookup._under_way["segments"] = MOST_READS  # Reads that are slow, and never fail.
        told = await asyncio.wait_for(scans.verdict(goods.batch, 7), 30)
        assert (told["verdict"], told["because"]) == ("unconfirmed", "incomplete")
        lookup._under_way["segments"] = 0
        lookup._set_out("segments")
        assert await lookup.load(("segments", f"{goods.batch}/0")) is Found.HERE
        assert not lookup._flights
        await becomes(scans, goods.batch, 7, "genuine")


async def test_a_document_that_cannot_be_read_leaves_those_read_with_it_as_they_are(
    world: World,
) -> None:
    many = [Goods() for _ in range(20)]
    broken = many[7].lot
    await world.tell(*(event for goods in many for event in goods.events()))
    async with world.projecting() as projection, world.replica() as scans:
        await world.tell(*(other := Goods()).events())
        await becomes(scans, other.batch, 7, "genuine")  # All of it is projected by now.
        lots = projection.db.collection("lots")
        await lots.update_one({"_id": broken}, {"$unset": {"published.code": ""}})
        lookup = scans.replica.lookup
        reads, failures = lookup.reads, lookup.failures
        try:
            found = await asyncio.gather(*(lookup.load(("lots", one.lot)) for one in many))
        finally:
            await lots.delete_one({"_id": broken})
        assert [one.lot for one, how in zip(many, found, strict=True) if how != Found.HERE] == [
            broken
        ]
        assert found[7] is Found.AWAY
        assert (lookup.reads - reads, lookup.failures - failures) == (1, 1)


async def test_a_growing_area_that_comes_late_is_shown_when_it_comes(world: World) -> None:
    goods = Goods(growing_area_id=(area_id := name("area")))
    await world.tell(*goods.events())
    async with world.projecting(), world.replica() as scans:
        told = await becomes(scans, goods.batch, 7, "genuine")
        assert told["growing_area"] is None
        await world.tell(area(area_id, goods.facility))

        async def shown() -> bool:
            told = await scans.verdict(goods.batch, 7)
            return bool(told["growing_area"])

        await eventually(shown)


async def test_a_growing_area_that_is_told_while_other_reads_are_waited_for_is_shown(
    world: World,
) -> None:
    goods = Goods(growing_area_id=(area_id := name("area")))
    await world.tell(*goods.events())
    async with world.projecting(), world.replica() as scans:
        await becomes(scans, goods.batch, 7, "genuine")
        memory, lookup = scans.replica.memory, scans.replica.lookup
        memory.passports["facilities"].clear()
        memory.absent.clear()
        scans.replica.scanner._known.clear()
        asked = asyncio.create_task(scans.verdict(goods.batch, 7))
        key = ("growing_areas", area_id)
        lookup._under_way.update({"facilities": MOST_READS, key[0]: MOST_READS})
        await eventually(lambda: key in lookup._flights)
        lookup._under_way[key[0]] = 0
        lookup._set_out(key[0])
        await eventually(lambda: key not in lookup._flights)
        await world.tell(area(area_id, goods.facility))
        await eventually(lambda: (*key, "published") in memory.told)
        lookup._under_way["facilities"] = 0
        lookup._set_out("facilities")
        await asked

        async def shown() -> bool:
            memory.generation += 1  # Whatever else is told meanwhile.
            return bool((await scans.verdict(goods.batch, 7))["growing_area"])

        await eventually(shown)


async def test_addresses_that_anybody_can_make_up_are_not_kept(world: World) -> None:
    goods = Goods()
    await world.tell(*goods.events())
    async with world.projecting(), world.replica() as scans:
        await becomes(scans, goods.batch, 7, "genuine")
        await becomes(scans, goods.batch, 501, "not_activated")
        product = next(one for one in goods.passports() if isinstance(one, ProductPublished))
        gtin, code = product.gtin.zfill(14), scans.code(goods.batch, 501)
        scanner, voices = scans.replica.scanner, scans.hot._negotiator.voices.values()

        def kept() -> tuple[int, int]:
            return len(scanner._known), sum(len(one.ready) + len(one.older) for one in voices)

        printed = f"/01/{gtin}/21/{code}"
        assert (await scans.http.get(printed)).status_code == 200
        before = kept()
        for number in range(20):
            made_up = f"/01/{gtin}/10/L{number}/21/{code}"
            answer = await scans.http.get(made_up, headers={"Accept": "application/json"})
            assert answer.json()["verdict"] == "not_activated"
            assert await scanner.find(goods.batch, 501, Link(gtin, f"M{number}"))
        for spelled in (code.lower(), "-".join(code), f"%{ord(code[0]):x}{code[1:]}"):
            assert (await scans.http.get(f"/{spelled}")).status_code == 200
            await scans.http.get(f"/01/{gtin}/21/{spelled}")
        assert kept() == before


async def test_a_passport_that_changes_changes_the_answer(world: World) -> None:
    goods = Goods()
    await world.tell(*goods.events())
    async with world.projecting(), world.replica() as scans:
        await becomes(scans, goods.batch, 7, "genuine")
        lot = goods.passports()[2]
        assert isinstance(lot, LotPublished)
        await world.tell(lot.model_copy(update={"version": 2, "id": name("id"), "code": "NA-2"}))

        async def changed() -> bool:
            return bool((await scans.verdict(goods.batch, 7))["lot"]["code"] == "NA-2")

        await eventually(changed)


async def test_an_answer_made_from_what_memory_has_forgotten_is_not_given_again(
    world: World,
) -> None:
    goods = Goods()
    await world.tell(*goods.events())
    async with world.projecting(), world.replica(scan_segments_megabytes=1) as scans:
        await becomes(scans, goods.batch, 7, "genuine")
        memory = scans.replica.memory
        found = memory.segments.get(f"{goods.batch}/0")
        assert found is not None
        for number in range(2_000):
            memory.segments.put(f"other/{number}", found)
        assert f"{goods.batch}/0" not in memory.segments
        await world.tell(goods.segment(2, "revoked"))
        await becomes(scans, goods.batch, 7, "revoked")
