"""Receipts that do not come raise an alarm, once for each set of replicas, and it is called off."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from services.recall.actions import receipts
from services.recall.domain.alarm import Lacking, Watch, lacking
from services.recall.domain.terms import Place
from services.recall.store import entries, instants, propagation, watches
from shared.contracts.recall import ReceiptsComplete, ReceiptsMissing
from shared.ids import new_id, now
from tests.answers import ok
from tests.polling import eventually
from tests.recall.builders import lot
from tests.recall.conftest import Recall
from tests.recall.test_propagation import a_receipt

AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
OWNER = Place("f1", "07001", "agriculture")
WATCH = Watch("c", 1, "ordered", since=AT, seen_at=AT)
LATE = AT + timedelta(seconds=6)


def test_within_five_seconds_nothing_is_missing() -> None:
    one = Lacking(("scan-1",), answers=True)
    assert WATCH.look(one, OWNER, AT + timedelta(seconds=4.9)) == (WATCH, ())


def test_each_set_of_replicas_is_told_of_once() -> None:
    both, one = Lacking(("scan-1", "scan-2"), answers=True), Lacking(("scan-2",), answers=True)
    watch, (first,) = WATCH.look(both, OWNER, LATE)
    assert isinstance(first, ReceiptsMissing)
    assert first.replicas == ("scan-1", "scan-2")
    assert watch.look(both, OWNER, LATE) == (watch, ())
    watch, (second,) = watch.look(one, OWNER, LATE)
    assert isinstance(second, ReceiptsMissing)
    assert (second.replicas, second.version) == (("scan-2",), 3)
    again, events = watch.look(both, OWNER, LATE)
    assert events == (), "it was told of before"
    assert again.current == "scan-1,scan-2", "and the page names who lacks it now"


def test_the_end_is_told_only_where_there_was_an_alarm() -> None:
    done, events = WATCH.look(Lacking((), answers=True), OWNER, LATE)
    assert (done.complete_at, events) == (LATE, ())
    watch, _ = WATCH.look(Lacking(("scan-1",), answers=True), OWNER, LATE)
    done, (event,) = watch.look(Lacking((), answers=True), OWNER, LATE)
    assert isinstance(event, ReceiptsComplete)
    assert done.complete_at == LATE


def test_that_no_replica_answers_is_an_alarm_without_names() -> None:
    _, (event,) = WATCH.look(Lacking((), answers=False), OWNER, LATE)
    assert isinstance(event, ReceiptsMissing)
    assert event.replicas == ()


def test_who_is_silent_lacks_it_like_who_answers() -> None:
    assert lacking(["b"], ["a", "b"], answers=True).replicas == ("a", "b")


def test_who_is_gone_without_a_word_is_not_said_to_have_confirmed() -> None:
    watch, _ = WATCH.look(Lacking(("scan-1",), answers=True), OWNER, LATE)
    assert watch.named == ("scan-1",)
    _, (event,) = watch.look(lacking((), (), answers=True, gone=watch.named), OWNER, LATE)
    assert isinstance(event, ReceiptsComplete)
    assert event.gone == ("scan-1",)


async def a_case(recall: Recall) -> str:
    name = f"m{new_id()}"
    await recall.know(lot(name))
    return str((await recall.order(name))["id"])


async def told(recall: Recall, case_id: str) -> list[str]:
    """What was told of the case's receipts, oldest first."""
    found = []
    for event in await recall.events(f"{case_id}@1"):
        if isinstance(event, ReceiptsMissing):
            found.append("missing " + ",".join(event.replicas))
        elif isinstance(event, ReceiptsComplete):
            found.append("complete")
    return found


async def alone(recall: Recall, replica: str) -> None:
    """The only one that asks the feed."""
    await recall.db.collection("replicas").delete_many({})

    async def known() -> bool:
        await recall.feed(0, replica)
        return await asked_since(recall, replica, now() - timedelta(hours=1))

    await eventually(known)


async def asked_since(recall: Recall, replica: str, at: datetime) -> bool:
    rows = await propagation.replicas(recall.db)
    return any(one.name == replica and one.asked_at >= at for one in rows)


async def waiting(recall: Recall, at: datetime) -> receipts.Memory:
    """Of a process that has looked once, at this instant."""
    memory = receipts.Memory()
    await receipts.sweep(recall.db, at, memory)
    return memory


async def raised(recall: Recall) -> str:
    """A case that a replica has not confirmed, known to everybody."""
    await alone(recall, "deaf")
    case_id = await a_case(recall)

    async def alarmed() -> bool:
        await recall.feed(0, "deaf")
        return await told(recall, case_id) == ["missing deaf"]

    await eventually(alarmed, 60)
    return case_id


