"""What a request to the resolver wants, and what is answered."""

from urllib.parse import quote

import msgspec
from starlette.types import Scope

from services.scan.answering.forms import Headers, spoken
from services.scan.answering.negotiate import HTML, Negotiator, Voice, remembering, weights_of
from services.scan.answering.request_ids import request_id
from services.scan.resolving import linkset

# What may stand in a Location header as it was sent.
_SENT = "%:/?#[]@!$&'()*+,;=~"


def sent(address: str) -> bytes:
    """An address as a header may hold it."""
    return quote(address, safe=_SENT).encode()


class Answer(msgspec.Struct):
    """What leaves: a status, headers beside those of every answer, a body."""

    status: int
    headers: Headers
    body: bytes = b""
    media: bytes = b""


class Asked:
    """One request: what it wants in which form and language."""

    def __init__(self, scope: Scope, negotiator: Negotiator) -> None:
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        self.query = scope["query_string"].decode("latin-1")
        voice = negotiator.voice(self.headers)
        chosen = negotiator.asked(voice, scope["query_string"])
        self.voice: Voice = chosen or voice
        self.lang = self.voice.variant.lang
        # What a page says beside its content: its language, and to remember one that was chosen.
        self.spoken: Headers = (spoken(self.lang), *([remembering(self.lang)] if chosen else ()))
        self.accept = self.headers.get(b"accept", b"")
        self.languages = self.headers.get(b"accept-language", b"")
        _, self.request_id = request_id(self.headers)

    @property
    def machine(self) -> bool:
        """Whether data are preferred to a page."""
        weights = weights_of(self.accept)
        data = (linkset.MEDIA_TYPE, b"application/ld+json", b"application/json")
        return max(weights.get(kind, 0.0) for kind in data) > weights.get(HTML, 0.0)

    def passed_on(self, address: str) -> bytes:
        """`address` with what the request says in its query, but for what was meant for us."""
        parts = self.query.split("&") if self.query else []
        rest = "&".join(part for part in parts if not part.startswith("linkType="))
        joint = "&" if "?" in address else "?"
        return sent(f"{address}{joint}{rest}" if rest else address)
