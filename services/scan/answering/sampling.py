"""A span for one scan in a hundred, where somebody collects them: a span costs more than a scan."""

from starlette.types import Receive, Scope, Send

from services.scan.answering.counted import Client
from services.scan.answering.hot import HotRoute
from shared.telemetry import span

ONE_IN = 100


class SampledTraces:
    def __init__(self, app: HotRoute) -> None:
        self._app = app
        self._seen = 0

    def at_once(self, url: bytes, given: list[tuple[bytes, bytes]], client: Client) -> bytes | None:
        """The hot route's answer at once, but for the one that goes the long way with a span."""
        if (self._seen + 1) % ONE_IN == 0:
            return None
        answer = self._app.at_once(url, given, client)
        self._seen += answer is not None
        return answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._seen += 1
        if scope["type"] != "http" or self._seen % ONE_IN:
            await self._app(scope, receive, send)
            return
        with span("scan"):
            await self._app(scope, receive, send)