async def test_a_replica_that_does_not_confirm_is_named_until_it_does(province: Recall) -> None:
    case_id = await raised(province)
    (watch,) = await watches.of_case(province.db, case_id)
    assert watch.complete_at is None
    await province.tell(a_receipt(f"{case_id}/1", 1, "deaf", now()))

    async def called_off() -> bool:
        await province.feed(0, "deaf")
        return await told(province, case_id) == ["missing deaf", "complete"]

    await eventually(called_off, 60)
    history = [e.act for e in await entries.of_case(province.db, case_id)]
    assert history == ["ordered", "receipts_missing", "receipts_complete"]


async def test_a_replica_that_goes_away_unconfirmed_is_so_in_the_history(
    province: Recall,
) -> None:
    case_id = await raised(province)
    replicas = province.db.collection("replicas")
    await replicas.delete_many({"_id": {"$ne": "deaf"}})
    long_ago = now() - timedelta(minutes=11)
    await replicas.update_one({"_id": "deaf"}, {"$set": {"at": long_ago}})
    head = (await province.feed(0))["head"]

    async def called_off() -> bool:
        await province.feed(head, "other")
        return (await told(province, case_id))[-1] == "complete"

    await eventually(called_off, 60)
    last = (await entries.of_case(province.db, case_id))[-1]
    assert (last.act, last.text) == ("receipts_gone", "deaf")
    page = await province.browser(province.token()).get(f"/console/recall/{case_id}")
    assert "chưa từng báo nhận" in page.text
    assert "Mọi máy chủ quét đã báo nhận" not in page.text


async def test_several_that_look_at_once_raise_one_alarm(province: Recall) -> None:
    await alone(province, "deaf")
    case_id = await a_case(province)
    at = now() + timedelta(seconds=1)
    looking = [await waiting(province, at) for _ in range(6)]
    later = at + timedelta(seconds=7)
    await asyncio.gather(*(receipts.sweep(province.db, later, one) for one in looking))
    assert await told(province, case_id) == ["missing deaf"]
    await receipts.sweep(province.db, later + timedelta(seconds=1), looking[0])
    assert await told(province, case_id) == ["missing deaf"]


async def test_a_process_that_dies_at_the_alarm_neither_loses_nor_doubles_it(
    province: Recall, monkeypatch: pytest.MonkeyPatch
) -> None:
    await alone(province, "deaf")
    case_id = await a_case(province)

    async def dies(*_: object, **__: object) -> None:
        raise RuntimeError("killed")

    monkeypatch.setattr("shared.audit.accepted", dies)
    memory = await waiting(province, now())
    later = now() + timedelta(seconds=7)
    with pytest.raises(RuntimeError):
        await receipts.sweep(province.db, later, memory)
    monkeypatch.undo()
    assert await told(province, case_id) == []
    await receipts.sweep(province.db, later, memory)
    assert await told(province, case_id) == ["missing deaf"]


async def is_waited_for(recall: Recall, case_id: str) -> bool:
    rows = recall.db.collection("entries")
    return await rows.count_documents({"case": case_id, "unwatched": True}) > 0


async def test_what_is_confirmed_in_time_leaves_no_watch_no_event_and_no_entry(
    province: Recall,
) -> None:
    await province.db.collection("replicas").delete_many({})
    cases = [await a_case(province) for _ in range(3)]
    for case_id in cases:
        await province.tell(a_receipt(f"{case_id}/1", 1, "quick", now()))
    head = (await province.feed(0, "quick"))["head"]

    async def over() -> bool:
        await province.feed(head, "quick")
        return not any([await is_waited_for(province, case_id) for case_id in cases])

    await eventually(over, 60)
    for case_id in cases:
        assert await watches.of_case(province.db, case_id) == []
        assert await told(province, case_id) == []
        assert [e.act for e in await entries.of_case(province.db, case_id)] == ["ordered"]


