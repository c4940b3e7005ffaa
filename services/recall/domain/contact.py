"""Where a facility or a unit wants to be told of recalls: its mail addresses and webhooks."""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit, urlunsplit

import idna

from services.recall.domain.networks import Network
from shared.errors import Kind, Refusal

MOST: Final = 10
LINK_HOURS: Final = 48
# An address that nobody confirmed is forgotten by itself.
UNCONFIRMED_DAYS: Final = 7
# An address whose reader asked for no more is forgotten then, unless its owner resumes it.
READER_DAYS: Final = 30
# No address is sent more confirming mails a day than this, whoever asks for them.
MAILS_A_DAY: Final = 3
# Many may have webhooks at one host, each with an address of its own.
QUESTIONS_TO_A_HOST: Final = 20
ADDITIONS_A_DAY: Final = 20
MAX_ADDRESS: Final = 254
MAX_URL: Final = 500
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_URL_CHARACTERS = re.compile(r"[A-Za-z0-9\-._~:/?@!$&'()*+,;=%]*")


class Channel(StrEnum):
    MAIL = "mail"
    WEBHOOK = "webhook"


class State(StrEnum):
    UNCONFIRMED = "unconfirmed"
    ACTIVE = "active"
    PAUSED = "paused"


class InvalidAddress(Refusal):
    code = "invalid_mail_address"
    kind = Kind.INVALID
    message = "Địa chỉ thư điện tử chưa đúng. Ví dụ: phong.chatluong@coso.vn."


class InvalidWebhook(Refusal):
    code = "invalid_webhook"
    kind = Kind.INVALID
    message = (
        "Địa chỉ webhook phải bắt đầu bằng {scheme}://, dùng cổng {ports}, "
        "không có tên đăng nhập, mật khẩu hay dấu #."
    )


class OwnWebhook(Refusal):
    code = "own_webhook"
    kind = Kind.INVALID
    message = "Webhook không được chỉ về chính hệ thống này. Hãy nhập máy chủ của bạn."


class ContactExists(Refusal):
    code = "contact_exists"
    message = "Địa chỉ này đã có trong danh sách của bạn."


class TooManyContacts(Refusal):
    code = "too_many_contacts"
    message = "Mỗi nơi có nhiều nhất {most} địa chỉ nhận tin. Hãy xóa bớt địa chỉ không dùng."


class TooManyMails(Refusal):
    code = "too_many_confirmations"
    kind = Kind.LIMIT
    message = "Đã gửi quá nhiều thư xác nhận trong ngày. Hãy thử lại vào ngày mai."


class ContactNotUnconfirmed(Refusal):
    code = "contact_confirmed"
    message = "Địa chỉ này đã được xác nhận."


class ContactNotConfirmed(Refusal):
    code = "contact_not_confirmed"
    message = "Địa chỉ này chưa được xác nhận nên chưa nhận tin."


class LinkOver(Refusal):
    code = "confirmation_link_over"
    kind = Kind.NOT_FOUND
    message = (
        "Đường dẫn này không còn dùng được: đã hết hạn, đã dùng rồi hoặc địa chỉ đã bị xóa. "
        "Người thêm địa chỉ có thể gửi lại thư xác nhận."
    )


