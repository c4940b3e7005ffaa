"""Languages: catalogues read at start, negotiation, and the language of the present request."""

from collections.abc import Mapping, Sequence
from contextvars import ContextVar, Token
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from string import Formatter
from typing import Any

from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from shared.errors import Amount, Phrase, Refusal

ROOT = Path(__file__).resolve().parents[2]
SOURCE_LANGUAGE = "vi"
LANGUAGE_COOKIE = "txng_lang"
LANGUAGE_NAMES = {"vi": "Tiếng Việt", "en": "English", "zh": "中文"}
# Where a page must say more than the code: this Chinese is in simplified characters (BCP 47).
LANGUAGE_TAGS = {"zh": "zh-Hans"}


def N_(msgid: str) -> str:  # noqa: N802 -- gettext's own name for a text that is translated later
    """Marks a Vietnamese text where it stands; it is translated where it is shown."""
    return msgid


class _Lenient(Formatter):
    """Fills `{names}`; one without a value stays as it is, for a text must never fail to show."""

    def get_value(self, key: int | str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        if isinstance(key, str) and key in kwargs:
            return kwargs[key]
        return "{" + str(key) + "}"

    def get_field(self, field_name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        # Whole names only: `{user.password}` in a text must not reach into objects.
        return self.get_value(field_name, args, kwargs), field_name


_formatter = _Lenient()


def fill(text: str, params: Mapping[str, Any]) -> str:
    """`text` with its `{names}` filled from `params`; without params it is taken as it stands."""
    return _formatter.vformat(text, (), params) if params else text


class Catalogues:
    """The texts of one service in every language it has; Vietnamese is the source itself."""

    def __init__(self, texts: Mapping[str, Mapping[str, tuple[str, ...]]]) -> None:
        self._texts = texts
        self.languages = (SOURCE_LANGUAGE, *sorted(texts))

    def text(self, msgid: str, lang: str, count: object = None) -> str:
        """The translation, by number where there is a count and the catalogue has a plural."""
        forms = self._texts.get(lang, {}).get(msgid)
        if not forms:
            return msgid
        plural = len(forms) > 1 and count is not None and str(count) != "1"
        return forms[-1] if plural else forms[0]


@lru_cache
def catalogues(service: str | None = None) -> Catalogues:
    """Shared texts overlaid by those of `services/<service>/locale/<lang>.po`."""
    folders = [ROOT / "shared" / "web" / "locale"]
    if service is not None:
        folders.append(ROOT / "services" / service / "locale")
    texts: dict[str, dict[str, tuple[str, ...]]] = {}
    for folder in folders:
        for path in sorted(folder.glob("*.po")):
            texts.setdefault(path.stem, {}).update(_read(path))
    return Catalogues(texts)


def _read(path: Path) -> dict[str, tuple[str, ...]]:
    with path.open("rb") as file:
        catalogue = read_po(file, locale=path.stem)
    found: dict[str, tuple[str, ...]] = {}
    for message in catalogue:
        if not message.id or message.fuzzy:
            continue
        msgid = message.id[0] if isinstance(message.id, (tuple, list)) else message.id
        forms = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
        if all(forms):
            found[msgid] = tuple(str(form) for form in forms)
    return found


@dataclass(frozen=True)
class Speech:
    """The language that this request is answered in, with the catalogues it is taken from."""

    lang: str
    catalogues: Catalogues


_speech: ContextVar[Speech | None] = ContextVar("speech", default=None)


def speak(lang: str, texts: Catalogues) -> Token[Speech | None]:
    """Sets the language of the present request (the language middleware does, once)."""
    return _speech.set(Speech(lang, texts))


def stop_speaking(token: Token[Speech | None]) -> None:
    """Restores what was set before."""
    _speech.reset(token)


def speech() -> Speech:
    """The present request's language; Vietnamese outside a request."""
    return _speech.get() or Speech(SOURCE_LANGUAGE, catalogues())


def language_of() -> str:
    """The present request's language code."""
    return speech().lang


def translate(msgid: str, lang: str | None = None, /, **params: object) -> str:
    """`msgid` in `lang` (default: the request's), its `{names}` filled after the translation."""
    now = speech()
    text = now.catalogues.text(msgid, lang or now.lang, params.get("count"))
    return fill(text, {name: said(value, lang) for name, value in params.items()})


def said(value: object, lang: str | None = None) -> object:
    """A param as it is spoken: phrases and amounts in the language of the text around them."""
    if isinstance(value, (Phrase, Refusal)):
        return translate(value.message, lang, **value.params)
    if isinstance(value, Amount):
        return format_decimal(value.value, "#,##0.###", locale=lang or language_of())
    return value


def worded(vietnamese: str, english: str = "", chinese: str = "", *, lang: str = "") -> str:
    """A text of the data for who reads `lang` (default: the request's language).

    Data has Vietnamese and perhaps English, few things Chinese. What the catalogues know in
    Vietnamese, such as the names of steps and product categories, need not be given in Chinese;
    whoever's language is missing reads English, and Vietnamese where that is missing too.
    """
    return chosen(vietnamese, english, chinese, lang=lang)[0]


def chosen(
    vietnamese: str, english: str = "", chinese: str = "", *, lang: str = ""
) -> tuple[str, str]:
    """The text as `worded` chooses it, and the language it is in."""
    now = speech()
    lang = lang or now.lang
    if lang not in (SOURCE_LANGUAGE, "en"):
        found = chinese or now.catalogues.text(vietnamese, lang)
        if found != vietnamese:
            return found, lang
    if lang != SOURCE_LANGUAGE and english:
        return english, "en"
    return vietnamese, SOURCE_LANGUAGE


def language_tag(lang: str) -> str:
    """The language as `lang`, `hreflang` and `Content-Language` name it."""
    return LANGUAGE_TAGS.get(lang, lang)


def negotiate(header: str, languages: Sequence[str], default: str = SOURCE_LANGUAGE) -> str:
    """The best of `languages` for an Accept-Language header with q-values (RFC 9110, 12.5.4)."""
    best, best_q = default, 0.0
    refused: set[str] = set()
    for tag, q in _ranges(header):
        primary = tag.split("-", 1)[0]
        if q == 0:
            refused.add(primary)
        elif q > best_q:
            found = _match(primary, languages, default, refused)
            if found is not None:
                best, best_q = found, q
    return best


def _match(primary: str, languages: Sequence[str], default: str, refused: set[str]) -> str | None:
    if primary != "*":
        return primary if primary in languages else None
    allowed = [lang for lang in (default, *languages) if lang not in refused]
    return allowed[0] if allowed else None


def _ranges(header: str) -> list[tuple[str, float]]:
    """Language ranges with weights, refusals first; anything malformed is left out."""
    ranges: list[tuple[str, float]] = []
    for part in header[:500].split(","):
        tag, _, parameter = part.strip().lower().partition(";")
        name, _, value = parameter.strip().partition("=")
        try:
            q = float(value) if name.strip() == "q" else 1.0
        except ValueError:
            continue
        if tag.strip() and 0 <= q <= 1:
            ranges.append((tag.strip(), q))
    return sorted(ranges, key=lambda found: found[1] != 0)
