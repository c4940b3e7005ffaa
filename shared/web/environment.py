"""The Jinja2 environment of one service: its own templates over the shared ones."""

from collections.abc import MutableMapping
from functools import lru_cache
from typing import Any, Final

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from shared.web.filters import FILTERS, show_number
from shared.web.i18n import (
    LANGUAGE_NAMES,
    ROOT,
    SOURCE_LANGUAGE,
    Catalogues,
    chosen,
    fill,
    language_tag,
    said,
    speech,
    translate,
    worded,
)
from shared.web.static_files import static_url

# Of texts as they stand so many are kept, in all languages: more than any service has.
MOST_TEXTS: Final = 16_384


class _Environment(Environment):
    """Jinja looks at all globals for every page and import; it keeps them as a chain of mappings,
    which takes as long as a small page. What is to be global is told before a template is read."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return {**self.globals, **(d or {})}


def make_environment(service: str) -> Environment:
    """Autoescaping, undefined names are errors, texts in the language of the request."""
    environment = _Environment(
        loader=ChoiceLoader(
            [
                FileSystemLoader(ROOT / "services" / service / "templates"),
                FileSystemLoader(ROOT / "shared" / "web" / "templates"),
            ]
        ),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do", "jinja2.ext.loopcontrols"],
    )
    environment.filters.update(FILTERS, vietnamese=vietnamese)
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        _gettext, _ngettext, newstyle=False
    )
    environment.globals.update(
        _=_translated,
        in_its_language=in_its_language,
        lang_vi=_lang_vi,
        worded=worded,
        language_names=LANGUAGE_NAMES,
        language_tag=language_tag,
        static_url=static_url,
    )
    return environment


def _translated(msgid: str, /, **params: Any) -> Markup:
    """`_("… {name}", name=…)`: both the text and the values are escaped.

    Values that are Markup already (a link in a sentence) pass through as they are. `count`
    chooses the plural and is shown as a number of the language. A Phrase is translated itself.
    """
    now = speech()
    if not params:
        return _as_it_stands(now.catalogues, now.lang, msgid)
    text = str(escape(now.catalogues.text(msgid, now.lang, params.get("count"))))
    if isinstance(params.get("count"), int):
        params["count"] = show_number(params["count"])
    return Markup(fill(text, {name: escape(said(value)) for name, value in params.items()}))  # noqa: S704


@lru_cache(MOST_TEXTS, typed=True)  # Markup is equal to the text that has to be escaped.
def _as_it_stands(texts: Catalogues, lang: str, msgid: str) -> Markup:
    """Most texts of a page have nothing to be filled in, and are the same every time."""
    return escape(texts.text(msgid, lang))


def in_its_language(vietnamese: str, english: str = "", chinese: str = "") -> Markup:
    """`worded` for running text: marked with its language where that is not the page's, so that
    it is read aloud and broken into lines as what it is (WCAG 3.1.2)."""
    text, lang = chosen(vietnamese, english, chinese)
    if lang == speech().lang:
        return escape(text)
    return Markup('<span lang="{}">{}</span>').format(language_tag(lang), text)


def vietnamese(value: Any) -> Any:
    """A text that the data has in Vietnamese alone, marked so on pages of other languages: names,
    addresses, what a facility wrote. What is empty, or marked already, stays as it is."""
    if not value or isinstance(value, Markup) or speech().lang == SOURCE_LANGUAGE:
        return value
    return Markup('<span lang="{}">{}</span>').format(SOURCE_LANGUAGE, value)


def _lang_vi() -> Markup:
    """The attribute that says so of a whole element, where the page speaks another language."""
    if speech().lang == SOURCE_LANGUAGE:
        return Markup()
    return Markup(' lang="{}"').format(SOURCE_LANGUAGE)


def _gettext(msgid: str) -> str:
    return translate(msgid)


def _ngettext(singular: str, plural: str, count: int) -> str:
    now = speech()
    found = now.catalogues.text(singular, now.lang, count)
    if found != singular:
        return found
    return singular if count == 1 else plural