@dataclass(frozen=True, slots=True)
class Owner:
    """A facility, or a unit of the authorities."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class WebhookRules:
    """What a webhook's address may look like; what it resolves to is judged at every sending.
    `networks` are private ones that may be called all the same."""

    ports: frozenset[int]
    http: bool
    origin: str
    own_hosts: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = ()

    def refusal(self) -> InvalidWebhook:
        ports = ", ".join(str(port) for port in sorted(self.ports))
        return InvalidWebhook("address", scheme="https", ports=ports)


@dataclass(frozen=True, slots=True)
class Contact:
    """`round` counts the confirmations asked for; only the link of the last one holds.

    `paused_by` is the owner, an official, its reader, or the courier itself (failing).

    `failures` counts those in a row; `failing_since` is the first of them. A row of failures ends
    with the message that failed, so that one failure a month later is the first again.
    """

    id: str
    owner: Owner
    channel: Channel
    address: str
    language: str
    state: State
    version: int
    round: int
    asked_at: datetime
    added_at: datetime
    confirmed_at: datetime | None = None
    paused_by: str = ""
    failures: int = 0
    failing_since: datetime | None = None
    paused_at: datetime | None = None
    # The slot of the courier's key by which its secrets and links are derived.
    key: int = 0

    @classmethod
    def added(
        cls,
        contact_id: str,
        owner: Owner,
        channel: Channel,
        address: str,
        language: str,
        *,
        now: datetime,
        key: int = 0,
    ) -> "Contact":
        """Not used before its owner has confirmed it."""
        return cls(
            id=contact_id,
            owner=owner,
            channel=channel,
            address=address,
            language=language,
            state=State.UNCONFIRMED,
            version=1,
            round=1,
            asked_at=now,
            added_at=now,
            key=key,
        )

    @property
    def unconfirmed_until(self) -> datetime | None:
        """When it is forgotten; None once it is confirmed."""
        if self.state is not State.UNCONFIRMED:
            return None
        return self.asked_at + timedelta(days=UNCONFIRMED_DAYS)

    def asked_again(self, *, now: datetime) -> "Contact":
        """Another link or challenge. Raises ContactNotUnconfirmed."""
        if self.state is not State.UNCONFIRMED:
            raise ContactNotUnconfirmed()
        return self._next(round=self.round + 1, asked_at=now)

    def was_asked(self, *, now: datetime) -> "Contact":
        """The question has gone out: its hours begin now, however long it waited for a server."""
        return replace(self, asked_at=now)

    def confirmed(self, *, now: datetime) -> "Contact":
        """Raises LinkOver, once it was used and when it is too old."""
        if not self.is_confirmable(now):
            raise LinkOver()
        return self._next(state=State.ACTIVE, confirmed_at=now, failures=0, failing_since=None)

    def is_confirmable(self, now: datetime) -> bool:
        return self.state is State.UNCONFIRMED and now < self.asked_at + timedelta(hours=LINK_HOURS)

    def paused(self, by: str) -> "Contact":
        """Raises ContactNotConfirmed. What is to be told to it waits."""
        if self.state is State.UNCONFIRMED:
            raise ContactNotConfirmed()
        return self._next(state=State.PAUSED, paused_by=by)

    def stopped(self, *, now: datetime) -> "Contact":
        """By whoever reads the mail, which may be somebody it was forwarded to: so it is not gone
        at once, and its owner sees why nothing comes. Raises LinkOver where nothing is sent."""
        if self.state is not State.ACTIVE:
            raise LinkOver()
        return self._next(state=State.PAUSED, paused_by="reader", paused_at=now)

    def resumed(self) -> "Contact":
        if self.state is State.UNCONFIRMED:
            raise ContactNotConfirmed()
        return self._next(
            state=State.ACTIVE, paused_by="", paused_at=None, failures=0, failing_since=None
        )

    def _next(self, **changes: object) -> "Contact":
        return replace(self, version=self.version + 1, **changes)  # type: ignore[arg-type]


def mail_address(text: str) -> str:
    """The address as it is written to a mail server. Raises InvalidAddress.

    Quoted local parts and characters beyond ASCII before the @ are refused: few servers take them,
    and nothing that could begin another header gets through.
    """
    local, at, domain = text.strip().rpartition("@")
    if not at or len(local) > 64 or not _LOCAL.fullmatch(local):
        raise InvalidAddress("address")
    host = _host(domain)
    if host is None or "." not in host or len(local) + len(host) + 1 > MAX_ADDRESS:
        raise InvalidAddress("address")
    return f"{local}@{host}"


def webhook_url(text: str, rules: WebhookRules) -> str:
    """The address as it is called, its host in ASCII. Raises InvalidWebhook, OwnWebhook."""
    refusal = rules.refusal()
    try:
        parts = urlsplit(text.strip())
        port = parts.port
    except ValueError:
        raise refusal from None
    schemes = ("https", "http") if rules.http else ("https",)
    if parts.scheme not in schemes or parts.fragment or "#" in text or "@" in parts.netloc:
        raise refusal
    host = _literal(parts.hostname or "") or _host(parts.hostname or "")
    rest = f"{parts.path}?{parts.query}"
    if host is None or len(text) > MAX_URL or not _URL_CHARACTERS.fullmatch(rest):
        raise refusal
    if (port or (443 if parts.scheme == "https" else 80)) not in rules.ports:
        raise refusal
    if host in rules.own_hosts | {(urlsplit(rules.origin).hostname or "").lower()}:
        raise OwnWebhook("address")
    place = host if port is None else f"{host}:{port}"
    return urlunsplit((parts.scheme, place, parts.path or "/", parts.query, ""))


def counted_as(address: str) -> tuple[tuple[str, int], ...]:
    """Under what questions to an address are counted, and how many a day are asked. A mailbox has
    many spellings (dots, what follows a +), and a host any number of URLs."""
    if "://" in address:
        host = urlsplit(address).hostname or ""
        return ((address, MAILS_A_DAY), (f"host {host}", QUESTIONS_TO_A_HOST))
    local, _, domain = address.rpartition("@")
    mailbox = local.partition("+")[0].replace(".", "")
    return ((f"{mailbox}@{domain}", MAILS_A_DAY),)


def _literal(host: str) -> str | None:
    try:
        address = ip_address(host)
    except ValueError:
        return None
    return f"[{address}]" if address.version == 6 else str(address)


def _host(name: str) -> str | None:
    """A name as the DNS has it, or None for what is none."""
    try:
        return idna.encode(name.rstrip("."), uts46=True, std3_rules=True).decode().lower() or None
    except idna.IDNAError:
        return None
