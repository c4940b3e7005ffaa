"""Which language and which form a reader wants: `?lang=`, cookie, Accept-Language; Accept."""

import re
from typing import Any

from services.scan.answering.marks import Variant
from shared.web.i18n import LANGUAGE_COOKIE, negotiate

_COOKIE = re.compile(rf"(?:^|;\s*){LANGUAGE_COOKIE}=([a-z]+)".encode())
_ASKED = re.compile(rb"(?:^|&)lang=([a-z]+)(?:&|$)")
_MOST_KEPT = 2_000
_ONE_YEAR = 365 * 24 * 3600

HTML, JSON, LINKSET = b"text/html", b"application/json", b"application/linkset+json"


class Voice:
    """One language and form, with what was said in it before: answers by address.

    There is one object for each, so that the hot route follows references and compares nothing.
    """

    __slots__ = ("as_json", "json", "linkset", "older", "ready", "time", "variant")

    def __init__(self, variant: Variant, linkset: bool = False) -> None:
        self.variant = variant
        # A linkset is wanted of a Digital Link; where there is none, this is JSON.
        self.linkset = linkset
        self.json = variant.json
        self.as_json = self
        # The younger half of them, and the older: whole halves are forgotten.
        self.ready: dict[bytes, Any] = {}
        self.older: dict[bytes, Any] = {}
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
        self._linksets = {lang: Voice(Variant(lang, True), linkset=True) for lang in languages}
        for voice in self._linksets.values():
            voice.as_json = self.voices[voice.variant]
        self._kept: dict[tuple[bytes | None, bytes | None], Voice] = {}
        self._young = 0

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

    def keep(self, voice: Voice, path: bytes, entry: Any, most: int) -> None:
        """Hold an answer ready for its address; of `most` of them the older half goes."""
        if path not in voice.ready:
            self._young += 1
            if self._young > most // 2:
                self._young = 1
                for one in self.voices.values():
                    one.older, one.ready = one.ready, {}
        voice.ready[path] = entry

    def _negotiate(self, accept: bytes | None, accept_language: bytes | None) -> Voice:
        if len(self._kept) >= _MOST_KEPT:
            self._kept.clear()
        lang = negotiate((accept_language or b"").decode("latin-1"), self._languages)
        if wants_linkset(accept or b""):
            found = self._linksets[lang]
        else:
            found = self.voices[Variant(lang, wants_json(accept or b""))]
        self._kept[accept, accept_language] = found
        return found

    def _spoken(self, voice: Voice, lang: bytes) -> Voice:
        if voice.linkset:
            return self._linksets.get(lang.decode(), voice)
        return self.voices.get(Variant(lang.decode(), voice.json), voice)


def wants_json(accept: bytes) -> bool:
    """Whether JSON is preferred to a page; a tie, as of `*/*`, is a page."""
    weights = weights_of(accept)
    return weights.get(JSON, 0.0) > weights.get(HTML, 0.0)


def wants_linkset(accept: bytes) -> bool:
    """Whether a linkset is preferred to a page and to plain JSON (RFC 9264)."""
    weights = weights_of(accept)
    return weights.get(LINKSET, 0.0) > max(weights.get(HTML, 0.0), weights.get(JSON, 0.0))


def weights_of(accept: bytes) -> dict[bytes, float]:
    """What an Accept header (or Accept-Language) names, in small letters, each with its weight."""
    weights: dict[bytes, float] = {}
    for part in accept.lower().split(b","):
        named, _, parameters = part.partition(b";")
        named = named.strip()
        weights[named] = max(weights.get(named, 0.0), _weight(parameters))
    return weights


def _weight(parameters: bytes) -> float:
    for parameter in parameters.split(b";"):
        name, _, value = parameter.strip().partition(b"=")
        if name == b"q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0


def remembering(lang: str) -> tuple[bytes, bytes]:
    """The header by which a language that was chosen is kept."""
    cookie = f"{LANGUAGE_COOKIE}={lang}; Path=/; Max-Age={_ONE_YEAR}; SameSite=Lax"
    return b"set-cookie", cookie.encode()
