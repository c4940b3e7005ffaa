"""What a courier makes of failures: whose fault they are, and how long something was tried."""

import asyncio
from datetime import timedelta

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from deploy.local.ports import free_port
from services.recall.domain.contact import Channel
from services.recall.domain.delivery import GIVE_UP
from services.recall.store.contacts import CONTACTS
from services.recall.store.deliveries import DELIVERIES
from shared.contracts.recall import RecallLifted, RecallOrdered
from shared.ids import now
from shared.mongo import Document
from tests.answers import ok
from tests.polling import eventually
from tests.recall import telling
from tests.recall.conftest import Recall
from tests.recall.telling import (
    Inbox,
    confirm,
    contact,
    courier,
    facility_token,
    link_in,
    ordered,
    rows,
    smtp,
    waiting,
)

told, clean = telling.told, telling.clean


async def the_contact(recall: Recall, id_: str) -> Document:
    kept = await recall.db.collection(CONTACTS).find_one({"_id": id_})
    assert kept
    return kept


async def change(recall: Recall, id_: str, **fields: object) -> None:
    await recall.db.collection(CONTACTS).update_one({"_id": id_}, {"$set": fields})


async def test_what_failed_before_a_contact_was_confirmed_does_not_count_afterwards(
    told: Recall,
) -> None:
    made = ok(
        await told.post(
            "/contacts",
            {"channel": "mail", "address": "slow-start@f1.example"},
            token=facility_token(told),
        ),
        201,
    )
    inbox = Inbox()
    inbox.refusals[made["address"]] = "451 greylisted"
    with smtp(inbox) as port:
        await courier(told, port).drain(Channel.MAIL)
        inbox.refusals.clear()
        later = now() + timedelta(minutes=5)
        await courier(told, port).drain(Channel.MAIL, at=later)
    await change(told, made["id"], failures=1, failing_since=now() - timedelta(days=5))
    assert (await confirm(told, link_in(inbox.taken[0]))).status_code == 200
    kept = await the_contact(told, made["id"])
    assert (kept["state"], kept["failures"], kept["failing_since"]) == ("active", 0, None)


async def test_one_failure_long_after_another_pauses_no_contact(told: Recall) -> None:
    id_ = await contact(told, "seldom@f1.example", facility_token(told))
    await change(told, id_, failures=7, failing_since=now() - timedelta(days=30))
    case_id = await ordered(told, "fail1")
    inbox = Inbox()
    inbox.refusals["seldom@f1.example"] = "451 greylisted"
    with smtp(inbox) as port:
        await courier(told, port).drain(Channel.MAIL)
    [row] = await rows(told, case_id)
    assert (row["state"], row["held"]) == ("failed", False)
    assert (await the_contact(told, id_))["state"] == "active"


async def test_what_fails_for_three_days_is_given_up_its_contact_rests_and_forgets_its_failures(
    told: Recall,
) -> None:
    id_ = await contact(told, "never@f1.example", facility_token(told))
    case_id = await ordered(told, "fail2")
    inbox, at = Inbox(), now()
    inbox.refusals["never@f1.example"] = "451 greylisted"
    with smtp(inbox) as port:
        tries = courier(told, port)
        while True:
            [row] = await rows(told, case_id)
            if row["state"] == "given_up" or row["attempts"] > 200:
                break
            at = max(at, row["next_at"])
            await tries.drain(Channel.MAIL, at=at)
    assert row["state"] == "given_up"
    assert 60 < row["attempts"] < 120
    kept = await the_contact(told, id_)
    assert (kept["state"], kept["paused_by"]) == ("paused", "failing")
    assert (kept["failures"], kept["failing_since"]) == (0, None)


async def test_a_refused_address_leaves_no_failures_behind(told: Recall) -> None:
    id_ = await contact(told, "moved@f1.example", facility_token(told))
    await ordered(told, "fail3")
    inbox = Inbox()
    inbox.refusals["moved@f1.example"] = "550 5.1.1 no such user"
    with smtp(inbox) as port:
        await courier(told, port).drain(Channel.MAIL)
    kept = await the_contact(told, id_)
    assert (kept["state"], kept["failures"], kept["failing_since"]) == ("active", 0, None)


