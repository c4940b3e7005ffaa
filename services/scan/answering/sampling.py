"""A span for one scan in a hundred, where somebody collects them: a span costs more than a scan."""

from starlette.types import ASGIApp, Receive, Scope, Send

from shared.telemetry import span

ONE_IN = 100


class SampledTraces:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._seen = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._seen += 1
        if scope["type"] != "http" or self._seen % ONE_IN:
            await self._app(scope, receive, send)
            return
        with span("scan"):
            await self._app(scope, receive, send)
