"""Which language and which form a reader wants: `?lang=`, cookie, Accept-Language; Accept."""

import re
from typing import Any

from services.scan.answering.forms import Variant
from shared.web.i18n import LANGUAGE_COOKIE, negotiate

_COOKIE = re.compile(rf"(?:^|;\s*){LANGUAGE_COOKIE}=([a-z]+)".encode())
_ASKED = re.compile(rb"(?:^|&)lang=([a-z]+)(?:&|$)")
_MOST_KEPT = 2_000


class Voice:
    """One language and form, with what was said in it before: answers by address.

    There is one object for each, so that the hot route follows references and compares nothing.
    """

    __slots__ = ("as_json", "json", "ready", "time", "variant")

    def __init__(self, variant: Variant) -> None:
        self.variant = variant
        self.json = variant.json
        self.as_json = self
        self.ready: dict[str, Any] = {}
        # The time that all these answers are true as of, in words.
        self.time = b""


class Negotiator:
    """Browsers send few different headers, so an answer found once is kept."""

    def __init__(self, languages: tuple[str, ...]) -> None:
        self._languages = languages
        self.voices = {
            variant: Voice(variant)
            for variant in (Variant(lang, json) for lang in languages for json in (True, False))
        }
        for variant, voice in self.voices.items():
            voice.as_json = self.voices[Variant(variant.lang, True)]
        self._kept: dict[tuple[bytes | None, bytes | None], Voice] = {}

    def voice(self, headers: dict[bytes, bytes]) -> Voice:
        """By the headers alone."""
        key = (headers.get(b"accept"), headers.get(b"accept-language"))
        found = self._kept.get(key)
        if found is None:
            found = self._negotiate(*key)
        cookie = headers.get(b"cookie")
        if cookie is not None and (chosen := _COOKIE.search(cookie)):
            return self._spoken(found, chosen[1])
        return found

    def asked(self, voice: Voice, query: bytes) -> Voice | None:
        """The voice that `?lang=` asks for; None if it does not."""
        chosen = _ASKED.search(query)
        if chosen is None or chosen[1].decode() not in self._languages:
            return None
        return self._spoken(voice, chosen[1])

    def keep(self, voice: Voice, path: str, entry: Any, most: int) -> None:
        """Hold an answer ready for its address; when there are `most` of them, all go."""
        if sum(len(one.ready) for one in self.voices.values()) >= most:
            for one in self.voices.values():
                one.ready.clear()
        voice.ready[path] = entry

    def _negotiate(self, accept: bytes | None, accept_language: bytes | None) -> Voice:
        if len(self._kept) >= _MOST_KEPT:
            self._kept.clear()
        lang = negotiate((accept_language or b"").decode("latin-1"), self._languages)
        found = self.voices[Variant(lang, wants_json(accept or b""))]
        self._kept[accept, accept_language] = found
        return found

    def _spoken(self, voice: Voice, lang: bytes) -> Voice:
        return self.voices.get(Variant(lang.decode(), voice.json), voice)


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
