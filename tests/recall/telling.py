"""A courier under test: real mail servers, contacts that were confirmed, deliveries waited for."""

import email
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from email import policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import httpx2
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from deploy.local.ports import free_port
from services.recall.courier import worker
from services.recall.courier.hearing import QUEUES
from services.recall.courier.keys import CourierKeys
from services.recall.courier.rounds import Courier
from services.recall.courier.settings import CourierSettings
from services.recall.courier.spreading import Spreader
from services.recall.domain.contact import Channel
from services.recall.store.contacts import CONTACTS
from services.recall.store.deliveries import DELIVERIES
from services.recall.store.standings import STANDINGS
from services.recall.store.tellings import PAGES, TELLINGS
from services.recall.store.unit_areas import AREAS
from shared.contracts.identity import UnitPublished
from shared.ids import now
from shared.mongo import Document
from shared.service import Service
from tests.answers import ok, token_in
from tests.polling import eventually
from tests.recall.builders import lot
from tests.recall.conftest import Recall

SENDER = "txng@quangninh.example"


class Inbox:
    """A real SMTP server: what it took, and what it answers to addresses."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.refusals: dict[str, str] = {}

    async def handle_RCPT(  # noqa: N802 - the server's own name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - the server's own name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        assert isinstance(envelope.content, bytes)
        read = email.message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(read, EmailMessage)
        self.taken.append(read)
        return "250 taken"

    def to(self, address: str) -> list[EmailMessage]:
        return [mail for mail in self.taken if mail["To"] == address]


@contextmanager
def smtp(inbox: Inbox, port: int = 0, **more: Any) -> Iterator[int]:
    """The server's port, while it runs."""
    server = Controller(inbox, hostname="127.0.0.1", port=port or free_port(), **more)
    server.start()
    try:
        yield server.port
    finally:
        server.stop()


@asynccontextmanager
async def hearing(
    recall: Recall, *units: UnitPublished, spreading: bool = True
) -> AsyncIterator[None]:
    """What the courier's program hears and writes for contacts, without what it sends; it has heard
    of these units."""
    service = Service(
        "recall",
        recall.settings,
        queues=QUEUES,
        prepare=worker.prepare,
        publishes=False,
        verifies=False,
    )
    if spreading:
        service.jobs.append(Spreader(service.db).run)
    app = service.program()
    async with app.router.lifespan_context(app):
        await eventually(lambda: all(one.connected for one in service.consumers), 120)
        if units:
            await recall.tell(*units)

            async def here() -> bool:
                wanted = {"_id": {"$in": [one.subject for one in units]}}
                return await recall.db.collection(AREAS).count_documents(wanted) == len(units)

            await eventually(here)
        yield


@pytest.fixture(scope="module")
async def told(province: Recall) -> AsyncIterator[Recall]:
    """Heard by a courier that knows of no units."""
    async with hearing(province):
        yield province


@pytest.fixture(autouse=True)
async def clean(told: Recall) -> AsyncIterator[None]:
    """Nothing that a test told, and nobody that it told, is left to the next."""
    yield
    await forget(told)


def unit(id_: str, *communes: str, sector: str = "agriculture", version: int = 1) -> UnitPublished:
    return UnitPublished(
        subject=id_,
        version=version,
        time=now(),
        name=f"Đơn vị {id_}",
        tier="unit",
        path=(id_,),
        communes=communes,
        sector=sector,
    )


def facility_token(recall: Recall, facility_id: str = "f1", **more: Any) -> str:
    return recall.token(
        **{"tier": "facility", "kinds": ["system"], "facility": facility_id, "communes": [], **more}
    )


def unit_token(recall: Recall, unit_id: str, **more: Any) -> str:
    return recall.token(
        **{"tier": "unit", "kinds": ["system"], "unit": unit_id, "communes": ["07001"], **more}
    )


