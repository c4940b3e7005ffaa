"""The form of a proposed row: its catalogue's own fields; species and groups are chosen by name.

A row keeps them as keys in one text (`tea=10; *=14`, `oyster, clam`), as programs send them.
"""

import re
from datetime import date
from functools import cache
from typing import Annotated, Any, Final

from pydantic import Field, create_model

from services.registry.domain.catalogue_fields import (
    SPECS,
    CatalogueValueInvalid,
    Spec,
    Want,
)
from services.registry.domain.catalogues import Catalogue, Row, all_rows, crops
from services.registry.domain.categories import groups
from services.registry.domain.words import fold
from services.registry.field_words import BETWEEN, FIELDS
from services.registry.inputs import OptionalId, Reason
from services.registry.naming import in_language, species_name
from shared.web.fields import Input
from shared.web.i18n import N_, translate

MAX_ROWS: Final = 60
EVERY_OTHER: Final = "*"
REQUIRED: Final = Catalogue.REQUIRED
_KEY_LENGTH: Final = 40


class ChangeForm(Input):
    """A proposed row; the catalogue's own fields are added by `model_of`.

    Without a `row_key` a new row gets one that follows from its name.
    """

    row_key: Annotated[str, Field(max_length=_KEY_LENGTH)] = ""
    valid_from: date
    retired: bool = False
    reason: Reason
    id: OptionalId = ""


class IntervalRow(Input):
    """After so many days goods of a species may be harvested; `*` is every other species."""

    species: Annotated[str, Field(min_length=1, max_length=_KEY_LENGTH)]
    days: Annotated[int, Field(ge=0, le=3650)]


@cache
def model_of(which: Catalogue) -> type[ChangeForm]:
    fields: dict[str, Any] = {spec.name: _asked(spec) for spec in asked_of(which)}
    return create_model(f"{which.name.title()}Form", __base__=ChangeForm, **fields)


def asked_of(which: Catalogue) -> list[Spec]:
    """The fields of the form: a kind of record and its field are chosen as one."""
    return [spec for spec in SPECS[which] if which is not REQUIRED or spec.name != "record"]


def _asked(spec: Spec) -> tuple[Any, Any]:
    least = 1 if spec.required else 0
    several = Field(min_length=least, max_length=MAX_ROWS)
    match spec.want:
        case Want.INTERVALS:
            return (Annotated[tuple[IntervalRow, ...], several], ... if least else ())
        case Want.CATEGORIES:
            keys = tuple[Annotated[str, Field(max_length=_KEY_LENGTH)], ...]
            return (Annotated[keys, several], ... if least else ())
        case _ if spec.required:
            return (Annotated[str, Field(min_length=1, max_length=400)], ...)
        case _:
            return (Annotated[str, Field(max_length=400)], "")


def opened(which: Catalogue, row: Row | None) -> dict[str, Any]:
    """The values of a row as the form has them."""
    if row is None:
        return {}
    found: dict[str, Any] = dict(row.values)
    for spec in SPECS[which]:
        if spec.want is Want.CATEGORIES:
            found[spec.name] = row.list(spec.name)
        elif spec.want is Want.INTERVALS:
            parts = [part.partition("=") for part in row.values[spec.name].split(";")]
            found[spec.name] = [
                {"species": species.strip(), "days": days.strip()} for species, _, days in parts
            ]
    if which is REQUIRED:
        found["field"] = f"{found.pop('record')}{BETWEEN}{found['field']}"
    return found


def values_of(which: Catalogue, sent: ChangeForm) -> dict[str, str]:
    """What was chosen and typed, as a row keeps it."""
    found = {spec.name: _kept(getattr(sent, spec.name)) for spec in asked_of(which)}
    if which is REQUIRED:
        record, _, field = found["field"].partition(BETWEEN)
        if record not in FIELDS:
            raise CatalogueValueInvalid("field")
        found |= {"record": record, "field": field}
    return found


def _kept(value: Any) -> str:
    if isinstance(value, str):
        return value
    parts = [f"{p.species}={p.days}" if isinstance(p, IntervalRow) else str(p) for p in value]
    rows = any(isinstance(part, IntervalRow) for part in value)
    return ("; " if rows else ", ").join(parts)


def key_of(which: Catalogue, sent: ChangeForm) -> str:
    """The key of a new row: as it was typed, or its name without diacritics, and one of its own."""
    if sent.row_key:
        return sent.row_key
    name = "-".join(re.findall(r"[a-z0-9]+", fold(getattr(sent, "title", ""))))
    start = name[: _KEY_LENGTH - 4].strip("-") or which.value
    known = all_rows(which)
    numbered = (f"{start}-{number}" for number in range(2, len(known) + 3))
    return start if start not in known else next(one for one in numbered if one not in known)


def species_options() -> list[tuple[str, str]]:
    others = (EVERY_OTHER, translate(N_("mọi loài khác")))
    return [*((key, species_name(key)) for key in crops()), others]


def category_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Categories within their groups."""
    return [
        (in_language(group), [(one.key, in_language(one)) for one in group.categories])
        for group in groups().values()
    ]
