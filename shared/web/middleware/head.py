"""Answers HEAD as GET would be answered: the server itself leaves the body out."""

from starlette.types import ASGIApp, Receive, Scope, Send


class HeadAsGet:
    """Link checkers and QR readers ask so before they open an address."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "HEAD":
            # A copy: the server looks at its own scope to know that no body may be sent.
            scope = {**scope, "method": "GET"}
        await self.app(scope, receive, send)
