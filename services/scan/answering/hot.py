"""The hot route: plain ASGI before the application, from the address to the answer by memory."""

import re

from starlette.types import ASGIApp, Receive, Scope, Send

from services.scan.answering.counted import Client, Counted
from services.scan.answering.forms import Forms, Headers
from services.scan.answering.limits import InvalidLimit
from services.scan.answering.negotiate import Negotiator, Voice, remembering
from services.scan.answering.ready import Answers, body, whole
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
from services.scan.domain.records import MALFORMED, PLACES
from services.scan.domain.verdict import NO_LINK
from services.scan.knowing.confirm import Clock, Confirmer
from services.scan.knowing.memory import Memory
from services.scan.knowing.often import OftenScanned
from services.scan.knowing.scanner import Known, Scanner
from shared.stampcode import decode, normalise
from shared.stampkeys import StampKeys

_COMMUNE = re.compile(rb"(?:^|&)commune=([0-9]{5})(?:&|$)")
NO_COMMUNE = 0
_API = API.encode()
# A code as it is printed, and nothing else: whatever has to be looked at twice goes the long way.
_PRINTED = re.compile(rb"/(?:v1/verdicts/)?([0-9A-HJKMNP-TV-Z]{20})")


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
        self.looked_further = 0
        self._app = app
        self._confirmer = confirmer
        self._scanner = scanner
        self._refusals = Refusals(forms)
        self._negotiator = Negotiator(forms.languages)
        self._answers = Answers(memory, confirmer, scanner, often, forms, self._negotiator)
        self._counted = Counted(spool, visitors, trust_proxy=trust_proxy)
        self._keys = keys
        self._limit = limit
        self._clock = clock

    @property
    def counts(self) -> list[int]:
        """Answers since the start, by the verdict's place in `records.NAMES`."""
        return self._counted.counts

    @property
    def refused_invalid(self) -> int:
        return self._limit.refused

    def at_once(self, url: bytes, given: list[tuple[bytes, bytes]], client: Client) -> bytes | None:
        """The whole answer to a GET of a code as it is printed, where memory has it; None, with
        nothing done, where it has to go the long way. `url` is that of the request line."""
        headers = dict(given)
        voice = self._negotiator.voice(headers)
        if not voice.json and url.startswith(_API):
            voice = voice.as_json
        self._answers.say_times()
        confirmed = self._clock() < self._confirmer.until
        ready = self._answers.ready(voice, url) if confirmed else None
        if ready is None:
            found = _PRINTED.fullmatch(url)
            if found is None or voice.linkset:
                return None
            stamp = decode(self._keys.ring, found[1])
            if stamp is None:
                return self._put_off(voice, headers, client)
            known = self._scanner.peek(stamp.batch, stamp.serial)
            if known is None:
                return None
            code = found[1].decode()
            ready = self._answers.make(known, confirmed, voice, code, stamp.batch, stamp.serial)
            if confirmed:
                self._answers.keep(voice, url, ready)
        shown = self._counted.note(
            headers, client, ready.place, ready.batch, ready.serial, NO_COMMUNE
        )
        return whole(ready, voice.time, shown)

    def _put_off(self, voice: Voice, headers: dict[bytes, bytes], client: Client) -> bytes | None:
        """What is said of a code that does not exist, once there were too many of them."""
        if not self._limit.is_spent(self._counted.address(headers, client)):
            return None
        _, shown = request_id(headers)
        return self._refusals.whole(TOO_MANY, voice.variant, shown)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        path = scope["path"]
        voice = self._negotiator.voice(headers)
        if not voice.json and path.startswith(API):
            voice = voice.as_json
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
        if not self._limit.allows(self._counted.address(headers, scope.get("client"))):
            return False
        self._note(scope, headers, PLACES[MALFORMED], 0, -1, NO_COMMUNE)
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
        client = scope.get("client")
        if stamp is None and not self._limit.allows(self._counted.address(headers, client)):
            await self._refuse(TOO_MANY, voice, headers, send)
            return
        commune = int(found[1]) if query and (found := _COMMUNE.search(query)) else NO_COMMUNE
        code = normalise(target.text)
        if code is None:
            self._note(scope, headers, PLACES[MALFORMED], 0, -1, commune)
            await self._refuse(MALFORMED_CODE, voice, headers, send)
            return
        if stamp is None:
            known, batch, serial = self._scanner.unknown, 0, -1
        else:
            _, batch, serial = stamp
            known = await self._know(batch, serial, target)
        # Nothing is awaited between here and the answer: what is confirmed now is what is said.
        confirmed = self._confirmer.confirmed
        made = self._answers.make(known, confirmed, voice, code, batch, serial, target.link)
        path = scope.get("raw_path") or scope["path"].encode()
        # As it is printed: a code may be spelled, and an address escaped, in any number of ways.
        if confirmed and not query and target.text == code and b"%" not in path:
            self._answers.keep(voice, path, made)
        shown = self._note(scope, headers, made.place, batch, serial, commune)
        self._answers.say_times()
        text = body(made.form, voice.time, made.scans, made.code)
        await _send(send, 200, made.form.headers + extra, text, shown)

    async def _know(self, batch: int, serial: int, target: Target) -> Known:
        known = self._scanner.peek(batch, serial, target.link)
        if known is None:
            self.looked_further += 1
            known = await self._scanner.find(batch, serial, target.link)
        return known

    def _note(
        self,
        scope: Scope,
        headers: dict[bytes, bytes],
        place: int,
        batch: int,
        serial: int,
        commune: int,
    ) -> bytes:
        """Count a scan before it is answered; the request id as it goes into the answer."""
        if scope["method"] != "GET":
            return request_id(headers)[1]
        return self._counted.note(headers, scope.get("client"), place, batch, serial, commune)

    async def _refuse(
        self, code: str, voice: Voice, headers: dict[bytes, bytes], send: Send
    ) -> None:
        _, shown = request_id(headers)
        status, sent, text = self._refusals.answer(code, voice.variant, shown.decode())
        await _send(send, status, sent, text, shown)


async def _send(send: Send, status: int, headers: Headers, text: bytes, shown: bytes) -> None:
    sized = (*headers, (b"content-length", b"%d" % len(text)), (b"x-request-id", shown))
    await send({"type": "http.response.start", "status": status, "headers": sized})
    await send({"type": "http.response.body", "body": text})
