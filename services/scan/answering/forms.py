"""Answers with three holes: all of a page or a JSON verdict but time, number of scans and code."""

import base64
import hashlib
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from jinja2 import Environment

from services.scan.answering import scans
from services.scan.answering.frames import VOCABULARY, Frames
from services.scan.answering.marks import Variant, of_form
from services.scan.answering.spoken import Heard, heard_of
from services.scan.answering.styling import style
from services.scan.domain.often import FEW, Scanned
from services.scan.domain.verdict import Case, Judgement
from services.scan.knowing.cache import Bounded
from services.scan.knowing.scanner import Known
from shared.days import VIETNAM
from shared.stampcode import group
from shared.web.environment import make_environment
from shared.web.i18n import N_, Catalogues, catalogues, language_tag, speak, stop_speaking
from shared.web.onewrite import laid_out

SERVICE = "scan"
NEVER_CONFIRMED = N_("chưa lần nào từ khi máy chủ khởi động")

# The time a verdict is true as of, to the second, as each language writes it.
_MOMENTS = {
    "vi": "%H:%M:%S %d/%m/%Y",
    "en": "%H:%M:%S, %d %b %Y",
    "zh": "%Y年%m月%d日 %H:%M:%S",
}

Headers = tuple[tuple[bytes, bytes], ...]

_ALWAYS: Headers = (
    (b"cache-control", b"no-store"),
    (b"vary", b"Accept, Accept-Language, Cookie"),
    (b"x-content-type-options", b"nosniff"),
)

# What every answer to a Digital Link says (GS1 Resolver 1.2): any page may read it, and the same
# address with this query gives its links.
LINKED: Headers = (
    (b"link", b'<?linkType=linkset>; rel="linkset"; type="application/linkset+json"'),
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"Link"),
)


class Form(NamedTuple):
    """The answer is `head + time + after_time + scans + middle + code + tail`.

    `start` are the status line and the headers as they are sent; `size` is without the holes. Where
    the page also links by the code to what the log says of the stamp, and to the form to report a
    problem, `between` is what lies before the code in each link: what fills the hole then holds all
    of it (`code_text`).
    """

    headers: Headers
    start: bytes
    size: int
    head: bytes
    after_time: bytes
    middle: bytes
    tail: bytes
    between: tuple[bytes, ...] = ()


class Forms:
    """Renders each thing that can be said once per content, language and form, and keeps it.

    The key is made of the versions of everything shown, so nothing has to be thrown away when
    something changes: what changed has another key.
    """

    def __init__(self, kept: int) -> None:
        self._catalogues: Catalogues = catalogues(SERVICE)
        self._templates: Environment = make_environment(SERVICE)
        self._templates.globals.update(VOCABULARY)
        self._style = style()
        self._kept: Bounded[Form] = Bounded(kept)
        self._frames = Frames(kept, self.page, self.say)
        # What is said of nearly all stamps' scans.
        self._few: dict[Variant, bytes] = {}
        self.languages = self._catalogues.languages
        self.rendered = 0
        self.page_headers = page_headers(self._style)
        self.media_headers = page_headers(self._style, media=True)

    def of(self, known: Known, confirmed: bool, variant: Variant, linked: bool = False) -> Form:
        """The form of what is known, from the answers made before wherever possible; `linked` if it
        is asked for by a Digital Link, whose answers say where their links are."""
        judgement = known.confirmed if confirmed else known.unconfirmed
        asked = (confirmed, variant, linked)
        # The key alone: what is known outlives the forms, of which only so many are kept.
        key = known.keys.get(asked)
        if key is None:
            key = known.keys[asked] = of_form(known.case, judgement, *asked)
        form = self._kept.get(key)
        if form is None:
            added = LINKED if linked else ()
            form = self._make(known.case, judgement, confirmed, variant, added)
            self._kept.put(key, form)
        return form

    def page(self, template: str, lang: str, **context: Any) -> bytes:
        """Any other page in the same dress."""
        token = speak(lang, self._catalogues)
        try:
            html = self._templates.get_template(template).render(
                lang=lang, languages=self.languages, style=self._style, **context
            )
        finally:
            stop_speaking(token)
        return html.encode()

    def say(self, msgid: str, lang: str) -> str:
        return self._catalogues.text(msgid, lang)

    def time_text(self, moment: datetime | None, variant: Variant) -> bytes:
        """What fills the time hole."""
        if variant.json:
            return f'"{moment:%Y-%m-%dT%H:%M:%SZ}"'.encode() if moment else b"null"
        if moment is None:
            return self.say(NEVER_CONFIRMED, variant.lang).encode()
        local = moment.astimezone(VIETNAM)
        return local.strftime(_MOMENTS.get(variant.lang, _MOMENTS["en"])).encode()

    def scans_text(self, scanned: Scanned, variant: Variant) -> bytes:
        """What fills the hole for the number of scans; on a page nothing where nobody can say."""
        text = self._few.get(variant) if scanned is FEW else None
        if text is None:
            say = self.say
            text = scans.json(scanned) if variant.json else scans.words(scanned, variant.lang, say)
            if scanned is FEW:
                self._few[variant] = text
        return text

    def code_text(self, code: str, variant: Variant, between: tuple[bytes, ...] = ()) -> bytes:
        """What fills the code hole; `code` is in canonical spelling."""
        read = (code if variant.json else group(code)).encode()
        if not between:
            return read
        plain = code.encode()
        return read + b"".join([part + plain for part in between])

    def _make(
        self,
        case: Case | None,
        judgement: Judgement,
        confirmed: bool,
        variant: Variant,
        added: Headers,
    ) -> Form:
        self.rendered += 1
        heard = Heard() if variant.json else heard_of(case, variant.lang)
        frame = self._frames.of(case, judgement, confirmed, variant, heard)
        filled = frame.filled(self._frames.of_lot(case, variant, heard))
        if variant.json:
            headers = json_headers()
        else:
            headers = self.media_headers if frame.plays or heard.lot else self.page_headers
        return _form((*headers, spoken(variant.lang), *added), filled, frame.between)


def _form(headers: Headers, around: Sequence[bytes], between: tuple[bytes, ...] = ()) -> Form:
    """`around` are the four pieces around the three holes."""
    head, after_time, middle, tail = around
    size = sum(map(len, around))
    return Form(headers, _start(headers), size, head, after_time, middle, tail, between)


@lru_cache(256)
def _start(headers: Headers) -> bytes:
    """There are few different ones, so all forms together hold each but once."""
    return laid_out(200, headers)


def page_headers(page_style: str, *, media: bool = False) -> Headers:
    """The policy allows the one style sheet by its hash, own pictures, and nothing else; `media`
    also own video and sound, on the pages that have any."""
    digest = hashlib.sha256(page_style.encode()).digest()
    source = f"sha256-{base64.b64encode(digest).decode()}"
    played = "media-src 'self'; " if media else ""
    policy = (
        f"default-src 'none'; style-src '{source}'; img-src 'self'; {played}base-uri 'none';"
        " form-action 'self'; frame-ancestors 'none'"
    )
    return (
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-security-policy", policy.encode()),
        (b"referrer-policy", b"no-referrer"),
        *_ALWAYS,
    )


def spoken(lang: str) -> tuple[bytes, bytes]:
    """The header that names the language of the answer."""
    return b"content-language", language_tag(lang).encode()


def json_headers(media_type: bytes = b"application/json") -> Headers:
    return ((b"content-type", media_type), *_ALWAYS)
