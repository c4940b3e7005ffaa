"""What records hold as people read it: names by key, texts in the language of the page."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from services.registry import catalogue
from services.registry.domain.catalogues import Catalogue, Row, all_rows, rows, step_row
from services.registry.domain.categories import categories
from services.registry.domain.certificates import Certificate
from services.registry.domain.communes import commune_name
from services.registry.domain.diary import Step
from services.registry.domain.facility import Facility
from services.registry.domain.words import fold
from shared.web.filters import show_number
from shared.web.i18n import translate, worded


def row_name(row: Row) -> str:
    return worded(row.name, row.name_en)


def unit_name(key: str, count: Decimal | float | str | None = None) -> str:
    """A unit as people read it, alone or after a number (`count`), which in English tells one crate
    from many crates; the key itself where no catalogue knows it."""
    row = all_rows(Catalogue.UNITS).get(key)
    if row is None:
        return translate(key)
    many = count is not None and Decimal(str(count)) != 1
    return worded(row.name, (many and row.values.get("many_en")) or row.name_en)


def amount(quantity: Decimal, unit: str) -> str:
    """`15 crates`, in the language of the page."""
    return f"{show_number(quantity)} {unit_name(unit, quantity)}"


def unit_options() -> list[tuple[str, str]]:
    """The units in use, as selects take them."""
    return [(key, row_name(row)) for key, row in rows(Catalogue.UNITS).items()]


def species_name(key: str) -> str:
    row = all_rows(Catalogue.CROPS).get(key)
    return row_name(row) if row is not None else key


def country_name(code: str) -> str:
    """An importing country by its ISO code; what is no code is words already."""
    row = all_rows(Catalogue.COUNTRIES).get(code)
    return row_name(row) if row is not None else code


def certificate_name(one: Certificate) -> str:
    """What a paper is called: by its kind, or by its own name where it is of none of them."""
    known = translate(catalogue.CERTIFICATES.get(one.kind, one.kind))
    return one.title if one.kind == "other" and one.title else known


def country_options() -> list[tuple[str, str]]:
    return [(key, row_name(row)) for key, row in rows(Catalogue.COUNTRIES).items()]


def step_name(step: Step, variant: str = "") -> str:
    return row_name(step_row(step, variant))


def labels_of(which: Catalogue) -> Callable[[], Mapping[str, str]]:
    """The Vietnamese names of the rows in use by key, looked up when they are asked for."""
    return lambda: {key: row.name for key, row in rows(which).items()}


def in_language(content: Any, field: str = "name") -> str:
    """A text in the reader's language, as far as it was given in it."""
    return worded(getattr(content, field), getattr(content, f"{field}_en", ""))


def category_name(key: str) -> str:
    found = categories().get(key)
    return in_language(found) if found is not None else key


def gtin_text(gtin: str) -> str:
    """A GTIN as it stands below the bars: 13 digits, unless it is one of 14."""
    return gtin[1:] if gtin.startswith("0") else gtin


def full_address(facility: Facility) -> str:
    """The address with its commune, unless it names it already."""
    commune = commune_name(facility.commune)
    named = fold(commune) in fold(facility.address)
    return facility.address if named else f"{facility.address}, {commune}"
