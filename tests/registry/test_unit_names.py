"""What units are called after a number: in English one crate and fifteen crates."""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from services.registry.domain.catalogues import Catalogue, Row, install, seed
from services.registry.naming import unit_name
from shared.web.i18n import catalogues, speak, stop_speaking


@pytest.fixture(autouse=True)
def seeds_alone() -> Iterator[None]:
    yield
    install([])


def said(lang: str, key: str, count: Decimal | float | str | None = None) -> str:
    token = speak(lang, catalogues("registry"))
    try:
        return unit_name(key, count)
    finally:
        stop_speaking(token)


@pytest.mark.parametrize(
    ("count", "name"),
    [
        *(
            (None, "crate"),
            (1, "crate"),
            (Decimal("1.000"), "crate"),
            ("1", "crate"),
            (1.0, "crate"),
        ),
        *((0, "crates"), (15, "crates"), (Decimal("0.5"), "crates"), ("2.25", "crates")),
    ],
)
def test_in_english_a_number_decides(count: Decimal | float | str | None, name: str) -> None:
    assert said("en", "thùng", count) == name


def test_other_languages_and_symbols_know_one_form() -> None:
    assert said("vi", "thùng", 15) == "thùng"
    assert said("zh", "thùng", 15) == said("zh", "thùng", 1) == "箱"
    assert said("en", "kg", 15) == "kg"
    assert said("en", "con", 15) == "head"


def test_a_unit_that_was_approved_without_a_plural_keeps_its_name() -> None:
    values = {"title": "sọt", "title_en": "basket"}
    install([Row(Catalogue.UNITS, "sot", values)])
    assert said("en", "sot", 15) == "basket"
    install([Row(Catalogue.UNITS, "sot", {**values, "many_en": "baskets"})])
    assert said("en", "sot", 15) == "baskets"
    assert said("en", "unheard of", 15) == "unheard of"


def test_what_is_counted_by_the_piece_has_a_plural() -> None:
    alike = {"kg", "g", "ml", "yến", "con"}  # Symbols, and "fifteen head".
    assert {key for key, row in seed(Catalogue.UNITS).items() if not row.values.get("many_en")} == (
        alike
    )
