"""Gives every request an id: taken from the proxy, bound into log lines, echoed in the answer."""

import re
import time

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.ids import new_id
from shared.web.routes import QUIET, route_template

_ACCEPTED = re.compile(r"[A-Za-z0-9._-]{8,64}")
_log = structlog.get_logger("http")


class RequestId:
    """Also writes the one access line per request, by template: paths may hold stamp codes."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _ACCEPTED.fullmatch(given) else new_id()
        scope.setdefault("state", {})["request_id"] = request_id
        status = 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = request_id
            await send(message)

        started = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self.app(scope, receive, send_with_id)
            finally:
                if scope["path"] not in QUIET:
                    _log.info(
                        "request",
                        method=scope["method"],
                        route=route_template(scope),
                        status=status,
                        ms=round((time.perf_counter() - started) * 1000, 1),
                    )
