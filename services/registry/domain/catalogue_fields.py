"""The fields of each shared catalogue, and what may stand in them (R32)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Final

from services.registry.domain.catalogues import OTHER_SPECIES, Catalogue, crops, rows, seed
from shared.errors import Kind, Refusal


class Want(StrEnum):
    """What a field of a catalogue takes."""

    TEXT = "text"
    NUMBER = "number"
    DAY = "day"
    CHOICE = "choice"
    CATEGORIES = "categories"
    INTERVALS = "intervals"
    COUNTRY = "country"


@dataclass(frozen=True, slots=True)
class Spec:
    """One field of a catalogue: `choices` where it takes one of a few words."""

    name: str
    want: Want = Want.TEXT
    required: bool = False
    choices: tuple[str, ...] = ()


# Steps that the program itself knows: what is added is done like one of them.
BASE_STEPS: Final = tuple(seed(Catalogue.STEPS))
# Business steps of the Core Business Vocabulary 2.0 that goods can be told under; "" is `other`.
CBV_STEPS: Final = (
    *("accepting", "arriving", "assembling", "collecting", "commissioning", "consigning"),
    *("decommissioning", "departing", "destroying", "disassembling", "dispensing"),
    *("holding", "inspecting", "killing", "loading", "packing", "picking", "receiving"),
    *("removing", "repackaging", "sampling", "sensor_reporting", "shipping", "stocking"),
    *("storing", "transporting", "unloading", "unpacking"),
)
_TITLES = (Spec("title", required=True), Spec("title_en"))
SPECS: Final[dict[Catalogue, tuple[Spec, ...]]] = {
    Catalogue.UNITS: (
        *_TITLES,
        Spec("many_en"),
        Spec("kilograms", Want.NUMBER),
        Spec("litres", Want.NUMBER),
        Spec("unece"),
    ),
    Catalogue.CATEGORIES: (
        *_TITLES,
        Spec("traceability", Want.CHOICE, True, ("mandatory", "priority", "voluntary")),
        Spec("group", Want.TEXT, True),
    ),
    Catalogue.CROPS: (*_TITLES, Spec("yield_min", Want.NUMBER), Spec("yield_max", Want.NUMBER)),
    Catalogue.SUPPLIES: (
        Spec("title", required=True),
        Spec(
            "kind",
            Want.CHOICE,
            True,
            ("fertiliser", "feed", "pesticide", "veterinary_drug", "chemical"),
        ),
        Spec("active_substance"),
        Spec("dose"),
        Spec("intervals", Want.INTERVALS, True),
    ),
    Catalogue.STEPS: (
        *_TITLES,
        Spec("like", Want.CHOICE, choices=BASE_STEPS),
        Spec("biz_step", Want.CHOICE, choices=CBV_STEPS),
    ),
    Catalogue.CHECKS: (
        *_TITLES,
        Spec("effect", Want.CHOICE, True, ("block", "flag", "off")),
        Spec("limit", Want.NUMBER),
    ),
    Catalogue.REQUIRED: (
        *_TITLES,
        Spec("record", Want.CHOICE, True, ("facility", "product", "growing_area", "lot")),
        Spec("field", Want.TEXT, True),
        Spec("only"),
        Spec("weight", Want.NUMBER, True),
    ),
    Catalogue.GROUPS: (
        *_TITLES,
        Spec("level", Want.CHOICE, True, ("mandatory", "priority")),
        Spec("categories", Want.CATEGORIES, True),
        Spec("since", Want.DAY, True),
        Spec("basis"),
        Spec("roadmap"),
    ),
    Catalogue.COUNTRIES: _TITLES,
    # What an importing country asks of goods of some categories (all where none are named).
    Catalogue.IMPORTS: (
        *_TITLES,
        Spec("country", Want.COUNTRY, True),
        Spec("categories", Want.CATEGORIES),
        Spec("needs", Want.CHOICE, True, ("area", "packing", "both")),
        Spec("effect", Want.CHOICE, True, ("block", "flag", "off")),
        Spec("basis"),
    ),
    # Who answers for a data set, where it comes from, when and how it is renewed (siêu dữ liệu).
    Catalogue.DATASETS: (
        *_TITLES,
        Spec("owner", required=True),
        Spec("source", required=True),
        Spec("update_rule", required=True),
        Spec("quality_rule"),
        Spec("access", Want.CHOICE, True, ("public", "internal", "personal")),
    ),
}


class SpeciesTwice(Refusal):
    code = "species_twice"
    kind = Kind.INVALID
    message = "Một loài được ghi hai lần. Hãy giữ một dòng cho mỗi loài."


class CatalogueValueInvalid(Refusal):
    code = "catalogue_value_invalid"
    kind = Kind.INVALID
    message = "Giá trị chưa đúng. Hãy xem ví dụ ghi dưới ô và nhập lại."


class CatalogueNumberInvalid(CatalogueValueInvalid):
    code = "catalogue_value_invalid"
    message = "Ô này cần một số từ 0 đến 1.000.000, ví dụ 12,5. Hãy nhập lại."


class CatalogueValueMissing(CatalogueValueInvalid):
    code = "catalogue_value_invalid"
    message = "Ô này còn trống. Hãy điền hoặc chọn một giá trị."


def canonical(spec: Spec, text: str) -> str:
    """A value as it is kept; raises a CatalogueValueInvalid at its field."""
    text = text.strip()
    if not text and not spec.required:
        return ""
    if not text:
        raise CatalogueValueMissing(spec.name)
    if not _FITS.get(spec.want, _anything)(spec, text):
        wrong = CatalogueNumberInvalid if spec.want is Want.NUMBER else CatalogueValueInvalid
        raise wrong(spec.name)
    if spec.want is Want.INTERVALS:
        return _intervals(spec, text)
    return text.replace(",", ".") if spec.want is Want.NUMBER else text


def _anything(_: Spec, __: str) -> bool:
    return True


def _is_number(_: Spec, text: str) -> bool:
    try:
        return 0 <= Decimal(text.replace(",", ".")) <= 1_000_000
    except InvalidOperation:
        return False


def _is_day(_: Spec, text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _are_categories(_: Spec, text: str) -> bool:
    known = rows(Catalogue.CATEGORIES)
    return all(one.strip() in known for one in text.split(","))


def _intervals(spec: Spec, text: str) -> str:
    """Spelled in one way; a species that is named twice would have two intervals."""
    parts = [[one.strip() for one in part.split("=")] for part in text.split(";")]
    if len({species for species, _ in parts}) < len(parts):
        raise SpeciesTwice(spec.name)
    return "; ".join(f"{species}={int(days)}" for species, days in parts)


def _are_intervals(_: Spec, text: str) -> bool:
    return all(_is_interval(part) for part in text.split(";"))


def _is_interval(part: str) -> bool:
    crop, equals, days = (one.strip() for one in part.partition("="))
    known = crop == OTHER_SPECIES or crop in crops()
    return bool(equals) and known and days.isdecimal() and int(days) <= 3650


_FITS: Final[Mapping[Want, Callable[[Spec, str], bool]]] = {
    Want.NUMBER: _is_number,
    Want.DAY: _is_day,
    Want.CHOICE: lambda spec, text: text in spec.choices,
    Want.CATEGORIES: _are_categories,
    Want.COUNTRY: lambda _, text: text in rows(Catalogue.COUNTRIES),
    Want.INTERVALS: _are_intervals,
}