def courier(recall: Recall, port: int = 0, **more: Any) -> Courier:
    given = recall.settings.model_dump(include=set(CourierSettings.model_fields))
    given |= {"smtp_tls": "none", "smtp_sender": SENDER, "smtp_seconds": 5}
    if port:
        given |= {"smtp_host": "127.0.0.1", "smtp_port": port}
    settings = CourierSettings(**(given | more))
    keys = CourierKeys.load(settings.secrets_dir)
    return Courier(recall.db, keys, settings.public_origin, worker.senders(settings))


async def contact(
    recall: Recall, address: str, token: str, *, standing: bool = False, **more: Any
) -> str:
    """A mail address that was added and confirmed by the link that it was sent; its id. It has not
    been told of cases of other tests, unless `standing`."""
    body = {"channel": "mail", "address": address, **more}
    made = ok(await recall.post("/contacts", body, token=token), 201)
    inbox = Inbox()
    with smtp(inbox) as port:
        await courier(recall, port).drain(Channel.MAIL)
    [mail] = inbox.to(made["address"])
    answer = await confirm(recall, link_in(mail))
    assert answer.status_code == 200, answer.text
    if not standing:
        await forget_standing(recall)
    return str(made["id"])


async def forget_standing(recall: Recall) -> None:
    """What a contact was told, or is to be told, when it was confirmed, of cases that run: other
    tests' ones."""
    # In this order: whoever is at a page of it finds that it is gone, and writes nothing.
    await recall.db.collection(STANDINGS).delete_many({})
    await recall.db.collection(DELIVERIES).delete_many({"event_id": {"$regex": "^standing:"}})


def link_in(mail: EmailMessage) -> str:
    [body] = [part for part in mail.walk() if part.get_content_type() == "text/plain"]
    found = re.search(r"https?://[^/]+(/recalls/contacts/\S+/confirm\S+)", body.get_content())
    assert found, body.get_content()
    return found[1]


async def confirm(recall: Recall, link: str, act: str = "confirm") -> httpx2.Response:
    """As the reader of the mail does: open the page, press the button."""
    browser = recall.browser()
    page = await browser.get(link)
    if page.status_code != 200:
        return page
    token = re.search(r'name="token" value="([0-9a-f]+)"', page.text)
    assert token
    sent = {"csrf": token_in(page.text), "token": token[1]}
    path = link.split("?", maxsplit=1)[0]
    headers = {"Origin": recall.settings.public_origin}
    return await browser.post(path, data=sent, headers=headers)


async def ordered(recall: Recall, lot_id: str, number: int = 1) -> str:
    """A recall of a new lot, told to so many contacts; its id."""
    await recall.know(lot(lot_id))
    case = await recall.order(lot_id)
    await waiting(recall, case["id"], number)
    return str(case["id"])


async def rows(recall: Recall, case_id: str, **wanted: Any) -> list[Document]:
    found = recall.db.collection(DELIVERIES).find({"case_id": case_id, **wanted}).sort("_id", 1)
    return [row async for row in found]


async def waiting(recall: Recall, case_id: str, number: int, **wanted: Any) -> list[Document]:
    async def there() -> bool:
        return len(await rows(recall, case_id, **wanted)) >= number

    await eventually(there)
    return await rows(recall, case_id, **wanted)


async def forget(recall: Recall) -> None:
    await recall.db.collection(CONTACTS).delete_many({})
    await recall.db.collection(DELIVERIES).delete_many({})
    await recall.db.collection(TELLINGS).delete_many({})
    await recall.db.collection(PAGES).delete_many({})
    await recall.db.collection(STANDINGS).delete_many({})
    await recall.db.collection("contact_rates").delete_many({})


def certificate(folder: Path, *names: str) -> tuple[Path, Path]:
    """A certificate that is its own authority, for these host names, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    at = datetime.now(UTC)
    alternatives: list[x509.GeneralName] = [x509.DNSName(one) for one in names]
    alternatives.append(x509.IPAddress(ip_address("127.0.0.1")))
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(days=1))
        .not_valid_after(at + timedelta(days=7))
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, private = folder / "cert.pem", folder / "key.pem"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return pem, private
