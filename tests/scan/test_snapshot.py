"""The snapshot for offline checks: what stands now is in it, what was lifted is not, and it is
signed, numbered, bounded and honest about what did not fit."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from deploy.local.secrets import create_missing
from services.scan.desk.main import build
from services.scan.domain.offline import (
    MAGIC,
    Listing,
    Missing,
    Snapshot,
    next_number,
    opened,
    too_old,
)
from services.scan.hearing.feeds import Unanswered
from services.scan.offline import building, codes, signing, worker
from services.scan.offline.building import Behind
from services.scan.offline.listing import listing
from services.scan.settings import ScanSettings
from services.scan.store import models
from services.scan.store import offline as store
from services.stamps import rotating
from shared.contracts.registry import FacilityResumed, FacilityStopped, ProductWithdrawn
from shared.ids import now
from shared.stampcode import encode
from shared.stampkeys import StampKeys
from tests import in_process
from tests.polling import eventually
from tests.scan.carried import Carried, Making, making_in
from tests.scan.desk import Desk
from tests.scan.world import Goods, World, hold, lot, name, notice, product, segment, stamps_of

API = "/api/scan/v1/snapshot"


@pytest_asyncio.fixture(scope="module")
async def making(world: World) -> AsyncIterator[Making]:
    async with making_in(world) as made:
        yield made


async def test_what_was_recalled_a_moment_ago_is_in_the_next_one_and_what_was_lifted_is_not(
    making: Making,
) -> None:
    goods, case, code = Goods(code="NA-1"), name("case"), f"L-{name('x')}"
    goods.lot_changes["code"] = code
    await making.told(*goods.events())
    before = await making.carried()
    assert not before.whys("lots", code=code)
    assert making.code(goods.batch, 7) not in before.filter
    await making.told(notice(case, lots=(goods.lot,)))
    recalled = await making.carried()
    [why] = recalled.whys("lots", code=code, gtin="9520101000118")
    assert why["kind"] == "recall"
    assert why["title"][1] == "Recall of custard apples, lot NA-261118"
    assert why["instruction"][0] == "Ngừng sử dụng và trả lại nơi đã mua."
    [listed] = [one for one in recalled.head["lots"] if one["code"] == code]
    assert listed["product"] == "Na dai Đông Triều"
    assert listed["facility"] == "Hợp tác xã Cây ăn quả Đồi Nắng"
    assert listed["expires"] == "2099-11-24"
    assert all(making.code(goods.batch, serial) in recalled.filter for serial in range(500))
    await making.told(notice(case, 2, active=False, lots=(goods.lot,)))
    lifted = await making.carried()
    assert not lifted.whys("lots", code=code)
    assert making.code(goods.batch, 7) not in lifted.filter
    assert before.head["number"] < recalled.head["number"] < lifted.head["number"]


@pytest.mark.parametrize("state", sorted(codes.BAD_STATES))
async def test_codes_of_stamps_that_are_out_of_use_are_in_the_filter(
    making: Making, state: str
) -> None:
    goods = Goods()
    await making.told(*goods.passports(), goods.segment(1, state))
    carried = await making.carried()
    assert all(making.code(goods.batch, serial) in carried.filter for serial in (0, 250, 499))
    await making.told(goods.segment(2, "active"))
    again = await making.carried()
    assert making.code(goods.batch, 250) not in again.filter


async def test_every_reason_that_makes_a_stamp_bad_online_is_a_hit_offline(making: Making) -> None:
    by_product, by_facility, by_batch, by_range = Goods(), Goods(), Goods(), Goods()
    withdrawn, stopped, held, unfit, warned = Goods(), Goods(), Goods(), Goods(), Goods()
    every = (by_product, by_facility, by_batch, by_range, withdrawn, stopped, held, warned)
    for goods in every:
        await making.told(*goods.events())
    await making.told(*unfit.passports(), unfit.segment())
    await making.told(lot(unfit.lot, unfit.product, unfit.facility, 2, status="unfit"))
    await making.told(
        notice(name("case"), products=(by_product.product,)),
        notice(name("case"), kind="withdrawal", facilities=(by_facility.facility,)),
        notice(name("case"), batches=(by_batch.batch,)),
        notice(name("case"), stamps=(stamps_of(by_range.batch, 10, 20),)),
        notice(name("case"), kind="warning", lots=(warned.lot,)),
        ProductWithdrawn(
            subject=withdrawn.product,
            version=2,
            time=now(),
            facility_id=withdrawn.facility,
            reason="Ngừng sản xuất",
        ),
        FacilityStopped(subject=stopped.facility, version=2, time=now(), reason="Giải thể"),
        hold(name("hold"), "batch", str(held.batch)),
    )
    carried = await making.carried()
    for goods in (by_product, by_facility, by_batch, withdrawn, stopped, held, unfit):
        assert making.code(goods.batch, 3) in carried.filter
    assert making.code(by_range.batch, 10) in carried.filter
    assert making.code(by_range.batch, 20) in carried.filter
    assert making.code(by_range.batch, 21) not in carried.filter
    # A warning is told by the label alone: its stamps are good.
    assert making.code(warned.batch, 3) not in carried.filter
    kinds = {one["kind"] for one in carried.head["grounds"]}
    assert {"recall", "withdrawal", "warning", "product_withdrawn", "facility_stopped"} <= kinds
    assert "lot_unfit" in kinds
    await making.told(FacilityResumed(subject=stopped.facility, version=3, time=now()))
    assert making.code(stopped.batch, 3) not in (await making.carried()).filter


async def test_products_of_a_listed_facility_are_found_by_their_own_labels(making: Making) -> None:
    """A label may carry neither a stamp's code nor the facility's number."""
    recalled, stopped, both = Goods(), Goods(), Goods()
    for goods in (recalled, stopped, both):
        coded = product(goods.product, goods.facility, 2, code=goods.product)
        await making.told(*goods.events(), coded)
    case = name("case")
    await making.told(
        notice(case, facilities=(recalled.facility, both.facility)),
        notice(name("case"), kind="withdrawal", products=(both.product,)),
        FacilityStopped(subject=stopped.facility, version=2, time=now(), reason="Giải thể"),
    )
    await making.carried()  # By then the projection has all of it.
    stands = await store.standing(making.db)
    listed = await listing(stands, building.MEGABYTE, db=making.db)

    def kinds(key: str) -> list[set[str]]:
        return [
            {listed.grounds[place].kind for place in one.why}
            for one in listed.products
            if one.code == key
        ]

    assert kinds(recalled.product) == [{"recall"}]
    assert kinds(stopped.product) == [{"facility_stopped"}]
    assert kinds(both.product) == [{"recall", "withdrawal"}]
    assert listed.incomplete == ()
    # With ever less room they are the first to be left out, and that is told.
    whys = [one.why for one in listed.products]
    whys += [one.why for one in listed.lots] + [one.why for one in listed.facilities]
    room = len(msgspec.json.encode(listed)) + 12 * sum(map(len, whys))
    while not (small := await listing(stands, room, db=making.db)).incomplete:
        room -= 40
    assert [one.what for one in small.incomplete] == ["products_of_facilities"]
    assert len(small.products) + small.incomplete[0].left_out == len(listed.products)
    assert (small.lots, small.facilities) == (listed.lots, listed.facilities)


async def test_stamps_that_went_back_do_not_push_out_those_of_a_recalled_lot(
    making: Making,
) -> None:
    """Returned and destroyed stamps pile up over the years; a recall is of today."""
    recalled, revoked, returned = Goods(), Goods(), Goods()
    await making.told(
        *recalled.events(),
        *revoked.passports(),
        revoked.segment(1, "revoked"),
        *returned.passports(),
        segment(returned.batch, returned.facility, returned.product, [(0, 9999, "", "returned")]),
        notice(name("case"), lots=(recalled.lot,)),
    )
    await making.carried()
    want = codes.wanted(await store.standing(making.db))
    ranges, missing, left = await codes.collect(want, 10**7, db=making.db)
    assert (missing, left) == ((), frozenset())
    batches = [batch for batch, _, _ in ranges]
    assert batches.index(recalled.batch) < batches.index(revoked.batch)
    assert batches.index(revoked.batch) < batches.index(returned.batch)
    before = sum(last - first + 1 for batch, first, last in ranges if batch != returned.batch)
    ranges, missing, _ = await codes.collect(want, before + 9_000, db=making.db)
    assert {recalled.batch, revoked.batch} <= {batch for batch, _, _ in ranges}
    assert [one.what for one in missing] == ["codes_spent"]


async def test_suspected_copies_are_in_it_until_they_are_cleared(
    making: Making, world: World
) -> None:
    settings = ScanSettings(**world.settings.model_dump())
    async with in_process.running(build(settings), Desk, settings) as desk:
        goods = Goods()
        await making.told(*goods.events())
        await making.carried()
        await desk.suspects(goods, 4)
        assert making.code(goods.batch, 4) in (await making.carried()).filter
        await desk.suspects(goods, 4, "cleared")
        assert making.code(goods.batch, 4) not in (await making.carried()).filter


async def test_codes_of_every_key_slot_are_in_it(making: Making, tmp_path: Path) -> None:
    create_missing(tmp_path)
    old = making.builder(secrets_dir=tmp_path)
    goods = Goods()
    await making.told(*goods.passports(), goods.segment(1, "revoked"))
    path = tmp_path / "stamp-keys.json"
    first = StampKeys(tmp_path).ring
    rotating.add(path, 0.0)
    rotating.use(path, 1, 10.0**9, at_once=True)
    second = StampKeys(tmp_path).ring
    made = await old.build()
    file = await store.file_of(making.db, made.number)
    assert file is not None
    carried = Carried(file)
    for ring in (first, second):
        assert encode(ring, goods.batch, 5) in carried.filter


async def test_what_does_not_fit_is_told_and_the_file_stays_within_its_bounds(
    making: Making, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(building, "MEGABYTE", 20_000)
    batch = 900_001
    whole = [(0, 16_383, "", "revoked")]
    await making.told(segment(batch, name("facility"), name("product"), whole))
    many = [Goods(code=f"V-{n}") for n in range(80)]
    await making.told(*(event for goods in many for event in goods.passports()))
    await making.told(notice(name("case"), lots=tuple(goods.lot for goods in many)))
    carried = await making.carried(snapshot_megabytes=1)
    assert carried.size <= 20_000
    left = {one["what"]: one for one in carried.head["incomplete"]}
    assert left["lots"]["left_out"] > 0
    assert left["codes_revoked"]["left_out"] > 0
    assert left["codes_revoked"]["said"][0].startswith("Tem đã bị thu hồi, máy không có mã: ")
    assert carried.head["filter"]["codes"] > 1_000
    monkeypatch.undo()
    assert (await making.carried()).head["incomplete"] == []
    await making.told(segment(batch, name("facility"), name("product"), [], 2))


async def test_none_is_made_while_a_publisher_is_away_or_the_projection_behind(
    making: Making, monkeypatch: pytest.MonkeyPatch
) -> None:
    await making.carried()
    before = await store.newest(making.db)
    await making.world.stop("recall")
    try:
        with pytest.raises(Unanswered):
            await making.builder().build()
    finally:
        await making.world.start("recall")
    monkeypatch.setattr(building, "WAIT_SECONDS", 0.1)

    async def nothing(*_: object) -> dict[str, int]:
        return {}

    monkeypatch.setattr(models, "projected", nothing)
    with pytest.raises(Behind):
        await making.builder().build()
    assert await store.newest(making.db) == before


async def test_only_one_of_two_processes_keeps_a_number_and_old_ones_go(making: Making) -> None:
    await making.carried()
    newest = await store.newest(making.db)
    assert newest is not None
    number, as_of = newest
    assert not await store.put(making.db, number, as_of, b"another")
    assert await store.file_of(making.db, number) != b"another"
    for n in range(1, 6):
        assert await store.put(making.db, number + n, as_of, b"x")
    assert await store.file_of(making.db, number) is None
    assert await store.newest(making.db) == (number + 5, as_of)


async def test_everybody_gets_the_newest_signed_and_is_told_when_nothing_changed(
    making: Making, world: World
) -> None:
    made = await making.builder().build()
    settings = ScanSettings(**world.settings.model_dump())
    key = signing.key_of(settings.secrets_dir)
    async with in_process.running(build(settings), Desk, settings) as desk:
        answer = await desk.client.get(API)
        assert answer.status_code == 200
        assert answer.headers["content-encoding"] == "gzip"
        assert answer.headers["cache-control"] == "public, no-cache"
        assert signing.is_genuine(key, answer.content)
        assert Carried(answer.content).head["number"] == made.number
        plain = await desk.client.get(API, headers={"Accept-Encoding": "identity"})
        assert plain.content == answer.content
        assert "content-encoding" not in plain.headers
        etag = answer.headers["etag"]
        again = await desk.client.get(API, headers={"If-None-Match": etag})
        assert (again.status_code, again.content) == (304, b"")
        told = (await desk.client.get(f"{API}/key")).json()
        assert told == {"kty": "OKP", "crv": "Ed25519", "x": signing.public_key(key)}
        newer = await making.builder().build()
        after = await desk.client.get(API, headers={"If-None-Match": etag})
        assert Carried(after.content).head["number"] == newer.number
        for secret in ("stamp-keys.json", "offline-key.json"):
            held = (settings.secrets_dir / secret).read_text()
            private = [part for part in held.split('"') if len(part) >= 40]
            assert private
            public = signing.public_key(key)
            assert not [p for p in private if p != public and p.encode() in answer.content]


async def test_before_the_first_one_it_says_to_come_again(making: Making, world: World) -> None:
    settings = ScanSettings(**{**world.settings.model_dump(), "db_prefix": name("empty")})
    async with in_process.running(build(settings), Desk, settings) as desk:
        answer = await desk.client.get(API)
        assert (answer.status_code, answer.json()["code"]) == (503, "no_snapshot_yet")
        await desk.db.client.drop_database(desk.db.name)


async def test_the_program_makes_them_by_itself(making: Making) -> None:
    before = await store.newest(making.db)
    app = worker.make(making.world.settings.model_copy(update={"snapshot_seconds": 1}))

    async def newer() -> bool:
        return await store.newest(making.db) != before

    async with app.router.lifespan_context(app):
        await eventually(newer)


AS_OF = datetime(2026, 11, 26, 12, tzinfo=UTC)


def small(number: int = 7, **changes: Any) -> Snapshot:
    given: dict[str, Any] = {"as_of": AS_OF, "hours": 24, "codes": 0, "filter_bits": 64}
    return Snapshot(number, filter_data=bytes(8), **{**given, **changes})


@given(st.data())
def test_a_snapshot_changed_in_any_byte_is_not_genuine(data: st.DataObject) -> None:
    key = Ed25519PrivateKey.generate()
    file = signing.signed(key, small(listing=Listing(incomplete=(Missing("lots", 3),))))
    assert signing.is_genuine(key, file)
    place = data.draw(st.integers(0, len(file) - 1))
    changed = bytearray(file)
    changed[place] ^= data.draw(st.integers(1, 255))
    assert not signing.is_genuine(key, bytes(changed))
    assert not signing.is_genuine(key, file[:place])
    assert not signing.is_genuine(Ed25519PrivateKey.generate(), file)


@pytest.mark.parametrize("junk", [b"", MAGIC, MAGIC + bytes(68), b"x" * 200])
def test_what_is_no_snapshot_is_not_opened(junk: bytes) -> None:
    with pytest.raises(ValueError, match="snapshot"):
        opened(junk)


@pytest.mark.parametrize("head", [b"{}", b"[]", b"7", b'{"v":1}', b'{"v":1,"filter":3}', b"\xff"])
def test_a_head_of_another_form_is_not_opened(head: bytes) -> None:
    file = MAGIC + bytes(64) + len(head).to_bytes(4) + head
    with pytest.raises(ValueError, match="snapshot"):
        opened(file)


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=30))
def test_numbers_only_grow_whatever_clocks_do(moments: Sequence[int]) -> None:
    last = 0
    for moment in moments:
        number = next_number(last, datetime.fromtimestamp(moment, UTC))
        assert number > last
        last = number
    assert next_number(0, datetime.fromtimestamp(10**7, UTC)) > max(moments)


def test_too_old_is_told_by_the_hours_in_it() -> None:
    assert not too_old(AS_OF, 24, AS_OF + timedelta(hours=24))
    assert too_old(AS_OF, 24, AS_OF + timedelta(hours=24, seconds=1))
