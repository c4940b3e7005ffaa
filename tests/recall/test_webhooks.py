"""Webhooks: signed, checked by whom they reach, and never a way into the network they come from."""

import asyncio
import json
import socket
import ssl
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import hypothesis.strategies as st
import pytest
from hypothesis import given

from deploy.local.ports import free_port
from services.recall.courier import worker
from services.recall.courier.keys import CourierKeys
from services.recall.courier.rounds import LANES_OF_AN_OWNER, Courier
from services.recall.courier.settings import CourierSettings
from services.recall.courier.webhook import MOST_ANSWER, Webhooks
from services.recall.domain.contact import (
    Channel,
    Contact,
    InvalidWebhook,
    Owner,
    OwnWebhook,
    WebhookRules,
    webhook_url,
)
from services.recall.domain.delivery import CHALLENGES, Message
from services.recall.domain.networks import may_be_called
from services.recall.pages import receiver_example, webhooks
from services.recall.store.contacts import CONTACTS
from services.recall.store.deliveries import DELIVERIES
from services.recall.store.tellings import TELLINGS
from shared.contracts.recall import RecallOrdered
from shared.ids import now
from shared.mongo import Document
from tests.answers import ok, refused
from tests.polling import eventually
from tests.recall.builders import lot
from tests.recall.conftest import Recall
from tests.recall.telling import (
    SENDER,
    Inbox,
    certificate,
    facility_token,
    forget,
    forget_standing,
    hearing,
    rows,
    smtp,
    unit,
    waiting,
)
from tests.recall.telling import contact as mail_contact

HOST, OTHER = "receiver.example", "other.example"
Handle = Callable[["Receiver", asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Receiver:
    """A real TLS server: what it was sent, and how it answers."""

    pair: tuple[Path, Path]
    handle: Handle | None = None
    status: str = "200 OK"
    extra: str = ""
    port: int = 0
    connections: int = 0
    taken: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            if self.handle is not None:
                await self.handle(self, reader, writer)
            else:
                _headers, body = await self.read(reader)
                told = receiver_example.answer(json.loads(body))
                await self.answer(writer, json.dumps(told).encode())
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def read(self, reader: asyncio.StreamReader) -> tuple[dict[str, str], bytes]:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {
            name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:-2])
        }
        body = await reader.readexactly(int(headers["content-length"]))
        self.taken.append((headers, body))
        return headers, body

    async def answer(self, writer: asyncio.StreamWriter, body: bytes) -> None:
        head = f"HTTP/1.1 {self.status}\r\nContent-Length: {len(body)}\r\n{self.extra}\r\n"
        writer.write(head.encode() + body)
        await writer.drain()

    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.taken]


@asynccontextmanager
async def serving(receiver: Receiver) -> AsyncIterator[Receiver]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*receiver.pair)
    server = await asyncio.start_server(
        receiver._serve, "127.0.0.1", receiver.port, ssl=context, ssl_handshake_timeout=5
    )
    receiver.port = server.sockets[0].getsockname()[1]
    async with server:
        yield receiver


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return certificate(tmp_path_factory.mktemp("receiver"), HOST, OTHER)


@pytest.fixture(scope="module")
async def told(province: Recall) -> AsyncIterator[Recall]:
    async with hearing(province, unit("u-ha-long", "07001")):
        yield province


@pytest.fixture(autouse=True)
async def clean(told: Recall) -> AsyncIterator[None]:
    yield
    await forget(told)


