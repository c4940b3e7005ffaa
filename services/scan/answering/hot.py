"""The hot route: plain ASGI before the application, from the address to the answer by memory."""

import re
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.scan.answering.forms import Form, Forms, Headers
from services.scan.answering.limits import InvalidLimit
from services.scan.answering.negotiate import Negotiator, Voice, remembering
from services.scan.answering.refusing import (
    MALFORMED_CODE,
    TOO_MANY,
    WRONG_METHOD,
    Refusals,
)
from services.scan.answering.request_ids import request_id
from services.scan.answering.shortened import long_form, naming
from services.scan.answering.targets import API, Target, is_for_the_resolver, target_of
from services.scan.counting.spool import Spool
from services.scan.counting.visitors import Visitors
from services.scan.domain import records
from services.scan.domain.often import UNTOLD, Scanned
from services.scan.domain.records import MALFORMED, PLACES
from services.scan.domain.verdict import NO_LINK, Link
from services.scan.knowing.confirm import Clock, Confirmer
from services.scan.knowing.memory import Memory
from services.scan.knowing.often import OftenScanned
from services.scan.knowing.scanner import Known, Scanner
from services.scan.store.counts import stamp_key
from shared.stampcode import decode, normalise
from shared.stampkeys import StampKeys
from shared.web.onewrite import READY, TAKE, Take

# Addresses answered before, in all languages and forms together, so that a further language
# costs no more memory.
MOST_READY = 40_000
_COMMUNE = re.compile(rb"(?:^|&)commune=([0-9]{5})(?:&|$)")
_NONE: dict[str, Any] = {}


@dataclass(slots=True)
class Ready:
    """An address answered before: good as long as what is known of its stamp is the same.

    `generation` is that of the memory for which this was last found to be so.
    """

    generation: int
    known: Known
    link: Link
    form: Form
    code: bytes
    place: int
    batch: int
    serial: int
    stamp: int
    scanned: Scanned
    scans: bytes


