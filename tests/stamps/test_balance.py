"""Whoever decides on a request sees what was made and what stamps there are for it already."""

import re
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymongo.monitoring import CommandListener, CommandStartedEvent

from services.stamps import balancing
from services.stamps.domain.intervals import issued
from services.stamps.domain.life import CHANGES, STATES, activation, change_of_state
from services.stamps.store import balance, claims, counting, growing, requests
from shared.errors import Refusal
from shared.mongo import Database
from shared.settings import Settings
from tests.answers import ok
from tests.stamps import builders
from tests.stamps import test_stock as stock
from tests.stamps.conftest import Farm, Stamps
from tests.stamps.test_yields_compared import Reads


def words_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


async def test_the_balance_counts_every_stamp_of_product_and_lot_and_no_other(
    stamps: Stamps,
) -> None:
    farm = await stamps.a_farm()
    who = stamps.operator(farm.facility)
    other = builders.product(farm.facility)
    second = builders.lot(farm.facility, farm.product)
    await stamps.know(other, second)
    await stamps.a_batch(Farm(farm.facility, other.subject, ""), 70)
    first = await stamps.ask(farm, 20_000, lot_id=farm.lot)
    number = int(ok(await stamps.decide(first["id"], "approve"))["batch"])
    ok(await stamps.activate(number, 16_000, 16_999, farm.lot, who))
    ok(await stamps.activate(number, 0, 9, second.subject, who))
    ok(await stamps.change(number, 16_000, 16_099, "damaged", who))
    asked = await stamps.ask(farm, 500, lot_id=farm.lot)
    request = await requests.get(stamps.db, asked["id"])
    found = await balancing.balance_of(request, db=stamps.db)
    assert found.states == {"issued": 18_990, "active": 910, "damaged": 100}
    assert (found.granted, found.of_lot, found.issued) == (20_000, 1_000, 20_000)
    assert found.lot is not None
    assert (found.lot.quantity, found.lot.unit) == ("1200", "kg")


async def test_the_approver_reads_it_and_the_facility_does_not(stamps: Stamps) -> None:
    farm = await stamps.a_farm()
    await stamps.a_batch(farm, 100)
    asked = await stamps.ask(farm, 500, lot_id=farm.lot)
    there = f"/requests/{asked['id']}"
    page = await stamps.page(there, stamps.approver())
    said = words_of(page.text)
    assert "1.200 kg" in said
    assert "Tem đã cấp cho sản phẩm này: 100" in said
    assert "Đã cấp 0, xin thêm 500" in said
    assert "<meter" in page.text
    unnamed = await stamps.ask(farm, 5)
    page = await stamps.page(f"/requests/{unnamed['id']}", stamps.approver())
    assert "không nêu lô sản phẩm" in page.text
    facility = await stamps.page(there, stamps.operator(farm.facility))
    assert "Cân đối với sản lượng" not in facility.text


@pytest.mark.parametrize("late", ["by_state", "granted_for_lot", "activated"])
async def test_what_is_not_counted_in_time_is_said_and_the_request_is_approved_all_the_same(
    stamps: Stamps, monkeypatch: pytest.MonkeyPatch, late: str
) -> None:
    farm = await stamps.a_farm()
    await stamps.a_batch(farm, 100)
    asked = await stamps.ask(farm, 500, lot_id=farm.lot)

    async def slow(*_: Any) -> Any:
        raise growing.TooSlow("operation exceeded time limit")

    monkeypatch.setattr(claims if late == "activated" else balance, late, slow)
    there = f"/requests/{asked['id']}"
    page = await stamps.page(there, stamps.approver())
    said = words_of(page.text)
    assert "Chưa cộng kịp một phần số tem" in said
    assert ("Tem đã cấp cho sản phẩm này: 100" in said) == (late != "by_state")
    assert ("Tem đã cấp cho sản phẩm này: chưa cộng kịp" in said) == (late == "by_state")
    assert ("Đã cấp 0, xin thêm 500" in said) == (late != "granted_for_lot")
    assert ("Tem đã kích hoạt cho lô này Chưa cộng kịp" in said) == (late == "activated")
    assert "Ghi quyết định" in said
    # What to do about it works without a program in the page.
    assert re.search(rf'<a [^>]*href="/console/stamps{there}"[^>]*>\s*Cộng lại', page.text)
    ok(await stamps.decide(asked["id"], "approve"))


async def test_every_figure_beside_a_decision_is_read_within_a_time(
    stamps: Stamps, settings: Settings
) -> None:
    farm = await stamps.a_farm()
    reads = Reads()
    db = Database(settings.mongo_url, stamps.db.name, "stamps", listeners=[reads])
    await balance.by_state(db, farm.product)
    await balance.granted_for_lot(db, farm.facility, farm.lot)
    await claims.activated(db, [farm.lot])
    await db.close()
    assert reads.asked == [("segments", True), ("requests", True), ("changes", True)]


async def test_stamps_by_state_are_summed_from_an_index_alone(stamps: Stamps) -> None:
    farm = await stamps.a_farm()
    await stamps.a_batch(farm, 40_000)
    asked = {"aggregate": "segments", "pipeline": balance.summing(farm.product), "cursor": {}}
    explained = await stamps.db.handle.command("explain", asked, verbosity="executionStats")
    told = str(explained)
    assert "counted_of_product" in told
    assert "'FETCH'" not in told


