"""Lots join the cases they belong to by themselves, in whatever order and how often they come."""

import asyncio
from datetime import date

import pytest

from services.recall.actions.orders import Found
from services.recall.domain.target import Target, TargetKind
from services.recall.store import cases
from shared.contracts.acts import Actor, RegistryActRecorded
from shared.ids import now
from shared.messaging import progress
from shared.mongo import transact
from tests.polling import eventually
from tests.recall.builders import AT, facility, lot
from tests.recall.conftest import Recall


async def lots_of(recall: Recall, case_id: str) -> set[str]:
    answer = await recall.get(f"/recalls/{case_id}")
    assert answer.status_code == 200, answer.text
    return set(answer.json()["lots"])


async def test_a_lot_made_from_an_affected_one_joins_at_once(province: Recall) -> None:
    await province.know(lot("g1"))
    case = await province.order("g1")
    await province.know(lot("g2", "f2", "p2", inputs=("g1",)))
    assert await lots_of(province, case["id"]) == {"g1", "g2"}
    published = await province.notices(case["id"])
    assert [(n["version"], n["data"]["lots"]) for n in published] == [
        (1, ["g1"]),
        (2, ["g1", "g2"]),
    ]
    detail = (await province.get(f"/recalls/{case['id']}")).json()
    assert detail["facilities"] == ["f1", "f2"]
    assert [entry["act"] for entry in detail["history"]] == ["ordered", "grown"]


async def test_a_lot_whose_maker_comes_later_joins_together_with_it(province: Recall) -> None:
    await province.know(lot("o1"))
    case = await province.order("o1")
    await province.know(lot("o3", "f3", "p3", inputs=("o2",)))
    assert await lots_of(province, case["id"]) == {"o1"}
    await province.know(lot("o2", "f2", "p2", inputs=("o1",)))
    assert await lots_of(province, case["id"]) == {"o1", "o2", "o3"}


async def test_a_lot_told_twice_joins_once(province: Recall) -> None:
    await province.know(lot("t1"))
    case = await province.order("t1")
    told = await province.tell(lot("t2", inputs=("t1",)))
    await province.until_taken_in()
    await province.repeat(*told)
    await province.know(lot("t-other"))
    assert [n["version"] for n in await province.notices(case["id"])] == [1, 2]


async def test_an_older_version_of_a_lot_that_comes_late_changes_nothing(province: Recall) -> None:
    await province.know(lot("v1"))
    case = await province.order("v1")
    await province.know(lot("v2", version=3, code="NEW"))
    await province.know(lot("v2", version=2, inputs=("v1",), code="OLD"))
    assert await lots_of(province, case["id"]) == {"v1"}
    kept = await province.db.collection("lots").find_one({"_id": "v2"})
    assert kept is not None
    assert (kept["version"], kept["code"]) == (3, "NEW")


async def test_a_changed_lot_that_is_now_made_from_an_affected_one_joins(province: Recall) -> None:
    await province.know(lot("w1"), lot("w2"))
    case = await province.order("w1")
    await province.know(lot("w2", version=2, inputs=("w1",)))
    assert await lots_of(province, case["id"]) == {"w1", "w2"}
    await province.know(lot("w2", version=3))
    assert await lots_of(province, case["id"]) == {"w1", "w2"}, "only a lift takes a lot out"


async def test_a_circle_of_lots_ends(province: Recall) -> None:
    await province.know(lot("c1", inputs=("c2",)), lot("c2", inputs=("c1",)))
    case = await province.order("c1")
    assert await lots_of(province, case["id"]) == {"c1", "c2"}


async def test_a_new_lot_of_the_product_and_period_joins(province: Recall) -> None:
    await province.know(lot("per1", "f3", "p3", produced_on=date(2026, 9, 10)))
    answer = await province.order(
        "p3", target_kind="product", **{"from": "2026-09-01", "to": "2026-09-30"}
    )
    await province.know(
        lot("per2", "f3", "p3", produced_on=date(2026, 9, 30)),
        lot("per3", "f3", "p3", produced_on=date(2026, 10, 1)),
        lot("per4", "f2", "p2", produced_on=date(2026, 12, 1), inputs=("per2",)),
    )
    assert await lots_of(province, answer["id"]) == {"per1", "per2", "per4"}


async def test_a_closed_case_grows_and_a_lifted_one_does_not(province: Recall) -> None:
    await province.know(lot("k1"), lot("k2"))
    closed, cleared = await province.order("k1"), await province.order("k2")
    body = {"finding": "Xong", "handling": "destroy"}
    await province.account_for(closed["id"], "k1")
    assert (await province.post(f"/recalls/{closed['id']}/close", body)).status_code == 200
    reason = {"reason": "Kiểm nghiệm lại đạt"}
    assert (await province.post(f"/recalls/{cleared['id']}/lift", reason)).status_code == 200
    assert (await province.post(f"/recalls/{cleared['id']}/lift/confirm")).status_code == 200
    await province.know(lot("k3", inputs=("k1",)), lot("k4", inputs=("k2",)))
    assert await lots_of(province, closed["id"]) == {"k1", "k3"}
    assert await lots_of(province, cleared["id"]) == {"k2"}


