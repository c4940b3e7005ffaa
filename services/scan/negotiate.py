"""Which language and which form a reader wants: `?lang=`, cookie, Accept-Language; Accept."""

import re

from services.scan.forms import Variant
from shared.web.i18n import LANGUAGE_COOKIE, negotiate

_COOKIE = re.compile(rf"(?:^|;\s*){LANGUAGE_COOKIE}=([a-z]+)".encode())
_ASKED = re.compile(rb"(?:^|&)lang=([a-z]+)(?:&|$)")
_MOST_KEPT = 2_000


class Negotiator:
    """Browsers send few different headers, so an answer found once is kept."""

    def __init__(self, languages: tuple[str, ...]) -> None:
        self._languages = languages
        self._kept: dict[tuple[bytes, bytes], Variant] = {}

    def variant(self, headers: dict[bytes, bytes]) -> Variant:
        """By the headers alone."""
        key = (headers.get(b"accept", b""), headers.get(b"accept-language", b""))
        found = self._kept.get(key)
        if found is None:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            lang = negotiate(key[1].decode("latin-1"), self._languages)
            found = self._kept[key] = Variant(lang, wants_json(key[0]))
        cookie = headers.get(b"cookie")
        if cookie is not None and (chosen := _COOKIE.search(cookie)):
            return self._spoken(found, chosen[1])
        return found

    def asked(self, variant: Variant, query: bytes) -> Variant | None:
        """The variant that `?lang=` asks for; None if it does not."""
        chosen = _ASKED.search(query)
        if chosen is None or chosen[1].decode() not in self._languages:
            return None
        return self._spoken(variant, chosen[1])

    def _spoken(self, variant: Variant, lang: bytes) -> Variant:
        name = lang.decode()
        return Variant(name, variant.json) if name in self._languages else variant


def wants_json(accept: bytes) -> bool:
    """Whether JSON is preferred to a page; a tie, as of `*/*`, is a page."""
    weights = {b"application/json": 0.0, b"text/html": 0.0}
    for part in accept.lower().split(b","):
        media, _, parameters = part.partition(b";")
        if (media := media.strip()) in weights:
            weights[media] = max(weights[media], _weight(parameters))
    return weights[b"application/json"] > weights[b"text/html"]


def _weight(parameters: bytes) -> float:
    for parameter in parameters.split(b";"):
        name, _, value = parameter.strip().partition(b"=")
        if name == b"q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0
