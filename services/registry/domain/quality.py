"""How complete a record is (R32): which mandatory fields it holds, by the catalogue of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from hashlib import sha256
from typing import Any, Final

from services.registry.domain.catalogues import Catalogue, Row, rows
from services.registry.domain.facility import Facility
from services.registry.domain.growing_area import GrowingArea
from services.registry.domain.lot import Lot
from services.registry.domain.product import Product

CONTENTS: Final[Mapping[str, type[Any]]] = {
    "facility": Facility,
    "product": Product,
    "growing_area": GrowingArea,
    "lot": Lot,
}


def _paper_holds(it: Facility, today: date) -> bool:
    """One that ran out is as good as none, and so is one whose end nobody knows."""
    return any(one.valid_on(today) and not one.end_missing for one in it.certificates)


def _diary_holds(it: Lot, _: date) -> bool:
    return bool(it.entries or it.area_entries)


def _origin_holds(it: Lot, _: date) -> bool:
    """Where the goods come from: an area, other lots, or a step that names boat or seller."""
    return bool(it.growing_area_id or it.inputs or any(e.vehicle or e.source for e in it.entries))


# Grows with the program's own rules, so that all records are judged anew.
JUDGED: Final = 2
# What a mandatory field asks for where more than the field of that name has to be looked at.
_JUDGES: Final[Mapping[tuple[str, str], Callable[[Any, date], bool]]] = {
    ("facility", "certificates"): _paper_holds,
    ("lot", "diary"): _diary_holds,
    ("lot", "origin"): _origin_holds,
}


@dataclass(frozen=True, slots=True)
class Quality:
    """`percent` is the weight of what is there, 0 to 100; `missing` the rows of what is not."""

    percent: int
    missing: tuple[Row, ...]


def known_fields(record: str) -> frozenset[str]:
    """What can be made mandatory for a kind of record."""
    judged_apart = {field for kind, field in _JUDGES if kind == record}
    return frozenset(field.name for field in fields(CONTENTS[record])) | judged_apart


def basis(today: date) -> str:
    """What scores follow from beside the records: another one, and they must be computed anew."""
    rules = sorted((row.key, sorted(row.values.items())) for row in _rules())
    return f"{today.isoformat()} {sha256(repr((JUDGED, rules)).encode()).hexdigest()[:16]}"


def judged(content: Any, today: date) -> Quality:
    """The quality of a record's content as it is on a day: papers run out."""
    record = next(name for name, kind in CONTENTS.items() if isinstance(content, kind))
    about = {content.facility_class, *content.kinds} if isinstance(content, Facility) else set()
    wanted = _wanted(record, about)
    missing = tuple(
        row for row in wanted if not _holds(content, record, row.values["field"], today)
    )
    whole = sum(_weight(row) for row in wanted)
    lost = sum(_weight(row) for row in missing)
    return Quality(round(100 * (whole - lost) / whole) if whole else 100, missing)


def _rules() -> list[Row]:
    return list(rows(Catalogue.REQUIRED).values())


def _wanted(record: str, about: set[str]) -> list[Row]:
    """The rows for a kind of record; `only` names one class or kind that a row is for."""
    return [
        row
        for row in _rules()
        if row.values["record"] == record
        and (not row.values.get("only") or row.values["only"] in about)
    ]


def _holds(content: Any, record: str, field: str, today: date) -> bool:
    judge = _JUDGES.get((record, field))
    if judge is not None:
        return judge(content, today)
    # A field that the program does not know cannot be missed by anybody.
    return getattr(content, field, True) not in ("", None, ())


def _weight(row: Row) -> float:
    return float(row.number("weight") or 0)
