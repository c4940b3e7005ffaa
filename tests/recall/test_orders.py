"""Ordering: once, within one's scope, by two people above the cap, and published as decided."""

import asyncio
import time
from datetime import UTC, datetime

import pytest
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
    register,
)

from services.recall.actions import orders
from services.recall.domain.case import Case
from services.recall.domain.target import Target, TargetKind
from services.recall.domain.terms import Kind, LegalBasis
from services.recall.store import genealogy
from shared.auth import Principal
from shared.ids import now
from shared.mongo import Database, Tx, transact
from shared.turns import turn
from tests.polling import eventually
from tests.recall.builders import batch, lot, segment
from tests.recall.conftest import Recall, order
from tests.tokens import VALID_SECONDS

FACILITY = {"tier": "facility", "kinds": ["system"], "communes": [], "unit": "f1"}


async def test_an_order_is_answered_published_and_audited(province: Recall) -> None:
    await province.know(lot("a1", code="CM-0001"))
    before = datetime.now(UTC)
    answer = await province.post("/recalls", order("a1"))
    assert answer.status_code == 201
    case = answer.json()
    assert case["state"] == "ordered"
    assert case["title"] == "Thu hồi Chả mực Hạ Long, lô CM-0001"
    assert case["title_en"] == "Recall of Ha Long squid cake, lot CM-0001"
    assert case["title_zh"] == "召回：Ha Long squid cake，批次CM-0001"
    assert case["legal_basis"] == "compulsory"
    (notice,) = await province.notices(case["id"])
    assert notice["data"]["lots"] == ["a1"]
    assert notice["data"]["active"] is True
    feed = (await province.feed())["events"]
    acts = [e for e in feed if e["type"] == "recall.act_recorded.v1"]
    assert acts[-1]["data"]["action"] == "recall.order"
    assert acts[-1]["data"]["outcome"] == "accepted"

    async def acknowledged_at() -> str | None:
        at: str | None = (await province.get(f"/recalls/{case['id']}")).json()["acknowledged_at"]
        return at

    assert datetime.fromisoformat(await eventually(acknowledged_at)) >= before