async def test_many_that_are_confirmed_in_time_cost_no_transaction_and_the_reads_of_one(
    province: Recall, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("replicas", "receipt_watches"):
        await province.db.collection(name).delete_many({})
    for _ in range(4):
        await a_case(province)
    memory = await waiting(province, now())

    async def never(*_: object, **__: object) -> None:
        raise AssertionError("a transaction of its own")

    monkeypatch.setattr("services.recall.actions.receipts.transact", never)
    await receipts.sweep(province.db, now() + timedelta(seconds=6), memory)
    assert await province.db.collection("entries").count_documents({"unwatched": True}) == 0


async def test_more_that_stay_late_than_one_round_takes_keep_no_other_from_its_turn(
    province: Recall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every one that is late is looked at in its turn, and a new act's alarm waits for none."""
    monkeypatch.setattr(receipts, "AT_ONCE", 2)
    await alone(province, "deaf")
    cases = sorted([await a_case(province) for _ in range(5)])
    at = now()
    memory = await waiting(province, at)
    for second in range(7, 11):
        await receipts.sweep(province.db, at + timedelta(seconds=second), memory)
    assert [await told(province, one) for one in cases] == [["missing deaf"]] * 5
    last = cases[-1]
    await province.tell(a_receipt(f"{last}/1", 1, "deaf", now()))

    async def arrived() -> bool:
        return bool(await propagation.receipts(province.db, last))

    await eventually(arrived)
    await province.feed(0, "deaf")
    for _ in range(4):
        await receipts.sweep(province.db, now(), memory)
    assert await told(province, last) == ["missing deaf", "complete"]


async def test_what_is_looked_for_each_second_is_found_by_an_index(province: Recall) -> None:
    rows = province.db.collection("receipt_watches")
    found = rows.find({"open": True, "_id": {"$gt": "a"}}).sort("_id", 1).limit(2)
    assert "COLLSCAN" not in str(await found.explain())
    marked = province.db.collection("entries").find({"unwatched": True}, {"_id": 1}).limit(2)
    assert "COLLSCAN" not in str(await marked.explain())


async def test_a_process_whose_clock_is_wrong_takes_no_replica_for_dead(
    province: Recall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who answers the feed and who looks may be two processes: they go by the server's clock."""
    behind = now() - timedelta(hours=1)
    monkeypatch.setattr("services.recall.store.propagation.now", lambda: behind, raising=False)
    name = f"r{new_id()}"
    await province.feed(0, name)
    at = await instants.present(province.db)
    await eventually(lambda: asked_since(province, name, at - timedelta(minutes=30)), 20)


async def test_without_replicas_there_is_nothing_to_wait_for(province: Recall) -> None:
    await province.db.collection("replicas").delete_many({})
    case_id = await a_case(province)

    async def over() -> bool:
        return not await is_waited_for(province, case_id)

    await eventually(over, 60)
    assert await told(province, case_id) == []


async def test_the_page_names_who_has_not_confirmed_what_it_means_and_what_to_do(
    province: Recall,
) -> None:
    case_id = await raised(province)
    browser = province.browser(province.token())
    page = await browser.get(f"/console/recall/{case_id}")
    part = await browser.get(f"/console/recall/{case_id}/spread")
    assert (page.status_code, part.status_code) == (200, 200)
    for text in (page.text, part.text):
        assert "Quá 5 giây chưa báo nhận: deaf" in text
        assert "không còn hiện “an toàn”" in text
        assert "Không cần ra lệnh lại" in text
    assert f'data-live="/console/recall/{case_id}/spread"' in page.text
    assert '<noscript><meta http-equiv="refresh"' in page.text
    assert "<html" not in part.text, "the part alone, so that nothing typed is lost"
    await province.tell(a_receipt(f"{case_id}/1", 1, "deaf", now()))

    async def told_on_the_page() -> bool:
        await province.feed(0, "deaf")
        part = await browser.get(f"/console/recall/{case_id}/spread")
        return "Người tiêu dùng thấy thông báo sau" in part.text and "data-live" not in part.text

    await eventually(told_on_the_page, 60)


async def test_a_facility_is_not_told_which_servers_lag(province: Recall) -> None:
    case_id = await raised(province)
    owner = province.token(tier="facility", kinds=["system"], facility="f1", communes=[])
    part = await province.browser(owner).get(f"/console/recall/{case_id}/spread")
    assert part.status_code == 200
    assert "deaf" not in part.text
    assert "Đang đưa tới người tiêu dùng" in part.text
    detail = ok(await province.get(f"/recalls/{case_id}", owner))
    assert (detail["replicas"], detail["receipts"]) == ([], [])
    assert "deaf" not in str(detail)
    assert detail["propagation"][0]["complete"] is False


async def test_the_part_of_a_case_of_others_is_not_found(province: Recall) -> None:
    case_id = await a_case(province)
    other = province.browser(
        province.token(tier="facility", kinds=["system"], facility="f3", communes=[])
    )
    assert (await other.get(f"/console/recall/{case_id}/spread")).status_code == 404
