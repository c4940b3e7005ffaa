"""Mail by SMTP, or into a folder where one is set instead of a server.

Each is signed here (DKIM) where a key is given, else by the relay that it is handed to; that keeps
what the domain's SPF and DMARC need.
"""

import os
import re
import ssl
from asyncio import timeout
from contextlib import suppress
from dataclasses import dataclass
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from html import escape
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import aiosmtplib

from services.recall.courier.letters import SYSTEM, Known, Section, languages, section
from services.recall.courier.mail_signing import MailSigner
from services.recall.courier.settings import CourierSettings
from services.recall.domain.delivery import Message, SendingFailed
from shared.ids import now
from shared.web.i18n import catalogues, language_tag

# What is sent to a person who did not ask for the mail is short; replies come to no one.
_HEADERS: Final = {
    "Auto-Submitted": "auto-generated",
    "X-Auto-Response-Suppress": "All",
}


class _Policy(EmailPolicy):
    """Subjects are encoded whole: folded by the library, a space between two words that are not
    ASCII is lost where the line ends (RFC 2047, 6.2 has readers join them)."""

    def fold(self, name: str, value: str) -> str:
        if name != "Subject":
            return str(super().fold(name, value))
        words: str = Header(str(value), maxlinelen=75, header_name=name).encode(
            linesep=self.linesep
        )
        return f"{name}: {words}{self.linesep}"

    def fold_binary(self, name: str, value: str) -> bytes:
        if name != "Subject":
            return super().fold_binary(name, value)
        return self.fold(name, value).encode("ascii")


_POLICY: Final = _Policy(linesep="\r\n")


def compose(known: Known, sender: str) -> EmailMessage:
    """The whole mail. Its Message-ID is that of the delivery, at every attempt."""
    sections = [section(known, language) for language in languages(known.contact)]
    local, _, domain = sender.rpartition("@")
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = Address(catalogues("recall").text(SYSTEM, "vi"), local, domain)
    mail["To"] = Address(addr_spec=known.contact.address)
    mail["Subject"] = " ".join(sections[0].heading.split())[:200]
    mail["Date"] = format_datetime(now())
    mail["Message-ID"] = f"<{known.delivery.message_id}@{domain}>"
    host = urlsplit(known.origin).hostname or "localhost"
    mail["List-Id"] = f"recalls <recalls.{host}>"
    if known.delivery.message is not Message.CONFIRM:
        mail["List-Unsubscribe"] = f"<{sections[0].links[-1][1]}>"
    for name, value in _HEADERS.items():
        mail[name] = value
    mail.set_content("\n\n--\n\n".join(_text(one) for one in sections), cte="base64")
    mail.add_alternative(_html(sections), subtype="html", cte="base64")
    return mail


# RFC 5321, 4.5.3.2.6 gives a server that looks through a mail longer than it takes to reach one.
TAKING_SECONDS: Final = 300.0
_GOODBYE_SECONDS: Final = 2.0
_OF_THE_ADDRESS: Final = re.compile(r"5\.1\.(?![78]\b)\d")
# "Service not available, closing": said at any step.
_CLOSING: Final = 421


# A connection is kept while there is mail, but not for ever: servers count mails, and go away.
MAILS_A_CONNECTION: Final = 50
_ALIVE_SECONDS: Final = 2.0


@dataclass(slots=True)
class _Kept:
    """A connection that was signed in, and how many mails went over it."""

    client: aiosmtplib.SMTP
    mails: int = 0