class Asked(CommandListener):
    """What is asked of the server by clients made from now on: the command, and of what."""

    def __init__(self) -> None:
        self.commands: list[str] = []
        register(self)

    def started(self, event: CommandStartedEvent) -> None:
        self.commands.append(f"{event.command_name} {event.command[event.command_name]}")

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Nothing is asked by it."""

    def failed(self, event: CommandFailedEvent) -> None:
        """Nothing is asked by it."""


OFFICER = Principal(
    account_id="a1",
    name="Nguyễn Văn Thử",
    tier="department",
    kinds=frozenset({"approve"}),
    unit_id="so-nnmt",
    session_id="s1",
    communes=("*",),
    proven_at=int(time.time()),
    fresh_until=int(time.time()) + VALID_SECONDS,
    has_factor=True,
)


async def test_an_order_goes_to_the_database_eight_times(province: Recall) -> None:
    """Each way there and back takes milliseconds under load, and phones wait for all of them."""
    await province.know(lot("q1"))
    told, cap = Asked(), province.app.state.settings.cap
    db = Database(province.settings.mongo_url, province.db.name, "recall")
    await db.ping()
    told.commands.clear()
    asked = orders.Asked(
        Kind.RECALL, Target(TargetKind.LOT, "q1"), "Vi khuẩn", "Không ăn", LegalBasis.COMPULSORY
    )
    await orders.order_recall(asked, who=OFFICER, cap=cap, key=None, db=db, at=now())
    assert told.commands[: told.commands.index("commitTransaction 1") + 1] == [
        "aggregate lots",
        "aggregate lots",
        "update scope_guard",
        "insert cases",
        "insert notices",
        "insert entries",
        "insert outbox",
        "commitTransaction 1",
    ]
    await db.close()


async def ordered_at_once(db: Database, province: Recall, names: list[str]) -> list[Case]:
    asked = [
        orders.Asked(Kind.RECALL, Target(TargetKind.LOT, name), "Vi khuẩn", "Không ăn")
        for name in names
    ]
    cap = province.app.state.settings.cap
    return await asyncio.gather(
        *(
            orders.order_recall(one, who=OFFICER, cap=cap, key=None, db=db, at=now())
            for one in asked
        )
    )


async def test_orders_at_once_begin_once_and_trace_once_each(province: Recall) -> None:
    """A storm of orders that make one another begin again answers none of them for minutes."""
    names = [f"storm{n}" for n in range(30)]
    await province.know(*(lot(name) for name in names))
    told = Asked()
    db = Database(province.settings.mongo_url, province.db.name, "recall")
    await db.ping()
    told.commands.clear()
    await ordered_at_once(db, province, names)
    assert told.commands.count("update scope_guard") == len(names)
    assert told.commands.count("aggregate lots") == 2 * len(names)
    await db.close()


async def test_an_order_that_waited_traces_what_came_meanwhile_before_its_transaction(
    province: Recall,
) -> None:
    """Within it, everybody behind would wait for the tracing as well."""
    names = [f"queue{n}" for n in range(10)]
    await province.know(*(lot(name) for name in names))
    told = Asked()
    db = Database(province.settings.mongo_url, province.db.name, "recall")
    await db.ping()
    async with turn(db.name, "reach"):
        told.commands.clear()
        waiting = asyncio.create_task(ordered_at_once(db, province, names))
        await eventually(lambda: told.commands.count("aggregate lots") == 2 * len(names))
        await province.know(lot("queue-made", "f2", "p2", inputs=("queue7",)))
    cases = await waiting
    assert told.commands.count("update scope_guard") == len(names)
    # Twice each, and a step more from the lot that something was made from.
    assert told.commands.count("aggregate lots") == 4 * len(names) + 1
    assert set(cases[7].lots) == {"queue7", "queue-made"}
    await db.close()


async def test_everything_downstream_is_named_in_one_notice(province: Recall) -> None:
    await province.know(
        lot("d1"),
        lot("d2", "f2", "p2", inputs=("d1",)),
        lot("d3", "f3", "p3", inputs=("d2", "elsewhere")),
    )
    case = await province.order("d1")
    (notice,) = await province.notices(case["id"])
    assert set(notice["data"]["lots"]) == {"d1", "d2", "d3"}


async def test_fifty_orders_with_one_key_are_one_case(province: Recall) -> None:
    await province.know(lot("i1"))
    token = province.token()
    headers = {"Idempotency-Key": "once-for-i1"}
    answers = await asyncio.gather(
        *(province.post("/recalls", order("i1"), token=token, headers=headers) for _ in range(50))
    )
    assert {answer.status_code for answer in answers} == {201}
    (case_id,) = {answer.json()["id"] for answer in answers}
    assert len(await province.notices(case_id)) == 1


async def test_a_key_used_for_another_order_is_refused(province: Recall) -> None:
    await province.know(lot("i2"), lot("i3"))
    token, headers = province.token(), {"Idempotency-Key": "one-for-two"}
    first = await province.post("/recalls", order("i2"), token=token, headers=headers)
    other = await province.post("/recalls", order("i3"), token=token, headers=headers)
    assert first.status_code == 201
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")


async def test_the_same_key_of_another_account_is_another_order(province: Recall) -> None:
    await province.know(lot("i4"), lot("i5"))
    headers = {"Idempotency-Key": "mine-and-yours"}
    first = await province.post("/recalls", order("i4"), headers=headers)
    second = await province.post("/recalls", order("i5"), headers=headers)
    assert first.json()["id"] != second.json()["id"]


async def test_a_target_with_an_open_case_cannot_be_recalled_again(province: Recall) -> None:
    await province.know(lot("b1"))
    answers = await asyncio.gather(*(province.post("/recalls", order("b1")) for _ in range(10)))
    assert sorted(a.status_code for a in answers) == [201] + [409] * 9
    assert {a.json()["code"] for a in answers if a.status_code == 409} == {
        "target_already_recalled"
    }
    warning = await province.post("/recalls", order("b1", kind="warning"))
    assert warning.status_code == 201, "a warning beside a recall is another case"


async def test_after_a_lift_the_target_can_be_recalled_again_as_a_new_notice(
    province: Recall,
) -> None:
    await province.know(lot("rlr"))
    first = await province.order("rlr")
    await province.post(f"/recalls/{first['id']}/lift", {"reason": "Nhầm"})
    assert (await province.post(f"/recalls/{first['id']}/lift/confirm")).status_code == 200
    second = await province.order("rlr")
    assert second["id"] != first["id"]
    assert [n["data"]["active"] for n in await province.notices(first["id"])] == [True, False]
    assert [n["version"] for n in await province.notices(first["id"])] == [1, 2]
    assert [n["data"]["active"] for n in await province.notices(second["id"])] == [True]


async def test_a_foreign_target_is_not_found_and_nothing_is_ordered(province: Recall) -> None:
    await province.know(lot("s1", "f2", "p2"))
    commune = province.token(tier="commune", communes=["07001"])
    health = province.token(sector="health")
    own = province.token(**FACILITY, facility="f1")
    for token in (commune, health, own):
        for path in ("/recalls", "/previews"):
            body = order("s1") if path == "/recalls" else {"target_kind": "lot", "target": "s1"}
            answer = await province.post(path, body, token=token)
            assert (answer.status_code, answer.json()["code"]) == (404, "target_not_found")
    unknown = await province.post("/recalls", order("nobody-knows"))
    assert (unknown.status_code, unknown.json()["code"]) == (404, "target_not_found")
    assert await province.db.collection("cases").count_documents({"target.id": "s1"}) == 0


async def test_an_account_without_the_right_kind_is_forbidden(province: Recall) -> None:
    await province.know(lot("s2"))
    answer = await province.post("/recalls", order("s2"), token=province.token(kinds=["report"]))
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


@pytest.mark.parametrize("text", ["%00", "a%00b", "(((", "$ne", "[a-z]", ".*", "(" * 100])
async def test_a_search_is_text_and_not_a_pattern(province: Recall, text: str) -> None:
    answer = await province.get(f"/recalls?q={text}")
    assert answer.status_code == 200
    assert answer.json()["items"] == []


@pytest.mark.parametrize(
    "path",
    [
        "/recalls?state=unheard-of",
        "/recalls?state=%7B%22$ne%22:1%7D",
        "/recalls?page=0",
        "/recalls?page=99999999999999999999999",
        f"/recalls/{'x' * 65}",
        "/recalls/$where",
        "/recalls/a%00b",
    ],
)
async def test_an_address_with_impossible_parts_is_told(province: Recall, path: str) -> None:
    answer = await province.get(path)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")


async def test_without_a_token_nothing_is_answered(province: Recall) -> None:
    answer = await province.client.post("/api/recall/v1/recalls", json=order("a1"))
    assert answer.status_code == 401


async def test_a_facility_recalls_its_own_goods_of_its_own_will(province: Recall) -> None:
    await province.know(lot("own1"), lot("own2"))
    token = province.token(**FACILITY, facility="f1", name="Chủ cơ sở")
    answer = await province.post("/recalls", order("own1"), token=token)
    assert answer.json()["legal_basis"] == "voluntary"
    assert answer.json()["authority"] == "Cơ sở chả mực Hạ Long"
    body = order("own2", legal_basis="compulsory")
    refused = await province.post("/recalls", body, token=token)
    assert (refused.status_code, refused.json()["code"]) == (422, "voluntary_only")


async def test_a_foreign_case_is_not_found(province: Recall) -> None:
    await province.know(lot("s3", "f2", "p2"))
    case = await province.order("s3")
    stranger = province.token(tier="commune", kinds=["approve"], communes=["07001"])
    for path, body in [
        ("", None),
        ("/confirm", {}),
        ("/decline", {"reason": "x"}),
        ("/close", {"finding": "x", "handling": "destroy"}),
    ]:
        url = f"/recalls/{case['id']}{path}"
        answer = (
            await province.get(url, stranger)
            if body is None
            else await province.post(url, body, token=stranger)
        )
        assert answer.status_code == 404, path
    listed = (await province.get("/recalls", stranger)).json()
    assert case["id"] not in [row["id"] for row in listed["items"]]


async def test_a_touched_facility_sees_the_case_and_another_does_not(province: Recall) -> None:
    await province.know(lot("t1"), lot("t2", "f2", "p2", inputs=("t1",)))
    case = await province.order("t1")
    touched = province.token(**{**FACILITY, "facility": "f2"})
    other = province.token(**{**FACILITY, "facility": "f3"})
    assert (await province.get(f"/recalls/{case['id']}", touched)).status_code == 200
    assert (await province.get(f"/recalls/{case['id']}", other)).status_code == 404
    mine = (await province.get("/recalls?q=cha+muc", touched)).json()["items"]
    assert case["id"] in [row["id"] for row in mine]


@pytest.fixture
async def large(province: Recall) -> str:
    """A lot with more stamps than one person may recall."""
    number = 100 + await province.db.collection("batches").count_documents({})
    name = f"large{number}"
    await province.know(lot(name))
    await province.know(batch(number, 6_000), segment(number, (0, 5_999, name, "active")))
    return name


async def test_above_the_cap_a_second_account_must_confirm(province: Recall, large: str) -> None:
    anna = province.token()
    case = await province.order(large, token=anna)
    assert case["state"] == "awaiting_confirmation"
    assert case["ordered_at"] is None
    assert await province.notices(case["id"]) == []
    alone = await province.post(f"/recalls/{case['id']}/confirm", token=anna)
    assert (alone.status_code, alone.json()["code"]) == (403, "second_person_needed")
    confirmed = await province.post(f"/recalls/{case['id']}/confirm")
    assert confirmed.json()["state"] == "ordered"
    assert len(await province.notices(case["id"])) == 1
    again = await province.post(f"/recalls/{case['id']}/confirm")
    assert (again.status_code, again.json()["code"]) == (409, "not_awaiting_confirmation")


async def test_a_waiting_order_takes_in_what_was_made_until_its_confirmation(
    province: Recall, large: str
) -> None:
    case = await province.order(large)
    await province.know(lot(f"{large}-made", inputs=(large,)))
    await province.post(f"/recalls/{case['id']}/confirm")
    (notice,) = await province.notices(case["id"])
    assert notice["data"]["lots"] == [large, f"{large}-made"]


async def test_many_confirmations_at_once_publish_once(province: Recall, large: str) -> None:
    case = await province.order(large)
    answers = await asyncio.gather(
        *(province.post(f"/recalls/{case['id']}/confirm") for _ in range(10))
    )
    assert sorted(a.status_code for a in answers) == [200] + [409] * 9
    assert len(await province.notices(case["id"])) == 1


async def test_a_declined_order_is_never_published_and_frees_its_target(
    province: Recall, large: str
) -> None:
    case = await province.order(large)
    body = {"reason": "Không đủ căn cứ"}
    declined = await province.post(f"/recalls/{case['id']}/decline", body)
    assert declined.json()["state"] == "declined"
    assert await province.notices(case["id"]) == []
    public = await province.client.get(f"/recalls/{case['id']}")
    assert public.status_code == 404
    assert (await province.order(large))["state"] == "awaiting_confirmation"


async def test_a_refused_order_is_audited(province: Recall) -> None:
    await province.post("/recalls", order("no-such-lot"))

    async def audited() -> bool:
        rows = province.db.collection("outbox")
        wanted = {
            "body.data.outcome": "target_not_found",
            "body.subject": {"$regex": "no-such-lot"},
        }
        return await rows.count_documents(wanted) == 1

    await eventually(audited)


async def test_very_many_lots_are_published_in_parts(province: Recall) -> None:
    lots = [lot("m0"), *(lot(f"m{n}", inputs=("m0",)) for n in range(1, 2_002))]

    async def keep(tx: Tx) -> None:
        await genealogy.note_lots(tx, lots, await genealogy.arrive(tx))

    await transact(province.db, keep)
    case = await province.order("m0")
    notices = sorted(await province.notices(case["id"]), key=lambda n: n["subject"])
    assert [len(n["data"]["lots"]) for n in notices] == [2_000, 2]
    assert [n["subject"] for n in notices] == [f"{case['id']}/1", f"{case['id']}/2"]
