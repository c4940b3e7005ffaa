"""Webhooks: a signed POST to an address that was checked, and little patience with the answer."""

import asyncio
import hmac
import json
import ssl
import time
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import urlsplit

import httpcore2

from services.recall.courier import addresses, drilled
from services.recall.courier.letters import Known, data
from services.recall.courier.settings import CourierSettings
from services.recall.domain.contact import InvalidWebhook, OwnWebhook, webhook_url
from services.recall.domain.delivery import Message, SendingFailed

# An answer is read no further: none needs more.
MOST_ANSWER: Final = 16_384
# Several addresses of one host are tried, as any program does, but not ever so many.
_MOST_ADDRESSES: Final = 3
_HEAD: Final = {"content-type": "application/cloudevents+json", "user-agent": "txng-courier/1"}


class Webhooks:
    """Sends messages to webhooks. Raises SendingFailed."""

    def __init__(
        self, settings: CourierSettings, *, resolving: addresses.Resolve = addresses.resolve
    ) -> None:
        self._settings = settings
        self._resolving = resolving
        self._tls = ssl.create_default_context()
        if settings.webhook_ca_file is not None:
            self._tls.load_verify_locations(settings.webhook_ca_file)

    async def send(self, known: Known) -> None:
        try:
            url = webhook_url(known.contact.address, self._settings.webhook_rules)
        except (InvalidWebhook, OwnWebhook):
            raise SendingFailed("url_refused") from None
        body = json.dumps(event(known), ensure_ascii=False).encode()
        head = _HEAD | signed(known, body, int(time.time()))
        try:
            # All of it together: a server that answers a byte a second has no more of it either.
            async with asyncio.timeout(self._settings.webhook_seconds):
                status, answer = await self._post(url, head, body)
        except TimeoutError:
            raise SendingFailed("too_slow") from None
        _judge(known, status, answer)

    async def rest(self) -> None:
        """Each message has a connection of its own: nothing is kept."""

    async def _post(self, url: str, head: dict[str, str], body: bytes) -> tuple[int, bytes]:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        found = await addresses.checked(
            (parts.hostname or "").strip("[]"),
            port,
            resolving=self._resolving,
            allowed=self._settings.webhook_networks,
        )
        for address in found[:_MOST_ADDRESSES]:
            try:
                return await self._post_to(address, url, head, body)
            except httpcore2.ConnectError as error:
                if _is_tls(error):
                    raise SendingFailed("tls") from None
            except httpcore2.ConnectTimeout:
                # One that swallows what it is sent, such as IPv6 without a way out.
                continue
            except httpcore2.TimeoutException:
                raise SendingFailed("too_slow") from None
            except (httpcore2.ProtocolError, httpcore2.NetworkError):
                raise SendingFailed("broken") from None
        raise SendingFailed("no_connection")

    async def _post_to(
        self, address: str, url: str, head: dict[str, str], body: bytes
    ) -> tuple[int, bytes]:
        """The status and the answer. No proxy of the environment is asked, no redirect followed."""
        pool = httpcore2.AsyncConnectionPool(
            ssl_context=self._tls, max_connections=1, network_backend=_Pinned(address)
        )
        async with (
            pool,
            pool.stream(
                "POST",
                url,
                headers=[*head.items(), ("connection", "close")],
                content=body,
                extensions={"timeout": {"connect": self._settings.webhook_seconds / 3}},
            ) as answer,
        ):
            read = bytearray()
            async for part in answer.aiter_stream():
                read += part
                if len(read) > MOST_ANSWER:
                    raise SendingFailed("too_large")
            return answer.status, bytes(read)


class _Pinned(httpcore2.AsyncNetworkBackend):
    """Connects to the address that was checked, whatever name is asked for; the certificate is
    still compared with the name."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._inner = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        return await self._inner.connect_tcp(
            self._address, port, timeout, local_address, socket_options
        )


def event(known: Known) -> dict[str, Any]:
    """What is sent: a CloudEvents 1.0 envelope in JSON. Its id is the same at every attempt."""
    delivery, contact = known.delivery, known.contact
    envelope: dict[str, Any] = {
        "specversion": "1.0",
        "id": delivery.message_id,
        "source": f"{known.origin}/recalls",
        "time": delivery.happened_at.isoformat(),
        "datacontenttype": "application/json",
    }
    if delivery.message is Message.CHALLENGE:
        asked = known.keys.challenge(contact)
        return envelope | {
            "type": "txng.contact.challenge.v1",
            "subject": contact.id,
            "data": {"challenge": asked, "name": known.name},
        }
    if known.drilled is not None:
        envelope["source"] = f"{known.origin}{drilled.HOME}"
    return envelope | {
        "type": delivery.message.type,
        "subject": delivery.case_id,
        "data": data(known),
    }


def signed(known: Known, body: bytes, at: int) -> dict[str, str]:
    """The headers of Standard Webhooks: id, seconds since 1970, signatures."""
    id_ = known.delivery.message_id
    return {
        "webhook-id": id_,
        "webhook-timestamp": str(at),
        "webhook-signature": known.keys.signatures(known.contact, id_, at, body),
    }


def _judge(known: Known, status: int, answer: bytes) -> None:
    if 300 <= status < 400:
        raise SendingFailed("redirect")
    if not 200 <= status < 300:
        raise SendingFailed("status", str(status), gone=status == 410)
    if known.delivery.message is not Message.CHALLENGE:
        return
    wanted = known.keys.challenge(known.contact)
    if not hmac.compare_digest(_echoed(answer), wanted.encode()):
        raise SendingFailed("no_challenge")


def _echoed(answer: bytes) -> bytes:
    """What a receiver answered a challenge with: the text itself, or `{"challenge": text}`."""
    try:
        told = json.loads(answer)
    except (ValueError, RecursionError):
        return answer.strip()
    found = told.get("challenge") if isinstance(told, dict) else told
    return found.encode("utf-8", "replace") if isinstance(found, str) else b""


def _is_tls(error: BaseException) -> bool:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return True
        cause = cause.__cause__ or cause.__context__
    return False
