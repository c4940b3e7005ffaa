"""The yardstick: a bare ASGI callable that answers with so many bytes, served as a replica is."""

import sys
from typing import Any

from shared.service import serve
from shared.settings import Settings


def bare(size: int) -> Any:
    body = b"x" * size
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"%d" % size)]
    start = {"type": "http.response.start", "status": 200, "headers": headers}
    end = {"type": "http.response.body", "body": body}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await send(start)
            await send(end)

    return app


if __name__ == "__main__":
    serve(bare(int(sys.argv[1])), Settings())