async def recounted(stamps: Stamps, product: str) -> dict[str, int]:
    """From what the segments are cut into."""
    found: dict[str, int] = {}
    async for row in stamps.db.collection("segments").find({"product_id": product}):
        for first, last, _, state in row["intervals"]:
            found[state] = found.get(state, 0) + last - first + 1
    return found


async def test_whatever_is_done_to_stamps_is_counted(stamps: Stamps) -> None:
    farm = await stamps.a_farm()
    who, above = stamps.operator(farm.facility), stamps.approver()
    number = await stamps.a_batch(farm, 20_000)
    await stamps.a_batch(farm, 30)
    ok(await stamps.activate(number, 16_000, 16_999, farm.lot, who))
    ok(await stamps.change(number, 16_500, 17_500, "suspend", above))
    ok(await stamps.change(number, 16_900, 17_100, "unsuspend", above))
    ok(await stamps.change(number, 0, 9, "damaged", who))
    ok(await stamps.change(number, 5, 9, "destroyed", above))
    ok(await stamps.change(number, 10, 19, "return", who))
    ok(await stamps.change(number, 20, 29, "lost", who))
    ok(await stamps.change(number, 16_380, 16_390, "revoke", above))
    back = {"reason": "Thu hồi nhầm", "first": 16_380, "last": 16_385}
    other = stamps.approver()
    ok(await stamps.post(f"/batches/{number}/changes/8/undo", back, other))
    central = await stock.central(stamps, farm)
    await stock.in_stock(stamps, central, 0, 19)
    handed = await stock.handed(stamps, central, "0-9")
    ok(await stock.receive(stamps, handed, who, missing="3", damaged="4", text="Thiếu"))
    found = await balance.by_state(stamps.db, farm.product)
    assert found == await recounted(stamps, farm.product)
    assert sum(found.values()) == 20_030 + (await stamps.batch(central))["quantity"]
    assert set(found) == set(STATES)


async def test_what_an_earlier_release_wrote_is_counted_and_settled(stamps: Stamps) -> None:
    farm = await stamps.a_farm()
    number = await stamps.a_batch(farm, 40_000)
    rows = stamps.db.collection("segments")
    # One was never counted; of another it changed the intervals and left the count as it was.
    await rows.update_one({"_id": f"{number}/0"}, {"$unset": {"counted": ""}})
    halves = [[16_384, 20_000, "", "issued"], [20_001, 32_767, "", "lost"]]
    await rows.update_one(
        {"_id": f"{number}/1"}, {"$set": {"intervals": halves}, "$inc": {"version": 1}}
    )
    expected = {"issued": 27_233, "lost": 12_767}
    assert await recounted(stamps, farm.product) == expected
    assert await balance.by_state(stamps.db, farm.product) == expected
    assert await counting.settle(stamps.db) == 2
    assert await rows.count_documents({"product_id": farm.product, **counting.UNCOUNTED}) == 0
    assert await balance.by_state(stamps.db, farm.product) == expected
    assert await counting.settle(stamps.db) == 0


class Asked(CommandListener):
    """What is asked of segments."""

    def __init__(self) -> None:
        self.found: list[Any] = []

    def started(self, event: CommandStartedEvent) -> None:
        if event.command.get(event.command_name) == "segments":
            self.found.append((event.command_name, event.command))

    def succeeded(self, event: Any) -> None:
        """Nothing is asked by it."""

    def failed(self, event: Any) -> None:
        """Nothing is asked by it."""


async def test_settling_walks_in_parts_and_writes_only_what_is_not_counted(
    stamps: Stamps, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = await stamps.a_batch(await stamps.a_farm(), 80_000)
    rows = stamps.db.collection("segments")
    late = [f"{number}/{index}" for index in (0, 1, 4)]
    await rows.update_many({"_id": {"$in": late}}, {"$unset": {"counted": ""}})
    asked = Asked()
    db = Database(settings.mongo_url, stamps.db.name, "stamps", listeners=[asked])
    monkeypatch.setattr(counting, "AT_ONCE", 2)
    monkeypatch.setattr(counting, "REST_SECONDS", 0)
    try:
        assert await counting.settle(db) == 3
        finds = [command for name, command in asked.found if name == "find"]
        assert all((one["limit"], one["maxTimeMS"] > 0) == (2, True) for one in finds)
        written = [command["updates"] for name, command in asked.found if name == "update"]
        assert sorted(key for (one,) in written for key in one["q"]["_id"]["$in"]) == late
        assert await counting.settle(db) == 0
        assert len([1 for name, _ in asked.found if name == "update"]) == len(written)
    finally:
        await db.close()


@given(
    st.lists(
        st.tuples(st.integers(0, 99), st.integers(0, 99), st.sampled_from([*CHANGES, "activate"])),
        max_size=20,
    )
)
def test_a_segment_s_count_is_of_all_its_serials(made: list[tuple[int, int, str]]) -> None:
    (segment,) = issued(1, "f", "p", 100)
    for one, other, name in made:
        change = activation("l") if name == "activate" else change_of_state(name)
        with suppress(Refusal):
            segment = segment.changed(min(one, other), max(one, other), change)
    count = counting.counted(segment)
    assert count.pop("version") == segment.version
    assert set(count) <= set(STATES)
    states = [state for *_, state in map(tuple, segment.intervals)]
    assert sum(count.values()) == 100
    assert set(count) == set(states)
