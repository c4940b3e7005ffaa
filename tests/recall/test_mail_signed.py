"""Mails are signed by the system itself where it is given a key of its domain (RFC 6376)."""

import base64
from pathlib import Path
from typing import Any

import dkim
import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from services.recall.courier.mail_signing import MailKeyWrong, MailSigner
from services.recall.courier.settings import CourierSettings
from services.recall.domain.contact import Channel
from tests.answers import ok
from tests.recall import telling
from tests.recall.conftest import Recall
from tests.recall.telling import SENDER, Inbox, courier, facility_token, smtp

told, clean = telling.told, telling.clean
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
DOMAIN = SENDER.rpartition("@")[2]


class Raw(Inbox):
    """Also keeps what came over the wire."""

    def __init__(self) -> None:
        super().__init__()
        self.raw: list[bytes] = []

    async def handle_DATA(  # noqa: N802 - the server's own name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        assert isinstance(envelope.content, bytes)
        self.raw.append(envelope.content)
        return await super().handle_DATA(server, session, envelope)


def pem(key: Any = KEY, form: PrivateFormat = PrivateFormat.PKCS8, **more: Any) -> bytes:
    return bytes(key.private_bytes(Encoding.PEM, form, more.get("secret", NoEncryption())))


def is_signed(mail: bytes) -> bool:
    """As a receiver's server sees it, which asks the domain's DNS for the public half."""
    public = KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    def dns(name: bytes, timeout: int = 5) -> bytes | None:
        at_home = name.rstrip(b".") == f"truyxuat._domainkey.{DOMAIN}".encode()
        return b"v=DKIM1; k=rsa; p=" + base64.b64encode(public) if at_home else None

    return bool(dkim.verify(mail, dnsfunc=dns))


@pytest.mark.parametrize("form", ["PKCS8", "TraditionalOpenSSL"])
async def test_a_receiver_finds_the_mail_signed_and_a_changed_one_not(
    told: Recall, tmp_path: Path, form: str
) -> None:
    file = tmp_path / "dkim.pem"
    file.write_bytes(pem(form=getattr(PrivateFormat, form)))
    address = f"signed-{form.lower()}@f1.example"
    body = {"channel": "mail", "address": address}
    ok(await told.post("/contacts", body, token=facility_token(told)), 201)
    inbox = Raw()
    with smtp(inbox) as port:
        signing = {"dkim_selector": "truyxuat", "dkim_key_file": file}
        await courier(told, port, **signing).drain(Channel.MAIL)
    [mail] = [one for one in inbox.raw if address.encode() in one]
    assert is_signed(mail)
    for before, after in (
        (b"\r\nTo: ", b"\r\nFrom: boss@example.vn\r\nTo: "),
        (b"\r\nSubject: ", b"\r\nSubject: x"),
        (b"https://", b"https:/"),
    ):
        changed = mail.replace(before, after, 1)
        if changed != mail:
            assert not is_signed(changed), before
    head, _, text = mail.partition(b"\r\n\r\n")
    assert not is_signed(head + b"\r\n\r\n" + text[:400] + b"A" + text[401:])


async def test_without_a_key_nothing_is_signed(told: Recall) -> None:
    body = {"channel": "mail", "address": "unsigned@f1.example"}
    ok(await told.post("/contacts", body, token=facility_token(told)), 201)
    inbox = Raw()
    with smtp(inbox) as port:
        await courier(told, port).drain(Channel.MAIL)
    [mail] = [one for one in inbox.raw if b"unsigned@f1.example" in one]
    assert b"DKIM-Signature" not in mail


@pytest.mark.parametrize(
    "key",
    [
        b"",
        b"-----BEGIN RSA PRIVATE KEY-----\nx\n-----END RSA PRIVATE KEY-----\n",
        pem(ed25519.Ed25519PrivateKey.generate()),
        pem(rsa.generate_private_key(public_exponent=65537, key_size=1024)),
        pem(secret=BestAvailableEncryption(b"secret")),
    ],
)
def test_a_key_that_cannot_sign_stops_the_start(tmp_path: Path, key: bytes) -> None:
    file = tmp_path / "dkim.pem"
    file.write_bytes(key)
    for path in (file, tmp_path / "none.pem"):
        with pytest.raises(MailKeyWrong, match="TXNG_DKIM_KEY_FILE"):
            MailSigner.of_file("s", DOMAIN, path)


def test_selector_key_and_sender_are_told_together(tmp_path: Path) -> None:
    given: dict[str, Any] = {"dkim_selector": "s1", "dkim_key_file": tmp_path / "k"}
    whole = {**given, "smtp_sender": "a@b.vn"}
    assert CourierSettings(**whole).dkim_selector == "s1"
    for wrong in (
        {**whole, "dkim_selector": ""},
        {**whole, "dkim_key_file": ""},
        {**whole, "dkim_selector": "s 1"},
        given,
    ):
        with pytest.raises(ValueError, match=r"(?i)dkim"):
            CourierSettings(**wrong)