def names(found: dict[str, list[str]]) -> tuple[Callable[..., Any], list[str]]:
    """A resolver that knows these names, and which it was asked for."""
    asked: list[str] = []

    async def resolve(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        if host not in found:
            raise OSError("no such name")
        return found[host]

    return resolve, asked


def courier(recall: Recall, receiver: Receiver, resolving: Any = None, **more: Any) -> Courier:
    """One that may call this machine, at the receiver's port, and trusts its certificate."""
    given = recall.settings.model_dump(include=set(CourierSettings.model_fields))
    given |= {
        "webhook_networks": ("127.0.0.1/32",),
        "webhook_ports": {receiver.port},
        "webhook_ca_file": receiver.pair[0],
        "webhook_seconds": 2,
    }
    settings = CourierSettings(**(given | more))
    resolve = resolving or names({HOST: ["127.0.0.1"]})[0]
    senders = worker.senders(settings) | {Channel.WEBHOOK: Webhooks(settings, resolving=resolve)}
    keys = CourierKeys.load(settings.secrets_dir)
    return Courier(recall.db, keys, settings.public_origin, senders)


def mail_settings(port: int) -> dict[str, Any]:
    given = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_tls": "none"}
    return {**given, "smtp_sender": SENDER}


async def webhook(
    recall: Recall, receiver: Receiver, *, host: str = HOST, address: str = ""
) -> tuple[str, str]:
    """A webhook that answered its challenge; its id and secret. The address is put in by hand,
    since no port but 443 and 8443 is taken from people."""
    made = ok(
        await recall.post(
            "/contacts",
            {"channel": "webhook", "address": address or f"https://{host}/hook"},
            token=facility_token(recall),
        ),
        201,
    )
    await recall.db.collection(CONTACTS).update_one(
        {"_id": made["id"]},
        {"$set": {"address": f"https://{host}:{receiver.port}{urlsplit(made['address']).path}"}},
    )
    return made["id"], made["secret"]


async def active(recall: Recall, receiver: Receiver, address: str = "") -> tuple[str, str]:
    id_, secret = await webhook(recall, receiver, address=address)
    await courier(recall, receiver).drain(Channel.WEBHOOK)
    kept = await recall.db.collection(CONTACTS).find_one({"_id": id_})
    assert kept
    assert kept["state"] == "active"
    await forget_standing(recall)
    receiver.taken.clear()
    receiver.connections = 0
    return id_, secret


async def ordered(recall: Recall, lot_id: str) -> str:
    await recall.know(lot(lot_id))
    case = await recall.order(lot_id)
    await waiting(recall, case["id"], 1)
    return str(case["id"])


async def the_row(recall: Recall, case_id: str) -> Document:
    [row] = await rows(recall, case_id)
    return row


async def test_a_webhook_is_used_once_it_answered_its_challenge_and_checks_what_it_is_sent(
    told: Recall, pair: tuple[Path, Path]
) -> None:
    async with serving(Receiver(pair)) as receiver:
        _, secret = await webhook(told, receiver)
        assert not await rows(told, await _unheard(told, "wh0"))
        await courier(told, receiver).drain(Channel.WEBHOOK)
        challenge = receiver.bodies()[0]
        assert challenge["type"] == "txng.contact.challenge.v1"
        await forget_standing(told)
        case_id = await ordered(told, "wh1")
        assert await courier(told, receiver).drain(Channel.WEBHOOK) == 1
    headers, body = receiver.taken[-1]
    message = json.loads(body)
    assert message["specversion"] == "1.0"
    assert (message["type"], message["subject"]) == ("txng.recall.ordered.v1", case_id)
    assert message["id"] == headers["webhook-id"]
    assert headers["content-type"] == "application/cloudevents+json"
    assert message["data"]["links"]["public"].endswith(f"/recalls/{case_id}")
    assert message["data"]["facilities"][0]["id"] == "f1"
    keys = (await told.client.get("/recalls/webhook-keys.json")).json()
    for at in (None, time.time()):
        assert receiver_example.check(secret, headers, body, at)
        assert receiver_example.check_by_public_key(keys, headers, body, at)
    late = time.time() + 3600
    assert not receiver_example.check(secret, headers, body, late)
    assert not receiver_example.check_by_public_key(keys, headers, body, late)
    for forged in (body + b" ", body.replace(b"f1", b"f2")):
        assert not receiver_example.check(secret, headers, forged)
        assert not receiver_example.check_by_public_key(keys, headers, forged)
    assert (await the_row(told, case_id))["state"] == "sent"


async def _unheard(recall: Recall, lot_id: str) -> str:
    """An order that the courier has heard of: of nobody's it told anybody."""
    await recall.know(lot(lot_id))
    case = await recall.order(lot_id)

    [event] = await recall.events(case["id"], RecallOrdered)

    async def heard() -> bool:
        own = {"_id": f"recall.courier:{event.id}"}
        if not await recall.db.collection("inbox").count_documents(own):
            return False
        return await recall.db.collection(TELLINGS).count_documents({}) == 0

    await eventually(heard)
    return str(case["id"])


async def test_a_receiver_that_does_not_answer_the_challenge_is_not_used(
    told: Recall, pair: tuple[Path, Path]
) -> None:
    async def silent(
        receiver: Receiver, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await receiver.read(reader)
        await receiver.answer(writer, b'{"challenge": "guessed"}')

    async with serving(Receiver(pair, silent)) as receiver:
        id_, _ = await webhook(told, receiver)
        await courier(told, receiver).drain(Channel.WEBHOOK)
    kept = await told.db.collection(CONTACTS).find_one({"_id": id_})
    assert kept
    assert kept["state"] == "unconfirmed"
    row = await told.db.collection(DELIVERIES).find_one({"contact_id": id_})
    assert row
    assert row["error"] == "no_challenge"


async def test_a_stranger_who_does_not_answer_is_asked_three_times_and_no_more(
    told: Recall, pair: tuple[Path, Path]
) -> None:
    async with serving(Receiver(pair, status="404 Not here")) as receiver:
        id_, _ = await webhook(told, receiver)
        for hours in range(40):
            at = now() + timedelta(hours=hours)
            await courier(told, receiver).drain(Channel.WEBHOOK, at=at)
        assert receiver.connections == CHALLENGES
    row = await told.db.collection(DELIVERIES).find_one({"contact_id": id_})
    assert row
    assert row["state"] == "given_up"
    kept = await told.db.collection(CONTACTS).find_one({"_id": id_})
    assert kept
    assert kept["state"] == "unconfirmed"


async def slow_loris(
    receiver: Receiver, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    await receiver.read(reader)
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"x-a: b\r\n")
        await writer.drain()
        await asyncio.sleep(0.1)


async def huge(
    receiver: Receiver, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    await receiver.read(reader)
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
    for _ in range(1000):
        writer.write(b"x" * MOST_ANSWER)
        await writer.drain()


async def mute(
    receiver: Receiver, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    await receiver.read(reader)
    await asyncio.sleep(30)


async def broken(
    receiver: Receiver, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    await receiver.read(reader)
    writer.write(b"nonsense\r\n\r\n")
    await writer.drain()


@pytest.mark.parametrize(
    ("handle", "error"),
    [(slow_loris, "too_slow"), (huge, "too_large"), (mute, "too_slow"), (broken, "broken")],
)
async def test_a_receiver_that_is_slow_huge_or_broken_holds_nothing_up(
    told: Recall, pair: tuple[Path, Path], handle: Handle, error: str
) -> None:
    async with serving(Receiver(pair)) as receiver:
        await active(told, receiver)
        case_id = await ordered(told, f"wh-{handle.__name__}")
        receiver.handle = handle
        await courier(told, receiver).drain(Channel.WEBHOOK)
        row = await the_row(told, case_id)
        assert (row["state"], row["error"]) == ("failed", error)
        receiver.handle = None
        later = now() + timedelta(hours=2)
        await courier(told, receiver).drain(Channel.WEBHOOK, at=later)
    assert (await the_row(told, case_id))["state"] == "sent"
    ids = {headers["webhook-id"] for headers, _ in receiver.taken}
    assert len(ids) == 1, "a receiver knows the message again"


async def test_an_error_is_tried_again_and_a_redirect_is_not_followed(
    told: Recall, pair: tuple[Path, Path]
) -> None:
    async with serving(Receiver(pair)) as receiver:
        await active(told, receiver)
        case_id = await ordered(told, "wh-status")
        receiver.status = "500 Oh"
        await courier(told, receiver).drain(Channel.WEBHOOK)
        row = await the_row(told, case_id)
        assert (row["state"], row["error"], row["error_detail"]) == ("failed", "status", "500")
        receiver.status = "302 Found"
        receiver.extra = f"Location: https://{HOST}:{receiver.port}/elsewhere\r\n"
        connections = receiver.connections
        later = now() + timedelta(hours=2)
        await courier(told, receiver).drain(Channel.WEBHOOK, at=later)
        assert receiver.connections == connections + 1
    assert (await the_row(told, case_id))["error"] == "redirect"


async def test_a_receiver_that_says_it_is_gone_rests(told: Recall, pair: tuple[Path, Path]) -> None:
    async with serving(Receiver(pair)) as receiver:
        id_, _ = await active(told, receiver)
        await ordered(told, "wh-gone")
        receiver.status = "410 Gone"
        await courier(told, receiver).drain(Channel.WEBHOOK)
    kept = await told.db.collection(CONTACTS).find_one({"_id": id_})
    assert kept
    assert (kept["state"], kept["paused_by"]) == ("paused", "failing")


async def test_a_receiver_that_is_away_is_called_once_for_all_that_waits_for_it(
    told: Recall, pair: tuple[Path, Path]
) -> None:
    async with serving(Receiver(pair)) as receiver:
        await active(told, receiver)
        for n in range(5):
            await ordered(told, f"wh-away{n}")
        receiver.status = "503 Away"
        at = now()
        assert await courier(told, receiver).drain(Channel.WEBHOOK, at=at) == 1
        assert receiver.connections == 1
        receiver.status = "200 OK"
        assert (
            await courier(told, receiver).drain(Channel.WEBHOOK, at=at + timedelta(minutes=1)) == 5
        )


async def test_the_name_is_resolved_once_and_the_checked_address_is_connected_to(
    told: Recall, pair: tuple[Path, Path]
) -> None:
    async with serving(Receiver(pair)) as receiver:
        await active(told, receiver)
        await ordered(told, "wh-once")
        resolve, asked = names({HOST: ["127.0.0.1"]})
        await courier(told, receiver, resolve).drain(Channel.WEBHOOK)
        assert asked == [HOST]
        assert receiver.taken[-1][0]["host"] == f"{HOST}:{receiver.port}"


async def test_a_name_that_comes_to_lead_inside_is_not_called(
    told: Recall, pair: tuple[Path, Path]
) -> None:
    async with serving(Receiver(pair)) as receiver:
        await active(told, receiver)
        case_id = await ordered(told, "wh-rebound")
        # One address of several is enough; without the exception for this test's own network
        # 127.0.0.1 is refused like any other.
        for found, more in (
            (["127.0.0.1"], {"webhook_networks": ()}),
            (["127.0.0.1", "169.254.169.254"], {}),
            (["10.0.0.1"], {}),
        ):
            resolve, _ = names({HOST: found})
            later = now() + timedelta(hours=2)
            await courier(told, receiver, resolve, **more).drain(Channel.WEBHOOK, at=later)
            row = await the_row(told, case_id)
            assert (row["state"], row["error"]) == ("failed", "address_refused")
            await told.db.collection(DELIVERIES).update_one(
                {"_id": row["_id"]}, {"$set": {"next_at": now()}}
            )
        resolve, _ = names({})
        later = now() + timedelta(hours=2)
        await courier(told, receiver, resolve).drain(Channel.WEBHOOK, at=later)
        assert (await the_row(told, case_id))["error"] == "no_name"
        assert receiver.connections == 0


async def test_a_certificate_of_another_name_or_of_nobody_known_is_not_believed(
    told: Recall, pair: tuple[Path, Path], tmp_path: Path
) -> None:
    async with serving(Receiver(pair)) as receiver:
        await active(told, receiver)
        case_id = await ordered(told, "wh-cert")
        await courier(told, receiver, webhook_ca_file=None).drain(Channel.WEBHOOK)
        assert (await the_row(told, case_id))["error"] == "tls"
        port = receiver.port
    other = Receiver(certificate(tmp_path, "third.example"), port=port)
    async with serving(other):
        later = now() + timedelta(hours=2)
        await courier(told, other).drain(Channel.WEBHOOK, at=later)
        assert (await the_row(told, case_id))["error"] == "tls"
    assert not other.taken
    assert not receiver.taken


async def test_mail_and_other_receivers_do_not_wait_for_one_that_is_slow(
    told: Recall, pair: tuple[Path, Path]
) -> None:
    released = asyncio.Event()

    async def held_up(
        receiver: Receiver, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await receiver.read(reader)
        await released.wait()
        await receiver.answer(writer, b"{}")

    async with serving(Receiver(pair)) as slow, serving(Receiver(pair)) as quick:
        await active(told, slow)
        await mail_contact(told, "mail@f1.example", facility_token(told))
        _, _ = await webhook(told, quick, host=OTHER)
        resolve, _ = names({HOST: ["127.0.0.1"], OTHER: ["127.0.0.1"]})
        ports = {"webhook_ports": {slow.port, quick.port}}
        await courier(told, quick, resolve, **ports).drain(Channel.WEBHOOK)
        await forget_standing(told)
        quick.taken.clear()
        await told.know(lot("wh-busy"))
        case_id = (await told.order("wh-busy"))["id"]
        await waiting(told, case_id, 3)
        slow.handle = held_up
        inbox = Inbox()
        with smtp(inbox) as port:
            more = {**ports, "webhook_seconds": 60, **mail_settings(port)}
            one = courier(told, quick, resolve, **more)
            running = asyncio.create_task(one.run())
            try:
                await eventually(lambda: bool(slow.taken), 30)
                await eventually(lambda: bool(quick.taken) and bool(inbox.taken), 30)
                assert not released.is_set()
                released.set()

                async def all_sent() -> bool:
                    return {row["state"] for row in await rows(told, case_id)} == {"sent"}

                await eventually(all_sent, 30)
            finally:
                running.cancel()
                await asyncio.wait({running})


async def test_an_owner_with_many_slow_receivers_leaves_lanes_to_the_others(
    told: Recall, pair: tuple[Path, Path]
) -> None:
    async with serving(Receiver(pair)) as receiver:
        one = courier(told, receiver)
        ids = [(await active(told, receiver, f"https://{HOST}/{n}"))[0] for n in range(4)]
        await told.know(lot("wh-many"))
        case_id = (await told.order("wh-many"))["id"]
        await waiting(told, case_id, 4)
        most, together = 0, 0
        taken = asyncio.Event()

        async def counts(
            receiver: Receiver, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
        ) -> None:
            nonlocal most, together
            await receiver.read(reader)
            together += 1
            most = max(most, together)
            if together >= LANES_OF_AN_OWNER:
                taken.set()
            await asyncio.wait_for(taken.wait(), 30)
            await asyncio.sleep(0.2)
            together -= 1
            await receiver.answer(writer, b"{}")

        receiver.handle = counts
        while any(row["state"] != "sent" for row in await rows(told, case_id)):
            at = now() + timedelta(seconds=5)
            await asyncio.gather(*(one.drain(Channel.WEBHOOK, at=at) for _ in range(6)))
        assert most == LANES_OF_AN_OWNER
        assert len(ids) == 4


async def test_an_address_that_swallows_everything_keeps_nobody_from_the_next_one(
    told: Recall, pair: tuple[Path, Path]
) -> None:
    async with serving(Receiver(pair)) as receiver:
        await active(told, receiver)
        case_id = await ordered(told, "wh-swallow")
        mute_address = "127.0.0.77"
        # A server that accepts no connection: its queue is full already.
        with socket.socket() as full:
            full.bind((mute_address, receiver.port))
            full.listen(0)
            clogs = [socket.socket() for _ in range(8)]
            for one in clogs:
                one.setblocking(False)
                one.connect_ex((mute_address, receiver.port))
            resolve, _ = names({HOST: [mute_address, "127.0.0.1"]})
            more = {"webhook_networks": ("127.0.0.0/8",), "webhook_seconds": 9}
            await courier(told, receiver, resolve, **more).drain(Channel.WEBHOOK)
            for one in clogs:
                one.close()
    assert (await the_row(told, case_id))["state"] == "sent"


PRIVATE = [
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "127.0.0.1",
    "127.9.9.9",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.0.192",
    "192.168.1.1",
    "192.0.2.1",
    "198.18.0.1",
    "198.51.100.7",
    "203.0.113.9",
    "224.0.0.1",
    "239.1.1.1",
    "240.0.0.1",
    "255.255.255.255",
    "100.100.100.200",
    "168.63.129.16",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a00:1",
    "64:ff9b:1::1",
    "2002:7f00:1::",
    "2002:a00:1::",
    "2002:a9fe:a9fe::",
    "2001::1",
    "2001:db8::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
    "100::1",
]
PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "113.160.0.1",
    "2606:4700::1111",
    "2a00:1450::1",
    "64:ff9b::808:808",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_that_leads_inside_is_not_called(address: str) -> None:
    assert not may_be_called(ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_may_be_called(address: str) -> None:
    assert may_be_called(ip_address(address))


@given(st.ip_addresses(v=4))
def test_what_stands_for_an_address_may_be_called_only_if_that_may(address: Any) -> None:
    whole = int(address)
    for inner in (
        ip_address((0xFFFF << 32) | whole),
        ip_address((0x2002 << 112) | (whole << 80)),
        ip_address((0x64FF9B << 96) | whole),
    ):
        assert may_be_called(inner) <= may_be_called(address), inner


def test_a_private_network_that_is_allowed_is_called_and_no_other() -> None:
    allowed = (ip_network("10.20.0.0/16"),)
    assert may_be_called(ip_address("10.20.1.1"), allowed)
    assert not may_be_called(ip_address("10.21.1.1"), allowed)


RULES = WebhookRules(frozenset({443, 8443}), False, "https://truyxuat.example", frozenset({"t.vn"}))


@pytest.mark.parametrize(
    "url",
    [
        "http://a.vn/",
        "ftp://a.vn/",
        "//a.vn/",
        "https://",
        "https:///x",
        "https://a.vn:80/",
        "https://a.vn:22/",
        "https://a.vn:99999/",
        "https://user@a.vn/",
        "https://user:pass@a.vn/",
        "https://a.vn@b.vn/",
        "https://a.vn/#x",
        "https://a.vn/ x",
        "https://a vn/",
        "https://a.vn/\u200b",
        "https://a_b.vn/",
        "https://a.vn\\@b.vn/",
        "https://" + "a" * 600 + ".vn/",
    ],
)
def test_what_is_no_address_of_a_webhook_is_refused(url: str) -> None:
    with pytest.raises(InvalidWebhook):
        webhook_url(url, RULES)


@pytest.mark.parametrize(
    "url",
    [
        "https://truyxuat.example/x",
        "https://TRUYXUAT.example:8443/",
        "https://t.vn",
        "https://truyxuat.example./",
    ],
)
def test_a_webhook_never_leads_to_this_very_system(url: str) -> None:
    with pytest.raises(OwnWebhook):
        webhook_url(url, RULES)


def test_a_name_in_letters_of_its_language_is_called_by_its_name_in_the_dns() -> None:
    assert webhook_url("https://thựcphẩm.vn:8443/nhan?a=1", RULES) == (
        "https://xn--thcphm-ro8b4p.vn:8443/nhan?a=1"
    ) or webhook_url("https://thựcphẩm.vn/", RULES).startswith("https://xn--")
    assert webhook_url("https://A.VN", RULES) == "https://a.vn/"


async def test_the_api_takes_https_alone(told: Recall) -> None:
    token = facility_token(told)
    for address, code in (
        ("http://a.vn/", "invalid_webhook"),
        (
            f"{told.settings.public_origin.replace('http:', 'https:').replace(':8080', '')}/",
            "own_webhook",
        ),
    ):
        body = {"channel": "webhook", "address": address}
        refused(await told.post("/contacts", body, token=token), 422, code)


async def test_the_page_for_receivers_shows_the_code_that_is_tested(told: Recall) -> None:
    page = (await told.client.get("/recalls/webhooks")).text
    assert "def check_by_public_key(" in page


async def test_the_page_for_receivers_names_all_that_is_sent(told: Recall) -> None:
    page = (await told.client.get("/recalls/webhooks")).text
    for message in Message:
        if message not in (Message.CONFIRM, Message.CHALLENGE, Message.RUNNING, Message.UNKNOWN):
            assert message.type in page
    for name in ("webhook-id", "webhook-timestamp", "webhook-signature", "data.correction"):
        assert name in page
    assert page.count("webhook-keys.json") >= 2
    assert CourierSettings().webhook_seconds == webhooks.SECONDS


async def test_the_code_that_receivers_are_shown_runs_and_takes_what_the_courier_sends(
    told: Recall, tmp_path: Path
) -> None:
    program = tmp_path / "receiver.py"
    program.write_text(webhooks.example(), encoding="utf-8")
    keys = CourierKeys.load(told.settings.secrets_dir)
    contact = Contact.added("c", Owner("facility", "f1"), Channel.WEBHOOK, "x", "vi", now=now())
    port = free_port()
    running = await asyncio.create_subprocess_exec(
        sys.executable,
        str(program),
        keys.secret(contact),
        str(port),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        challenge = {"id": "m1", "type": "txng.contact.challenge.v1", "subject": "c"}
        body = json.dumps({**challenge, "data": {"challenge": "abc"}}).encode()
        at = int(time.time())
        head = {
            "webhook-id": "m1",
            "webhook-timestamp": str(at),
            "webhook-signature": keys.signatures(contact, "m1", at, body),
        }
        url = f"http://127.0.0.1:{port}/"
        async with httpx2.AsyncClient() as client:

            async def answers() -> bool:
                try:
                    return bool((await client.post(url, content=b"")).status_code)
                except httpx2.TransportError:
                    return False

            await eventually(answers, 30)
            for _ in range(2):
                answered = await client.post(url, content=body, headers=head)
                assert (answered.status_code, answered.json()) == (200, {"challenge": "abc"})
            for wrong in (
                {**head, "webhook-timestamp": str(at - 3600)},
                {**head, "webhook-timestamp": "now"},
                {**head, "webhook-signature": "v1,@@@ v1a,x"},
                {},
            ):
                assert (await client.post(url, content=body, headers=wrong)).status_code == 401
        assert running.stdout
        assert (await running.stdout.readline()).startswith(b"txng.contact.challenge.v1")
    finally:
        running.kill()
        told_more = await running.communicate()
    assert told_more[0] == b"", "what came twice was taken once"


async def test_the_secret_is_shown_once_and_stands_nowhere(
    told: Recall, pair: tuple[Path, Path]
) -> None:
    async with serving(Receiver(pair)) as receiver:
        _, secret = await webhook(told, receiver)
    listed = await told.get("/contacts", facility_token(told))
    assert listed.json()["items"][0]["secret"] == ""
    for name in await told.db.handle.list_collection_names():
        async for row in told.db.collection(name).find({}):
            assert secret not in str(row), name


def test_the_program_sends_webhooks_though_it_has_no_mail_server() -> None:
    assert set(worker.senders(CourierSettings())) == {Channel.WEBHOOK}
