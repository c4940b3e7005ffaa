"""Which replica shows a recall since when, as the case tells it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from services.recall.queries.propagation import spread
from services.recall.store import entries
from services.recall.store.entries import ENTRIES
from services.recall.store.propagation import Publication, Receipt, Replica
from shared.contracts.scan import NoticeApplied
from shared.ids import new_id, now
from tests.polling import eventually
from tests.recall.builders import lot
from tests.recall.conftest import Recall

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def a_receipt(
    notice: str, version: int, replica: str, at: datetime, by: str = "bus"
) -> NoticeApplied:
    return NoticeApplied(
        subject=replica,
        version=1,
        time=at,
        notice=notice,
        case_id=notice.split("/", maxsplit=1)[0],
        notice_version=version,
        replica=replica,
        incarnation="1",
        applied_at=at,
        by=by,
    )


async def detail(recall: Recall, case_id: str) -> dict[str, Any]:
    return dict((await recall.get(f"/recalls/{case_id}")).json())


async def test_receipts_are_told_with_their_latency(province: Recall) -> None:
    await province.know(lot("r1"))
    case = await province.order("r1")

    async def acknowledged_at() -> str | None:
        at: str | None = (await detail(province, case["id"]))["acknowledged_at"]
        return at

    acknowledged = datetime.fromisoformat(await eventually(acknowledged_at))
    for replica, ms in (("scan-1", 40), ("scan-2", 80)):
        at = acknowledged + timedelta(milliseconds=ms)
        receipt = a_receipt(f"{case['id']}/1", 1, replica, at)
        await province.tell(receipt)
        await province.repeat(receipt)

    async def complete() -> dict[str, Any] | None:
        for replica in ("scan-1", "scan-2"):
            await province.feed(0, replica)
        told = await detail(province, case["id"])
        (act,) = told["propagation"]
        return told if act["complete"] and act["replicas_alive"] == 2 else None

    told = await eventually(complete)
    assert [(r["replica"], r["latency_ms"], r["by"]) for r in told["receipts"]] == [
        ("scan-1", 40, "bus"),
        ("scan-2", 80, "bus"),
    ]
    (act,) = told["propagation"]
    assert (act["replicas_alive"], act["replicas_arrived"], act["missing"]) == (2, 2, [])
    assert act["shown_after_ms"] == 80


async def test_what_acts_published_is_taken_over_from_where_it_was_kept_before(
    province: Recall,
) -> None:
    await province.know(lot("r9"))
    case = await province.order("r9")

    async def acknowledged() -> dict[str, Any] | None:
        told = await detail(province, case["id"])
        return told if told["acknowledged_at"] else None

    before = await eventually(acknowledged)
    rows, former = province.db.collection(ENTRIES), province.db.collection("publications")
    row = await rows.find_one_and_update(
        {"case": case["id"]}, {"$unset": {"published": "", "acknowledged_at": ""}}
    )
    assert row is not None
    (told,) = row["published"]
    of_case = {"case": case["id"], "case_version": row["case_version"], "act": "ordered"}
    await former.insert_one({**told, **of_case, "acknowledged_at": row["acknowledged_at"]})
    assert (await detail(province, case["id"]))["propagation"] == []
    for _ in range(2):  # A process that dies in between begins again.
        await entries.prepare(province.db)
        assert await detail(province, case["id"]) == before
    assert await former.count_documents({}) == 0


async def test_a_lost_receipt_is_made_up_for_by_the_feed(province: Recall) -> None:
    await province.know(lot("r2"))
    case = await province.order("r2")
    head = (await province.feed())["head"]
    before = await detail(province, case["id"])
    assert not before["propagation"][0]["complete"]

    async def caught_up() -> bool:
        await province.feed(head, "scan-1")
        await province.feed(head, "scan-2")
        told = await detail(province, case["id"])
        return bool(told["propagation"][0]["complete"])

    await eventually(caught_up)
    told = await detail(province, case["id"])
    assert {(r["name"], r["alive"], r["caught_up"]) for r in told["replicas"]} >= {
        ("scan-1", True, True)
    }
    assert told["receipts"] == []
    assert told["propagation"][0]["shown_after_ms"] is None


def a_publication(
    number: int | None = 7, notice: str = "c/1", version: int = 1, case_version: int = 1
) -> Publication:
    return Publication(
        case_version=case_version,
        act="ordered",
        notice=notice,
        version=version,
        active=True,
        decided_at=NOW,
        acknowledged_at=NOW,
        number=number,
    )


def seen(notice: str, version: int, ms: int, by: str = "bus", replica: str = "scan-1") -> Receipt:
    return Receipt(replica, notice, version, NOW + timedelta(milliseconds=ms), by)


def alive(name: str = "scan-1", after: int = 0, ago: float = 1) -> Replica:
    return Replica(name, after, NOW - timedelta(seconds=ago))


def test_an_act_of_two_parts_has_arrived_when_both_have() -> None:
    parts = [a_publication(7, "c/1"), a_publication(8, "c/2")]
    (one,) = spread(parts, [seen("c/1", 1, 10)], [alive()], NOW).spreads
    assert not one.is_complete
    assert one.missing == ("scan-1",)
    (both,) = spread(parts, [seen("c/1", 1, 10), seen("c/2", 1, 30)], [alive()], NOW).spreads
    assert both.is_complete
    assert both.shown_after_ms == 30


def test_a_later_version_counts_for_an_earlier_one() -> None:
    acts = [a_publication(7), a_publication(9, version=2, case_version=2)]
    first, second = spread(acts, [seen("c/1", 2, 50)], [alive()], NOW).spreads
    assert first.is_complete
    assert second.is_complete


def test_an_earlier_version_does_not_count_for_a_later_one() -> None:
    acts = [a_publication(7), a_publication(9, version=2, case_version=2)]
    _, second = spread(acts, [seen("c/1", 1, 50)], [alive()], NOW).spreads
    assert not second.is_complete


def test_a_replica_that_is_gone_is_not_waited_for() -> None:
    gone = alive("scan-2", ago=6)
    (act,) = spread([a_publication()], [seen("c/1", 1, 10)], [alive(), gone], NOW).spreads
    assert (act.alive, act.arrived, act.is_complete) == (1, 1, True)


def test_nobody_alive_is_never_complete() -> None:
    (act,) = spread([a_publication()], [seen("c/1", 1, 10)], [alive(ago=6)], NOW).spreads
    assert not act.is_complete


def test_a_replica_that_started_later_tells_no_latency() -> None:
    received = [seen("c/1", 1, 9_000, "start")]
    found = spread([a_publication()], received, [alive()], NOW)
    assert found.spreads[0].is_complete
    assert found.spreads[0].shown_after_ms is None
    assert found.receipts[0].latency_ms is None


def test_an_unnumbered_publication_is_never_caught_up_with() -> None:
    found = spread([a_publication(None)], [], [alive(after=99)], NOW)
    assert not found.spreads[0].is_complete
    assert not found.replicas[0].caught_up


async def test_askers_are_written_down_at_most_once_a_second(province: Recall) -> None:
    name = f"scan-{new_id()}"
    for _ in range(5):
        await province.feed(0, name)
    first = await province.db.collection("replicas").find_one({"_id": name})
    await province.feed(3, name)
    second = await province.db.collection("replicas").find_one({"_id": name})
    assert first is not None
    assert first == second
    assert now() - first["at"] < timedelta(seconds=5)