@pytest.mark.parametrize("waited", ["without a server", "paused"])
async def test_three_days_count_from_the_first_attempt_and_not_from_the_order(
    told: Recall, waited: str
) -> None:
    token = facility_token(told)
    id_ = await contact(told, "patient@f1.example", token)
    if waited == "paused":
        ok(await told.post(f"/contacts/{id_}/pause", token=token))
    case_id = await ordered(told, f"fail4-{waited[0]}")
    long_ago = now() - timedelta(days=7)
    await told.db.collection(DELIVERIES).update_one(
        {"case_id": case_id},
        {"$set": {"created_at": long_ago, "tried_since": long_ago, "next_at": long_ago}},
    )
    if waited == "paused":
        # It had been tried before it was paused, too.
        await told.db.collection(DELIVERIES).update_one(
            {"case_id": case_id}, {"$set": {"attempts": 1}}
        )
        ok(await told.post(f"/contacts/{id_}/resume", token=token))
    inbox = Inbox()
    inbox.refusals["patient@f1.example"] = "451 greylisted"
    with smtp(inbox) as port:
        await courier(told, port).drain(Channel.MAIL)
    [row] = await rows(told, case_id)
    assert (row["state"], row["error"]) == ("failed", "mail_later")


async def test_a_question_that_waited_for_a_server_is_asked_and_its_link_holds_from_then_on(
    told: Recall,
) -> None:
    made = ok(
        await told.post(
            "/contacts",
            {"channel": "mail", "address": "asked-late@f1.example"},
            token=facility_token(told),
        ),
        201,
    )
    await change(told, made["id"], asked_at=now() - timedelta(days=4))
    inbox = Inbox()
    with smtp(inbox) as port:
        await courier(told, port).drain(Channel.MAIL)
    [mail] = inbox.taken
    assert (await confirm(told, link_in(mail))).status_code == 200


async def _again(recall: Recall, event: RecallOrdered | RecallLifted, days: int) -> None:
    """The event comes so many days after it happened, as if the courier had been away."""
    await recall.db.collection("inbox").delete_many({})
    await recall.repeat(event.model_copy(update={"time": now() - timedelta(days=days)}))


async def test_an_order_heard_of_days_late_is_told_to_whom_it_was_due_while_it_stands(
    told: Recall,
) -> None:
    due = await contact(told, "due@f1.example", facility_token(told))
    newer = await contact(told, "newer@f1.example", facility_token(told))
    case_id = await ordered(told, "fail5", 2)
    await told.db.collection(DELIVERIES).delete_many({"case_id": case_id})
    await change(told, due, confirmed_at=now() - timedelta(days=30))
    [event] = await told.events(case_id, RecallOrdered)
    await _again(told, event, GIVE_UP.days + 4)
    [row] = await waiting(told, case_id, 1)
    assert row["contact_id"] == due
    assert newer not in {one["contact_id"] for one in await rows(told, case_id)}


async def test_an_order_heard_of_days_late_that_no_longer_stands_is_told_to_nobody(
    told: Recall,
) -> None:
    due = await contact(told, "over@f1.example", facility_token(told))
    case_id = await ordered(told, "fail6")
    ok(await told.post(f"/recalls/{case_id}/lift", {"reason": "x"}))
    ok(await told.post(f"/recalls/{case_id}/lift/confirm", token=told.token(account="second")))
    await waiting(told, case_id, 2)
    await told.db.collection(DELIVERIES).delete_many({"case_id": case_id})
    await change(told, due, confirmed_at=now() - timedelta(days=30))
    [event] = await told.events(case_id, RecallOrdered)
    await _again(told, event, GIVE_UP.days + 4)

    async def heard() -> bool:
        wanted = {"_id": f"recall.courier:{event.id}"}
        return await told.db.collection("inbox").count_documents(wanted) == 1

    await eventually(heard)
    assert not await rows(told, case_id)


async def test_a_mail_server_that_is_away_for_days_is_no_contacts_fault(told: Recall) -> None:
    ids = [await contact(told, f"away{n}@f1.example", facility_token(told)) for n in range(3)]
    case_id = await ordered(told, "fail7", 3)
    dead, at = courier(told, free_port()), now()
    # One attempt a turn: a server that takes nothing from one takes nothing from the others.
    assert await dead.drain(Channel.MAIL, at=at) == 1
    for hours in (1, 30, 60, 100):
        await dead.drain(Channel.MAIL, at=at + timedelta(hours=hours))
    for id_ in ids:
        kept = await the_contact(told, id_)
        assert (kept["state"], kept["failures"]) == ("active", 0)
    inbox = Inbox()
    with smtp(inbox) as port:
        back = at + timedelta(hours=101)
        assert await courier(told, port).drain(Channel.MAIL, at=back) == 3
    assert {row["state"] for row in await rows(told, case_id)} == {"sent"}


