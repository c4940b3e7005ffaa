"""The resolver: GS1 Digital Links that are not a stamp's verdict (GS1 Digital Link Resolver 1.2).

It stands behind the hot route and before the application, and costs a scan nothing.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec
from starlette.types import ASGIApp, Receive, Scope, Send

from services.scan.answering.forms import LINKED, Forms, Headers, json_headers, spoken
from services.scan.answering.limits import InvalidLimit
from services.scan.answering.marks import Variant
from services.scan.answering.negotiate import Negotiator
from services.scan.answering.request_ids import request_id
from services.scan.answering.shortened import expanded, naming
from services.scan.answering.spoken import heard_of
from services.scan.knowing.confirm import Confirmer
from services.scan.resolving import description, linkset
from services.scan.resolving.asking import Answer, Asked, sent
from services.scan.resolving.found import Finder, Things, Unreachable
from services.scan.resolving.levels import DEFAULT, Level, Speaker, Target, levels
from services.scan.resolving.lots import LotPages
from services.scan.resolving.packed import UnitPages
from services.scan.resolving.saying import SAYINGS, fault, problem
from shared.gs1 import Gs1Error
from shared.gs1_fields import QUALIFIERS
from shared.gs1_link import Uri, parse
from shared.web.i18n import N_

METHODS = b"GET, HEAD, OPTIONS"
_CORS: Headers = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-methods", METHODS),
    (b"access-control-allow-headers", b"Accept, Accept-Language"),
    (b"access-control-expose-headers", b"Link, Location"),
    (b"access-control-max-age", b"86400"),
)
_CONTEXT = (
    b"link",
    f'<{linkset.CONTEXT}>; rel="http://www.w3.org/ns/json-ld#context"; '.encode()
    + b'type="application/ld+json"',
)
_MANY = N_("Có nhiều trang phù hợp, hãy chọn một")
_RETRY: dict[int, Headers] = {429: ((b"retry-after", b"60"),), 503: ((b"retry-after", b"5"),)}


class Resolver:
    """Leads from a key to what is known of it. Everything else is the application's."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        finder: Finder,
        confirmer: Confirmer,
        forms: Forms,
        limit: InvalidLimit,
        origin: str,
        trust_proxy: bool,
    ) -> None:
        # Where the long form of a compressed address is answered: the hot route, once it is there.
        self.front: ASGIApp = app
        self.counts: Counter[int] = Counter()
        self._app = app
        self._finder = finder
        self._confirmer = confirmer
        self._forms = forms
        self._limit = limit
        self._origin = origin.rstrip("/")
        self._trust_proxy = trust_proxy
        self._negotiator = Negotiator(forms.languages)
        self._lots = LotPages(forms)
        self._units = UnitPages(forms)
        self._description = description.description(self._origin)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path: str = scope["path"]
        if path == description.PATH or path[1:].partition("/")[0] in QUALIFIERS:
            # A primary key may be followed by what was compressed.
            long = expanded(scope) if path.count("/") >= 3 else None
            if long is None:
                await self._reply(scope, send, await self._answer(scope))
                return
        else:
            long = expanded(scope)
        if long is None:
            await self._app(scope, receive, send)
        else:
            await self.front(long, receive, naming(long, send))

    async def _answer(self, scope: Scope) -> Answer:
        asked = Asked(scope, self._negotiator)
        if scope["method"] == "OPTIONS":
            return Answer(204, ((b"allow", METHODS),))
        if scope["method"] not in ("GET", "HEAD"):
            return self._refuse("method_not_allowed", asked, ((b"allow", METHODS),))
        if scope["path"] == description.PATH:
            kept = ((b"cache-control", b"public, max-age=3600"),)
            return Answer(200, kept, self._description, b"application/json")
        return await self._read(scope, asked)

    async def _read(self, scope: Scope, asked: Asked) -> Answer:
        raw = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1")
        try:
            uri = parse(raw, asked.query)
            kind = linkset.asked_type(asked.query)
            return await self._resolved(uri, kind, asked, self._address(scope, asked))
        except Gs1Error as error:
            told = fault(error, self._speaker(asked).say)
            return self._refuse("malformed_link", asked, errors=[told])
        except linkset.SeveralTypes:
            return self._refuse("link_type_twice", asked)
        except Unreachable:
            return self._refuse("cannot_look_up", asked)

    async def _resolved(self, uri: Uri, kind: str | None, asked: Asked, address: bytes) -> Answer:
        if not self._finder.is_kept(uri) and self._limit.is_spent(address):
            return self._refuse("too_many_unknown_keys", asked)
        things = await self._finder.find(uri)
        if not things or (uri.get("10") and things.lot is None):
            self._limit.allows(address)
        if not things:
            return self._refuse("key_not_found", asked)
        found = levels(uri, things, self._speaker(asked))
        if kind == linkset.LINKSET or (kind is None and asked.machine):
            body = linkset.document(found, self._origin)
            return Answer(200, (_CONTEXT, spoken(asked.lang)), body, linkset.MEDIA_TYPE)
        if kind is None and uri.get("10") and things.product is not None:
            return self._lot_page(uri, things, asked)
        if kind in (None, DEFAULT) and things.packed:
            return self._unit_page(uri, things, asked)
        return self._led(found, kind or DEFAULT, uri, things, asked)

    def _led(self, found: list[Level], kind: str, uri: Uri, things: Things, asked: Asked) -> Answer:
        """To the one link that suits, or to the choice among several."""
        targets = linkset.links_of(found, kind)
        if not targets:
            return self._refuse("link_type_not_found", asked, LINKED[:1])
        if kind == DEFAULT and len(things.products) > 1:
            return self._choice(linkset.links_of(found, "pip"), found, asked)
        suiting = linkset.best(targets, asked.accept, asked.languages)
        if len(suiting) > 1:
            return self._choice(suiting, found, asked)
        if suiting[0].href == f"{self._origin}{uri.path()}" and kind == DEFAULT and things.lot:
            return self._lot_page(uri, things, asked)
        location = asked.passed_on(suiting[0].href)
        return Answer(307, (*LINKED[:1], spoken(asked.lang), (b"location", location)))

    def _lot_page(self, uri: Uri, things: Things, asked: Asked) -> Answer:
        """The lot's own page: here the resolver itself is what the address leads to."""
        known = things.lot or things.product
        assert known is not None
        confirmed, as_of = self._confirmer.confirmed, self._confirmer.as_of
        moment = self._forms.time_text(as_of, Variant(asked.lang, False))
        heard = heard_of(known.case, asked.lang)
        page = self._lots.page(known, confirmed, uri, asked.lang, moment, heard)
        policy = self._forms.media_headers if heard else self._forms.page_headers
        headers = (*policy, *asked.spoken, *LINKED[:1])
        return Answer(200 if things.lot else 404, headers, page)

    def _unit_page(self, uri: Uri, things: Things, asked: Asked) -> Answer:
        """The page of a logistic unit is the resolver's own too."""
        moment = self._forms.time_text(self._confirmer.as_of, Variant(asked.lang, False))
        confirmed = self._confirmer.confirmed and things.up_to_date
        page = self._units.page(things, confirmed, uri.value, asked.lang, moment)
        headers = (*self._forms.page_headers, *asked.spoken, *LINKED[:1])
        return Answer(200, headers, page)

    def _choice(self, targets: Sequence[Target], found: list[Level], asked: Asked) -> Answer:
        links = LINKED[:1] + tuple(
            (b"link", b'<%b>; rel="alternate"; type="%b"' % (sent(one.href), sent(one.media)))
            for one in targets
        )
        if asked.machine:
            body = linkset.document(found, self._origin)
            return Answer(300, (_CONTEXT, *links), body, linkset.MEDIA_TYPE)
        say = self._speaker(asked).say
        page = self._forms.page(
            "choices.html",
            asked.lang,
            tone="ask",
            headline=_MANY,
            meaning=say(N_("Địa chỉ này dẫn tới nhiều trang.")),
            targets=targets,
        )
        return Answer(300, (*self._forms.page_headers, *asked.spoken, *links), page)

    def _refuse(
        self,
        code: str,
        asked: Asked,
        headers: Headers = (),
        errors: list[dict[str, str]] | None = None,
    ) -> Answer:
        say = self._speaker(asked).say
        status, tone, headline, meaning = SAYINGS[code]
        headers = (*headers, *_RETRY.get(status, ()), *asked.spoken)
        if asked.machine:
            told: dict[str, Any] = problem(code, say, asked.request_id.decode(), errors)
            sent = json_headers(b"application/problem+json")
            return Answer(status, (*sent, *headers), msgspec.json.encode(told))
        text = " ".join(one["message"] for one in errors) if errors else say(meaning)
        page = self._forms.page(
            "reading.html", asked.lang, tone=tone, headline=headline, meaning=text, typed=""
        )
        return Answer(status, (*self._forms.page_headers, *headers), page)

    async def _reply(self, scope: Scope, send: Send, answer: Answer) -> None:
        self.counts[answer.status] += 1
        names = {name for name, _ in answer.headers}
        headers = [*answer.headers, *_CORS]
        if b"content-type" not in names:
            given = json_headers(answer.media) if answer.media else json_headers()[1:]
            headers += [one for one in given if one[0] not in names]
        headers += [(b"content-length", b"%d" % len(answer.body))]
        headers += [(b"x-request-id", request_id(dict(scope["headers"]))[1])]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        body = b"" if scope["method"] == "HEAD" else answer.body
        await send({"type": "http.response.body", "body": body})

    def _speaker(self, asked: Asked) -> Speaker:
        return Speaker(self._origin, asked.lang, lambda text: self._forms.say(text, asked.lang))

    def _address(self, scope: Scope, asked: Asked) -> bytes:
        if self._trust_proxy and (told := asked.headers.get(b"x-real-ip")):
            return told
        client = scope.get("client")
        return client[0].encode() if client else b""