class HotRoute:
    """Answers GET and HEAD of stamp addresses; everything else is the application's.

    A verdict is always 200, whatever it is. What is no code is 404 (400 for a malformed Digital
    Link), too many codes that do not exist 429. HEAD is not counted as a scan.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        memory: Memory,
        confirmer: Confirmer,
        scanner: Scanner,
        often: OftenScanned,
        forms: Forms,
        keys: StampKeys,
        spool: Spool,
        visitors: Visitors,
        limit: InvalidLimit,
        clock: Clock,
        trust_proxy: bool,
    ) -> None:
        self.counts = [0] * len(records.NAMES)
        self.looked_further = 0
        self._app = app
        self._memory = memory
        self._confirmer = confirmer
        self._scanner = scanner
        self._often = often
        self._forms = forms
        self._refusals = Refusals(forms)
        self._negotiator = Negotiator(forms.languages)
        self._keys = keys
        self._spool = spool
        self._visitors = visitors
        self._limit = limit
        self._clock = clock
        self._trust_proxy = trust_proxy
        self._as_of: datetime | None = None
        self._say_times()

    @property
    def refused_invalid(self) -> int:
        return self._limit.refused

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        path = scope["path"]
        voice = self._negotiator.voice(headers)
        if not voice.json and path.startswith(API):
            voice = voice.as_json
        if self._as_of is not self._confirmer.as_of:
            self._say_times()
        ready: Ready | None = voice.ready.get(path)
        if (
            ready is not None
            and (ready.generation == self._memory.generation or self._is_still_true(ready))
            and self._clock() < self._confirmer.until
            and scope["method"] == "GET"
            and not scope["query_string"]
        ):
            shown = self._record(scope, headers, ready.place, ready.batch, ready.serial, 0)
            scanned = self._often.of(ready.stamp)
            if scanned is not ready.scanned:
                ready.scans = self._forms.scans_text(scanned, voice.variant)
                ready.scanned = scanned
            if not _answered(scope, ready, voice.time, shown):
                body = _body(ready.form, voice.time, ready.scans, ready.code)
                await _send(send, 200, ready.form.headers, body, shown)
            return
        target = target_of(path, scope.get("raw_path") or path.encode())
        # Nearly all: a code in capitals, as it is printed.
        if target and target.link is NO_LINK and target.text and target.text == target.text.upper():
            await self._answer(target, voice, scope, headers, send)
        elif target is None or is_for_the_resolver(target, scope, voice.linkset):
            await self._app(scope, receive, send)
        elif (long := long_form(target, scope, self._keys.ring)) is not None:
            await self(long, receive, naming(long, send))
        elif target.text or not await self._passed_on(scope, headers, receive, send):
            await self._answer(target, voice, scope, headers, send)

    async def _passed_on(
        self, scope: Scope, headers: dict[bytes, bytes], receive: Receive, send: Send
    ) -> bool:
        """What is wrong with a Digital Link, the resolver says; it is counted here all the same."""
        if not self._limit.allows(self._address(scope, headers)):
            return False
        self._record(scope, headers, PLACES[MALFORMED], 0, -1, 0)
        await self._app(scope, receive, send)
        return True

    async def _answer(
        self, target: Target, voice: Voice, scope: Scope, headers: dict[bytes, bytes], send: Send
    ) -> None:
        query: bytes = scope["query_string"]
        extra: Headers = ()
        if voice.linkset:
            voice = voice.as_json
        if query and (asked := self._negotiator.asked(voice, query)):
            voice, extra = asked, (remembering(asked.variant.lang),)
        if scope["method"] not in ("GET", "HEAD"):
            await self._refuse(WRONG_METHOD, voice, headers, send)
            return
        stamp = decode(self._keys.ring, target.text)
        if stamp is None and not self._limit.allows(self._address(scope, headers)):
            await self._refuse(TOO_MANY, voice, headers, send)
            return
        commune = int(found[1]) if query and (found := _COMMUNE.search(query)) else 0
        code = normalise(target.text)
        if code is None:
            self._record(scope, headers, PLACES[MALFORMED], 0, -1, commune)
            await self._refuse(MALFORMED_CODE, voice, headers, send)
            return
        if stamp is None:
            known, batch, serial = self._scanner.unknown, 0, -1
        else:
            _, batch, serial = stamp
            known = await self._know(batch, serial, target)
        # Nothing is awaited between here and the answer: what is confirmed now is what is said.
        confirmed = self._confirmer.confirmed
        form = self._forms.of(known, confirmed, voice.variant, bool(target.link.gtin))
        place = PLACES[(known.confirmed if confirmed else known.unconfirmed).verdict]
        filled = self._forms.code_text(code, voice.variant, form.between)
        stamp_number = stamp_key((batch, serial))
        scanned = UNTOLD if known.case is None else self._often.of(stamp_number)
        scans = self._forms.scans_text(scanned, voice.variant)
        if known.kept and confirmed:
            entry = Ready(
                *(known.generation, known, target.link, form, filled, place, batch, serial),
                *(stamp_number, scanned, scans),
            )
            self._negotiator.keep(voice, scope["path"], entry, MOST_READY)
        shown = self._record(scope, headers, place, batch, serial, commune)
        self._say_times()
        body = _body(form, voice.time, scans, filled)
        await _send(send, 200, form.headers + extra, body, shown)

    def _is_still_true(self, ready: Ready) -> bool:
        """Something has changed; whether it concerns this stamp, memory tells at once."""
        if self._scanner.peek(ready.batch, ready.serial, ready.link) is not ready.known:
            return False
        ready.generation = ready.known.generation
        return True

    async def _know(self, batch: int, serial: int, target: Target) -> Known:
        known = self._scanner.peek(batch, serial, target.link)
        if known is None:
            self.looked_further += 1
            known = await self._scanner.find(batch, serial, target.link)
        return known

    def _record(
        self,
        scope: Scope,
        headers: dict[bytes, bytes],
        place: int,
        batch: int,
        serial: int,
        commune: int,
    ) -> bytes:
        """Count a scan before it is answered; the request id as it goes into the answer."""
        request, shown = request_id(headers)
        if scope["method"] == "GET":
            self.counts[place] += 1
            address = self._address(scope, headers)
            user = self._visitors.user(address, headers.get(b"user-agent", b""))
            source = self._visitors.source(address)
            at = time.time_ns() // 1_000_000
            record = records.pack(at, request, batch, serial, user, commune, place, source)
            self._spool.append(record)
        return shown

    def _address(self, scope: Scope, headers: dict[bytes, bytes]) -> bytes:
        if self._trust_proxy and (told := headers.get(b"x-real-ip")):
            return told
        client = scope.get("client")
        return client[0].encode() if client else b""

    def _say_times(self) -> None:
        """Put the time of the last confirmation into words, once for all answers until the next."""
        if self._as_of is self._confirmer.as_of is not None:
            return
        self._as_of = self._confirmer.as_of
        for variant, voice in self._negotiator.voices.items():
            voice.time = self._forms.time_text(self._as_of, variant)

    async def _refuse(
        self, code: str, voice: Voice, headers: dict[bytes, bytes], send: Send
    ) -> None:
        _, shown = request_id(headers)
        status, sent, body = self._refusals.answer(code, voice.variant, shown.decode())
        await _send(send, status, sent, body, shown)


def _body(form: Form, time_text: bytes, scans: bytes, code: bytes) -> bytes:
    return b"".join((form.head, time_text, form.after_time, scans, form.middle, code, form.tail))


def _answered(scope: Scope, ready: Ready, time_text: bytes, shown: bytes) -> bool:
    """Hand the whole answer to the server as bytes, if it offers to take it so."""
    extension = scope.get("extensions", _NONE).get(READY)
    if extension is None:
        return False
    form, scans, code = ready.form, ready.scans, ready.code
    size = form.size + len(time_text) + len(scans) + len(code)
    start = b"%bcontent-length: %d\r\nx-request-id: %b\r\n\r\n" % (form.start, size, shown)
    take: Take = extension[TAKE]
    parts = (start, form.head, time_text, form.after_time, scans, form.middle, code, form.tail)
    return take(b"".join(parts))


def _start(status: int, headers: Headers, body: bytes, shown: bytes) -> Message:
    return {
        "type": "http.response.start",
        "status": status,
        "headers": (
            *headers,
            (b"content-length", b"%d" % len(body)),
            (b"x-request-id", shown),
        ),
    }


async def _send(send: Send, status: int, headers: Headers, body: bytes, shown: bytes) -> None:
    await send(_start(status, headers, body, shown))
    await send({"type": "http.response.body", "body": body})
