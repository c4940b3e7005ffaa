"""What stands in a shared catalogue as people read it, and what fields are chosen from (R32)."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Final

from services.registry import catalogue
from services.registry.domain.catalogue_fields import Spec, Want
from services.registry.domain.catalogues import step_row
from services.registry.domain.categories import groups
from services.registry.field_words import BIZ_STEPS, field_word
from services.registry.naming import (
    category_name,
    country_name,
    country_options,
    in_language,
    row_name,
    species_name,
)
from shared.web.filters import show_date, show_number
from shared.web.i18n import N_, translate


def options_of(spec: Spec) -> list[tuple[str, str]]:
    """What a field offers to choose from."""
    if spec.want is Want.COUNTRY:
        return country_options()
    if spec.name == "biz_step":
        return [(word, translate(BIZ_STEPS[word])) for word in spec.choices]
    if spec.name == "group":
        return [(one.key, in_language(one)) for one in groups().values()]
    if spec.name == "only":
        return [(word, translate(label)) for word, label in _ONLY.items()]
    if spec.name == "like":
        return [(step, row_name(step_row(step))) for step in spec.choices]
    return [(word, translate(catalogue.CHOICES.get(word, word))) for word in spec.choices]


def said(spec: Spec, text: str, values: Mapping[str, str]) -> str:
    """A field's value as people read it; `values` are those of its whole row."""
    if spec.name == "field":
        return field_word(values.get("record", ""), text)
    if spec.name in ("like", "biz_step", "group", "only"):
        return dict(options_of(spec)).get(text, text)
    if spec.want in _SPOKEN:
        return _SPOKEN[spec.want](text)
    if spec.want is Want.CHOICE:
        return translate(catalogue.CHOICES.get(text, text))
    return text


def _intervals(text: str) -> str:
    """`tea=10; *=14` with the names of the species."""
    found = []
    for part in text.split(";"):
        species, _, days = (one.strip() for one in part.partition("="))
        name = translate(N_("loài khác")) if species == "*" else species_name(species)
        found.append(translate(N_("{species}: {count} ngày"), species=name, count=days))
    return "; ".join(found) if text else ""


def _categories(text: str) -> str:
    return ", ".join(category_name(one.strip()) for one in text.split(",") if one.strip())


def _number(text: str) -> str:
    return show_number(Decimal(text)) if text else ""


def _day(text: str) -> str:
    return show_date(date.fromisoformat(text)) if text else ""


# What a rule may be for: a class of facilities, or a kind of them.
_ONLY: Final[Mapping[str, str]] = {**catalogue.CLASSES, **catalogue.KINDS}
_SPOKEN: Final[Mapping[Want, Callable[[str], str]]] = {
    Want.NUMBER: _number,
    Want.COUNTRY: country_name,
    Want.INTERVALS: _intervals,
    Want.CATEGORIES: _categories,
    Want.DAY: _day,
}
