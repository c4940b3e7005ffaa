"""Records as rows of a sheet: what an export writes, and an import reads back as the same."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from services.registry.domain.records import Aggregate, Record
from services.registry.facility_inputs import CertificateInput
from services.registry.sheets import area_rows, boundaries, diary_rows, parties
from services.registry.sheets.column import ROWS, Column
from services.registry.sheets.facility_columns import CERTIFICATES
from services.registry.sheets.given import given


def cells_of(
    aggregate: Aggregate,
    record: Record[Any],
    columns: Sequence[Column],
    more: Mapping[str, Any],
    *,
    apart: bool = False,
) -> list[Any]:
    """The row that tells of a record; `more` holds what others know (its facility's code).

    `apart`: rows within a cell are a list, for a sheet of their own, and no text.
    """
    known = _exported(aggregate, record)
    known.update(more)
    return [
        _rows(column, known.get(column.field), apart=apart)
        if column.shape == ROWS
        else given(column, known.get(column.field))
        for column in columns
    ]


def _rows(column: Column, values: Any, *, apart: bool) -> Any:
    rows = [
        [given(inner, getattr(one, inner.field)) for inner in column.rows] for one in values or ()
    ]
    return rows if apart and column.sheet else given(column, rows)


def _exported(aggregate: Aggregate, record: Record[Any]) -> dict[str, Any]:
    it = record.content
    found = {one.name: getattr(it, one.name) for one in fields(it)}
    if aggregate is Aggregate.GROWING_AREA:
        found["official_code"] = it.code
        found.update(area_rows.cells_of(it.seasons, it.markets))
        found[boundaries.FIELD], found[boundaries.REST] = boundaries.to_cells(it.boundary)
    if aggregate is Aggregate.PRODUCT:
        found.update(parties.cells_of(it.chain))
    if aggregate is Aggregate.LOT:
        found["stages"] = len(it.entries)
        found["diary"] = tuple(map(diary_rows.shown, it.entries))
        found["lot_code"] = it.code
        found["inputs"] = ()
    for number, one in enumerate(found.get("certificates", ())[:CERTIFICATES]):
        for name in CertificateInput.model_fields:
            found[f"certificates.{number}.{name}"] = getattr(one, name, None)
    found.update(code=record.code, facility=record.owner.code, facility_name=record.owner.name)
    return found
