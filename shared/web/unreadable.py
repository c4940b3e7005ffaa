"""A request that is no HTTP is answered as every refusal is, not in uvicorn's bare words."""

import json

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from shared.web.onewrite import OneWriteProtocol
from shared.web.refusals import MalformedRequest

# Nobody's language is known: the request could not be read. Nor can a browser send such a one.
_BODY = json.dumps(
    {
        "type": "about:blank",
        "title": "This request cannot be read",
        "status": 400,
        "code": MalformedRequest.code,
        "detail": MalformedRequest.message,
    },
    ensure_ascii=False,
).encode()
_ANSWER = b"".join(
    (
        STATUS_LINE[400],
        b"content-type: application/problem+json\r\n",
        b"content-length: %d\r\n" % len(_BODY),
        b"cache-control: no-store\r\n",
        b"x-content-type-options: nosniff\r\n",
        b"connection: close\r\n\r\n",
        _BODY,
    )
)


class Protocol(OneWriteProtocol):
    """Given to uvicorn as `http`."""

    def send_400_response(self, msg: str) -> None:
        self.transport.write(_ANSWER)
        self.transport.close()
