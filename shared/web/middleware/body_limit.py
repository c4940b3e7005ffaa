"""Limits request bodies, counted while they stream in: a Content-Length is only a claim."""

from collections.abc import Mapping

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

DEFAULT_LIMIT = 10_000_000


class BodyTooLarge(HTTPException):
    """An HTTPException, because FastAPI turns every other error met while reading into a 400."""

    def __init__(self, limit: int) -> None:
        super().__init__(status_code=413)
        self.limit = limit


class BodyLimit:
    """`limits` maps path prefixes to bytes; the longest prefix that fits counts.

    They are for files: JSON, which is held and read as a whole, never passes the usual limit.
    """

    def __init__(self, app: ASGIApp, *, limits: Mapping[str, int]) -> None:
        self.app = app
        self.limits = sorted(limits.items(), key=lambda item: -len(item[0]))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        is_json = headers.get("content-type", "").startswith("application/json")
        limit = DEFAULT_LIMIT if is_json else self._limit(scope["path"])
        claimed = headers.get("content-length", "")
        too_large = claimed.isdecimal() and int(claimed) > limit
        received = 0

        async def counted() -> Message:
            # Raised where the body is read, so that the handlers of the application answer.
            nonlocal received
            if too_large:
                raise BodyTooLarge(limit)
            message = await receive()
            if message["type"] == "http.request":
                received += len(message.get("body", b""))
                if received > limit:
                    raise BodyTooLarge(limit)
            return message

        await self.app(scope, counted, send)

    def _limit(self, path: str) -> int:
        for prefix, limit in self.limits:
            if path.startswith(prefix):
                return limit
        return DEFAULT_LIMIT
