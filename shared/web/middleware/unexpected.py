"""Turns what nobody expected into a plain 500: the log has the trace, the caller only the id."""

import structlog
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.web.problems import unexpected

_log = structlog.get_logger("http")


class Unexpected:
    """Inside Starlette's own net, which would raise again and print a second trace."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def send_noting_start(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, send_noting_start)
        except Exception as error:
            if started:
                _log.exception("answer broke off")
                raise
            response = await unexpected(Request(scope, receive), error)
            await response(scope, receive, send)