@pytest.mark.parametrize(
    "answer", ["554 5.7.1 relay access denied", "552 quota", "550 5.1.8 bad sender", "451 later"]
)
async def test_a_refusal_that_is_not_of_the_address_is_tried_again(
    told: Recall, answer: str
) -> None:
    await contact(told, "fine@f1.example", facility_token(told))
    case_id = await ordered(told, f"fail8-{answer[:3]}-{answer[-3:]}")
    inbox = Inbox()
    inbox.refusals["fine@f1.example"] = answer
    with smtp(inbox) as port:
        await courier(told, port).drain(Channel.MAIL)
    [row] = await rows(told, case_id)
    assert (row["state"], row["error"], row["error_detail"]) == ("failed", "mail_later", answer[:3])


class _Sour(Inbox):
    """Takes mail, and never answers QUIT."""

    async def handle_QUIT(  # noqa: N802 - the server's own name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        await asyncio.sleep(60)
        return "221 bye"


async def test_a_mail_that_was_taken_is_told_though_the_server_does_not_say_goodbye(
    told: Recall,
) -> None:
    await contact(told, "bye@f1.example", facility_token(told))
    case_id = await ordered(told, "fail9")
    inbox = _Sour()
    with smtp(inbox) as port:
        await courier(told, port, smtp_seconds=1).drain(Channel.MAIL)
    assert len(inbox.taken) == 1
    [row] = await rows(told, case_id)
    assert row["state"] == "sent"


class _Thorough(Inbox):
    """Looks through a mail for longer than it takes to reach the server."""

    async def handle_DATA(  # noqa: N802 - the server's own name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        await asyncio.sleep(1.5)
        return await super().handle_DATA(server, session, envelope)


async def test_a_server_that_looks_through_mail_slowly_is_waited_for(told: Recall) -> None:
    await contact(told, "scan@f1.example", facility_token(told))
    case_id = await ordered(told, "fail10")
    inbox = _Thorough()
    with smtp(inbox) as port:
        await courier(told, port, smtp_seconds=1).drain(Channel.MAIL)
    [row] = await rows(told, case_id)
    assert row["state"] == "sent"


class _Counting(Inbox):
    """How many connections were made, and what was asked of each."""

    def __init__(self) -> None:
        super().__init__()
        self.connections = 0

    async def handle_EHLO(  # noqa: N802 - the server's own name
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        hostname: str,
        responses: list[str],
    ) -> list[str]:
        session.host_name = hostname
        self.connections += 1
        return responses


async def test_many_mails_go_over_one_connection_and_a_server_that_left_is_called_again(
    told: Recall,
) -> None:
    for n in range(5):
        await contact(told, f"kept{n}@f1.example", facility_token(told))
    case_id = await ordered(told, "fail11", 5)
    inbox = _Counting()
    with smtp(inbox) as port:
        await courier(told, port).drain(Channel.MAIL)
    assert (len(inbox.taken), inbox.connections) == (5, 1)
    assert {row["state"] for row in await rows(told, case_id)} == {"sent"}
    case_id = await ordered(told, "fail12", 5)
    inbox = _Counting()
    # It ends each connection after a moment of silence.
    with smtp(inbox, timeout=0.3) as port:
        one = courier(told, port)
        for _ in range(5):
            assert await one._one(Channel.MAIL, now())
            await asyncio.sleep(0.6)
        await one._senders[Channel.MAIL].rest()
    assert len(inbox.taken) == 5
    found = await rows(told, case_id)
    assert {(row["state"], row["attempts"]) for row in found} == {("sent", 1)}


async def test_a_refused_recipient_fails_no_other_mail_on_the_connection(told: Recall) -> None:
    for name in ("a", "b", "c"):
        await contact(told, f"{name}@f1.example", facility_token(told))
    case_id = await ordered(told, "fail13", 3)
    inbox = Inbox()
    inbox.refusals["b@f1.example"] = "550 5.1.1 no such user"
    with smtp(inbox) as port:
        await courier(told, port).drain(Channel.MAIL)
    states = sorted(row["state"] for row in await rows(told, case_id))
    assert states == ["given_up", "sent", "sent"]


async def test_an_order_goes_before_what_waits_longer_and_presses_less(told: Recall) -> None:
    await contact(told, "first@f1.example", facility_token(told))
    old = await ordered(told, "fail14")
    ok(await told.post(f"/recalls/{old}/lift", {"reason": "x"}))
    ok(await told.post(f"/recalls/{old}/lift/confirm", token=told.token(account="second")))
    await waiting(told, old, 2)
    await told.db.collection(DELIVERIES).delete_many({"case_id": old, "message": "ordered"})
    new = await ordered(told, "fail15")
    inbox = Inbox()
    with smtp(inbox) as port:
        await courier(told, port).drain(Channel.MAIL)
    told_of = [mail.get_body(("plain",)).get_content() for mail in inbox.taken]  # type: ignore[union-attr]
    assert [new in one for one in told_of] == [True, False]
