"""The columns of templates, imports and exports: one table for each sort of row."""

from collections.abc import Mapping
from functools import cache
from typing import Final

from services.registry.domain.imports import Listed, Sort
from services.registry.domain.records import Aggregate
from services.registry.domain.words import fold
from services.registry.sheets.area_columns import GROWING_AREA
from services.registry.sheets.column import Column
from services.registry.sheets.facility_columns import FACILITY, KNOWN
from services.registry.sheets.lot_columns import LOT
from services.registry.sheets.product_columns import PRODUCT

COLUMNS: Final[Mapping[Sort, tuple[Column, ...]]] = {
    Aggregate.FACILITY: FACILITY,
    Aggregate.PRODUCT: PRODUCT,
    Aggregate.GROWING_AREA: GROWING_AREA,
    Aggregate.LOT: LOT,
    Listed.KNOWN: KNOWN,
}
# What can be imported, facilities first: what follows names theirs.
IMPORTED: Final[tuple[Sort, ...]] = (
    Aggregate.FACILITY,
    Listed.KNOWN,
    Aggregate.PRODUCT,
    Aggregate.GROWING_AREA,
    Aggregate.LOT,
)
# Fields that a column calls otherwise, because `code` is the record's own.
RENAMED: Final[Mapping[Sort, Mapping[str, str]]] = {
    Aggregate.GROWING_AREA: {"official_code": "code"},
    Aggregate.LOT: {
        "lot_code": "code",
        "product": "product_id",
        "area": "growing_area_id",
        "inputs": "used",
        "step": "entries",
    },
}


@cache
def by_header(sort: Sort) -> Mapping[str, Column]:
    """Columns by their folded header and by the domain's name."""
    found = {}
    for column in COLUMNS[sort]:
        found[_plain(column.header)] = column
        found[_plain(column.field)] = column
    return found


def column_of(sort: Sort, header: str) -> Column | None:
    """The column a header names; a star that marks required ones does not matter."""
    return by_header(sort).get(_plain(header))


def _plain(header: str) -> str:
    return " ".join(fold(header.replace("*", " ")).split())
