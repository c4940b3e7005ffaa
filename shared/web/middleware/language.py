"""Chooses the language of the answer: `?lang=`, then the cookie, then Accept-Language."""

from http.cookies import SimpleCookie
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.web.i18n import LANGUAGE_COOKIE, Catalogues, negotiate, speak, stop_speaking

_ONE_YEAR = 365 * 24 * 3600


class Language:
    def __init__(self, app: ASGIApp, *, catalogues: Catalogues, secure: bool) -> None:
        self.app = app
        self.catalogues = catalogues
        self.secure = secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        asked = self._asked(scope)
        lang = asked or self._remembered(scope)
        token = speak(lang, self.catalogues)
        scope.setdefault("state", {})["lang"] = lang

        async def send_and_remember(message: Message) -> None:
            if message["type"] == "http.response.start" and asked:
                MutableHeaders(scope=message).append("Set-Cookie", self._cookie(asked))
            await send(message)

        try:
            await self.app(scope, receive, send_and_remember)
        finally:
            stop_speaking(token)

    def _asked(self, scope: Scope) -> str | None:
        query = scope["query_string"].decode("latin-1")
        if "lang=" not in query:
            return None
        try:
            lang = parse_qs(query, max_num_fields=100).get("lang", [""])[-1]
        except ValueError:
            return None
        return lang if lang in self.catalogues.languages else None

    def _remembered(self, scope: Scope) -> str:
        headers = Headers(scope=scope)
        cookie = cookie_parser(headers.get("cookie", "")).get(LANGUAGE_COOKIE, "")
        if cookie in self.catalogues.languages:
            return cookie
        return negotiate(headers.get("accept-language", ""), self.catalogues.languages)

    def _cookie(self, lang: str) -> str:
        cookie: SimpleCookie = SimpleCookie()
        cookie[LANGUAGE_COOKIE] = lang
        cookie[LANGUAGE_COOKIE].update({"path": "/", "max-age": str(_ONE_YEAR), "samesite": "lax"})
        if self.secure:
            cookie[LANGUAGE_COOKIE]["secure"] = True
        return cookie[LANGUAGE_COOKIE].OutputString()