class Mailer:
    """Hands mails over, one after another on a connection. Raises SendingFailed."""

    def __init__(self, settings: CourierSettings) -> None:
        self._settings = settings
        self._idle: list[_Kept] = []
        self._tls = ssl.create_default_context()
        if settings.smtp_ca_file is not None:
            self._tls.load_verify_locations(settings.smtp_ca_file)
        self._signer: MailSigner | None = None
        if settings.dkim_key_file is not None:
            domain = settings.smtp_sender.rpartition("@")[2]
            file = settings.dkim_key_file
            self._signer = MailSigner.of_file(settings.dkim_selector, domain, file)

    async def send(self, known: Known) -> None:
        settings = self._settings
        sender = settings.smtp_sender or "txng@localhost.localdomain"
        mail = compose(known, sender).as_bytes()
        if self._signer is not None:
            mail = self._signer.signed(mail)
        if settings.mail_drop is not None:
            _drop(settings.mail_drop, f"{known.delivery.message_id}.eml", mail)
            return
        kept = await self._connected()
        try:
            await _hand_over(kept.client, mail, sender, known.contact.address)
        except BaseException:
            await _leave(kept.client)
            raise
        kept.mails += 1
        if kept.mails < MAILS_A_CONNECTION:
            self._idle.append(kept)
        else:
            await _leave(kept.client)

    async def rest(self) -> None:
        """Nothing is to be sent for now: no server is kept waiting."""
        while self._idle:
            await _leave(self._idle.pop().client)

    async def _connected(self) -> _Kept:
        while self._idle:
            kept = self._idle.pop()
            if await _is_alive(kept.client):
                return kept
            await _leave(kept.client)
        client = self._client()
        try:
            await self._open(client)
        except BaseException:
            await _leave(client)
            raise
        return _Kept(client)

    def _client(self) -> aiosmtplib.SMTP:
        settings = self._settings
        return aiosmtplib.SMTP(
            hostname=settings.smtp_host,
            port=settings.smtp_port,
            timeout=settings.smtp_seconds,
            use_tls=settings.smtp_tls == "tls",
            # Without it whoever stands between could take the offer of TLS away.
            start_tls=settings.smtp_tls == "starttls",
            tls_context=self._tls,
        )

    async def _open(self, client: aiosmtplib.SMTP) -> None:
        """What fails here is the server's fault, whoever the mail is for."""
        settings = self._settings
        try:
            async with timeout(settings.smtp_seconds):
                await client.connect()
                if settings.smtp_user:
                    await client.login(settings.smtp_user, settings.password())
        except TimeoutError:
            raise SendingFailed("too_slow", channel=True) from None
        except aiosmtplib.SMTPAuthenticationError:
            raise SendingFailed("mail_sign_in", channel=True) from None
        except aiosmtplib.SMTPResponseException as answered:
            raise SendingFailed("mail_later", str(answered.code), channel=True) from None
        except ssl.SSLError:
            raise SendingFailed("tls", channel=True) from None
        except aiosmtplib.SMTPException as error:
            raise SendingFailed(_why(error), channel=True) from None
        except OSError:
            raise SendingFailed("no_connection", channel=True) from None


async def _hand_over(client: aiosmtplib.SMTP, mail: bytes, sender: str, to: str) -> None:
    """It is handed over once the server took it, however slow it is to say goodbye."""
    try:
        async with timeout(TAKING_SECONDS):
            await client.sendmail(sender, [to], mail, timeout=TAKING_SECONDS)
    except TimeoutError:
        raise SendingFailed("too_slow") from None
    except aiosmtplib.SMTPSenderRefused as refused:
        raise SendingFailed("mail_later", str(refused.code), channel=True) from None
    except aiosmtplib.SMTPRecipientsRefused as refused:
        raise _refused(refused.recipients[0]) from None
    except aiosmtplib.SMTPResponseException as answered:
        away = answered.code == _CLOSING
        raise SendingFailed("mail_later", str(answered.code), channel=away) from None
    except (aiosmtplib.SMTPException, OSError):
        raise SendingFailed("broken") from None


async def _is_alive(client: aiosmtplib.SMTP) -> bool:
    """A server that left meanwhile is no failure of the next mail."""
    try:
        async with timeout(_ALIVE_SECONDS):
            answer = await client.noop()
    except Exception:
        return False
    return answer.code < 400


async def _leave(client: aiosmtplib.SMTP) -> None:
    with suppress(Exception):
        async with timeout(_GOODBYE_SECONDS):
            await client.quit()
    client.close()


def _refused(answer: aiosmtplib.SMTPRecipientRefused) -> SendingFailed:
    """Not tried again where the server says that it is the address that is at fault (RFC 3463, X.1
    without X.1.7 and X.1.8, which are the sender's). What else it refuses may be mended there."""
    final = answer.code >= 500 and _OF_THE_ADDRESS.match(answer.message.strip())
    return SendingFailed("mail_refused" if final else "mail_later", str(answer.code))


def _why(error: BaseException) -> str:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return "tls"
        cause = cause.__cause__ or cause.__context__
    if "starttls" in str(error).lower():
        return "mail_no_tls"
    return "no_connection"


def _drop(folder: Path, name: str, mail: bytes) -> None:
    """Whole or not at all, for whoever looks into the folder."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = folder / f".{name}.{os.getpid()}"
    draft.write_bytes(mail)
    draft.replace(folder / name)


def _text(one: Section) -> str:
    links = [f"{words}: {address}" for words, address in one.links]
    return "\n\n".join((one.heading, *one.paragraphs, "\n".join(links)))


def _html(sections: list[Section]) -> str:
    """Plain HTML without pictures or styles from elsewhere: nothing tells that it was read."""
    parts = []
    for one in sections:
        paragraphs = "".join(f"<p>{escape(text)}</p>" for text in one.paragraphs)
        links = "".join(
            f'<p><a href="{escape(address)}">{escape(words)}</a></p>'
            for words, address in one.links
        )
        heading = f"<h1 style='font-size:1.2em'>{escape(one.heading)}</h1>"
        tag = language_tag(one.language)
        parts.append(f'<section lang="{tag}">{heading}{paragraphs}{links}</section>')
    return (
        f'<!doctype html><html lang="{language_tag(sections[0].language)}"><head>'
        f'<meta charset="utf-8"><title>{escape(sections[0].heading)}</title></head>'
        f"<body>{'<hr>'.join(parts)}</body></html>"
    )