async def test_what_the_feed_promises_as_taken_in_is_contained_in_it(province: Recall) -> None:
    """A derived lot that the feed calls taken in is named by a notice before the feed's head."""
    await province.know(lot("fd0"))
    case = await province.order("fd0")
    told = await province.tell(*(lot(f"fd{n}", inputs=(f"fd{n - 1}",)) for n in range(1, 31)))
    numbers = {event.subject: event.number for event in told}

    async def all_taken_in() -> bool:
        answer = await province.feed(0)
        promised = answer["taken_in"]["registry"]
        published: set[str] = set()
        for event in await province.notices(case["id"]):
            if event["number"] <= answer["head"]:
                published |= set(event["data"]["lots"])
        taken = {lot_id for lot_id, number in numbers.items() if number <= promised}
        assert taken <= published, "the feed promised more than it contains"
        return len(taken) == len(numbers)

    await eventually(all_taken_in, 20)


async def test_an_order_and_a_derived_lot_at_the_same_moment_never_miss_one_another(
    province: Recall,
) -> None:
    """Both orders of commit are right; what must not happen is that neither sees the other."""
    roots = [f"race{n}" for n in range(12)]
    await province.know(*(lot(root) for root in roots))
    cases, _ = await asyncio.gather(
        asyncio.gather(*(province.order(root) for root in roots)),
        province.tell(*(lot(f"{root}-made", "f2", "p2", inputs=(root,)) for root in roots)),
    )
    await province.until_taken_in()
    for root, case in zip(roots, cases, strict=True):
        assert await lots_of(province, case["id"]) == {root, f"{root}-made"}


async def test_a_lot_that_comes_between_the_tracing_and_the_order_is_in_the_order(
    province: Recall,
) -> None:
    await province.know(lot("between"))
    at = now()
    official = await province.app.state.service.verifier.verify(province.token())
    target = Target(TargetKind.LOT, "between")
    found = await Found.look(province.db, target, official, at)
    assert set(found.extent.lots) == {"between"}
    assert (await transact(province.db, found.sure))[1] == found.extent
    again = await Found.look(province.db, target, official, at)
    await province.know(lot("between-made", "f2", "p2", inputs=("between",)))
    _, extent = await transact(province.db, again.sure)
    assert set(extent.lots) == {"between", "between-made"}


async def test_events_without_a_meaning_here_still_count_as_taken_in(province: Recall) -> None:
    await province.know(
        RegistryActRecorded(subject="x", version=1, time=AT, actor=Actor(), action="lot.enter")
    )
    complete = await progress.complete_to(province.db, "recall.genealogy")
    assert complete["registry"] == (await province.feed())["taken_in"]["registry"]


@pytest.mark.parametrize("versions", [(1, 2), (2, 1)])
async def test_the_newest_facts_of_a_facility_stay(
    province: Recall, versions: tuple[int, int]
) -> None:
    name = f"ff{versions[0]}"
    await province.know(*(facility(name, version=v, name=f"Tên {v}") for v in versions))
    kept = await province.db.collection("facilities").find_one({"_id": name})
    assert kept is not None
    assert kept["name"] == "Tên 2"


@pytest.mark.parametrize("heard_before", [True, False])
async def test_what_a_program_of_before_kept_without_its_inputs_is_taken_in_once_more(
    province: Recall, heard_before: bool
) -> None:
    """The lot's area is lost with it, and so is the case that it belongs to."""
    name = f"whole{heard_before}".lower()
    told = lot(f"{name}-made", "f1", "p1", supplies=(f"{name}-feed",))
    await province.know(lot(f"{name}-feed", "f1", "p1"))
    case_id = (await province.order(f"{name}-feed"))["id"]
    lots = province.db.collection("lots")
    if heard_before:
        await province.know(told)
        await province.db.collection("notices").update_many(
            {"case": case_id}, {"$pull": {"lots": told.subject}}
        )
        await lots.update_one(
            {"_id": told.subject},
            {"$set": {"inputs": [], "supplies": []}, "$unset": {"used": "", "turn": ""}},
        )
    await province.repeat(told)
    await province.repeat(told)

    async def joined() -> bool:
        kept = await lots.find_one({"_id": told.subject})
        case = await cases.get(province.db, case_id)
        return bool(kept) and "used" in (kept or {}) and told.subject in case.lots

    await eventually(joined)
    kept = await lots.find_one({"_id": told.subject})
    assert kept
    assert kept["version"] == told.version
