"""Rows of a sheet and contents of records: what a row makes of one."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date
from typing import Any

from pydantic import ValidationError

from services.registry.domain.chain import Party
from services.registry.domain.facility import Facility
from services.registry.domain.geometry import Boundary, contradicts
from services.registry.domain.growing_area import GrowingArea
from services.registry.domain.lot import Lot
from services.registry.domain.product import Product
from services.registry.domain.records import Aggregate
from services.registry.facility_inputs import FacilityFields
from services.registry.inputs import GrowingAreaFields, LotFields, ProductFields
from services.registry.sheets import area_rows, boundaries, certificate_rows, lot_rows
from services.registry.sheets.cells import CellWrong, taken
from services.registry.sheets.column import ROWS, Column
from services.registry.sheets.columns import COLUMNS, RENAMED
from services.registry.sheets.given import lines_of
from services.registry.sheets.in_row import InRow
from shared.errors import Kind, Refusal
from shared.web.fields import Input, clean
from shared.web.i18n import N_, catalogues, speak, speech, stop_speaking, translate
from shared.web.validation import tell

MODELS: Mapping[Aggregate, type[Input]] = {
    Aggregate.FACILITY: FacilityFields,
    Aggregate.PRODUCT: ProductFields,
    Aggregate.GROWING_AREA: GrowingAreaFields,
    Aggregate.LOT: LotFields,
}
LANGUAGES = catalogues("registry").languages
MAX_STANDARDS = 20
# What follows from a column and is not written itself.
FOLLOW: Mapping[str, frozenset[str]] = {
    "members": frozenset({"households"}),
    boundaries.FIELD: frozenset({"measured_hectares"}),
}
COUNTED = N_("Số hộ lấy theo danh sách hộ: {counted}.")
MEASURED = N_("Ghi {declared} ha, đo theo ranh giới được {measured} ha. Hãy kiểm tra.")


class StandardsTooMany(Refusal):
    code = "standards_too_many"
    kind = Kind.INVALID
    message = "Hãy ghi tối đa {limit} tiêu chuẩn, mỗi tiêu chuẩn tối đa 200 ký tự."


@dataclass(frozen=True, slots=True)
class Remark:
    """An error or a note at a column (its header; "" for the row as a whole), in each language."""

    column: str
    code: str
    text: Mapping[str, str]


@dataclass
class Values:
    """What the cells of a row say: values by field (None for an empty cell), and what is wrong."""

    given: dict[str, Any] = field(default_factory=dict)
    errors: list[Remark] = field(default_factory=list)
    notes: list[Remark] = field(default_factory=list)
    # The line of an earlier row with the same number or a similar name; 0 without one.
    twin: int = 0
    # The chain of a product, its parties looked up; None where the row says nothing of it.
    chain: tuple[Party, ...] | None = None
    # What the cells of a lot that name other records were found to mean, by the domain's fields.
    meant: dict[str, Any] = field(default_factory=dict)


def remark(column: str, code: str, msgid: str, /, **params: object) -> Remark:
    """A remark said in every language, since the reader's is not known yet."""
    return Remark(column, code, {lang: translate(msgid, lang, **params) for lang in LANGUAGES})


def values_of(columns: Sequence[Column | None], cells: Sequence[Any], *, date1904: bool) -> Values:
    """The row's values; a column that the file does not have is absent and changes nothing."""
    found = Values()
    for place, column in enumerate(columns):
        if column is None:
            continue
        try:
            one = taken(column, cells[place] if place < len(cells) else None, date1904=date1904)
        except CellWrong as wrong:
            found.errors.append(remark(column.header, wrong.code, wrong.msgid, **wrong.params))
            continue
        found.given[column.field] = one.value
        if one.note:
            params = dict(one.params or {})
            found.notes.append(remark(column.header, "assumed", one.note, **params))
    return found


def content_of(
    aggregate: Aggregate, values: Values, before: Any, *, facility_id: str, today: date
) -> Any:
    """The content that the row makes of `before` (None for a new record); None with errors."""
    model = MODELS[aggregate]
    data = _base(model, before)
    cells = _by_field(aggregate, values.given)
    named = {name.split(".")[0] for name in cells}
    _overlay(data, model, cells)
    places: list[int] = []
    if aggregate is Aggregate.FACILITY:
        if codes := values.given.get("more_codes"):
            data["more_codes"] = [clean(one) for one in lines_of(codes)]
        places, data["certificates"] = certificate_rows.laid_over(before, values.given)
    data.update({name: one for name, one in values.meant.items() if name in model.model_fields})
    named |= set(values.meant)
    if values.chain is not None:
        data["chain"] = [asdict(one) for one in values.chain]
    for it in COLUMNS[aggregate]:
        if it.shape == ROWS and it.field in cells:
            data[it.field] = [dict(one.values) for one in cells[it.field] or ()]
    for field_name in cells.keys() & FOLLOW.keys():
        named |= FOLLOW[field_name]
    try:
        if aggregate is Aggregate.GROWING_AREA:
            data.update(area_rows.told(cells))
        made = _made(aggregate, model.model_validate(data), values, before, facility_id, today)
    except ValidationError as invalid:
        for error in invalid.errors(include_url=False)[:20]:
            values.errors.append(_told(aggregate, error, places, values.given))
        return None
    except Refusal as refusal:
        column = header_of(aggregate, certificate_rows.numbered(refusal.field or "", places))
        values.errors.append(remark(column, refusal.code, refusal.message, **refusal.params))
        return None
    _note(aggregate, values, made, cells)
    if before is None:
        return made
    # Fields that sheets do not carry stay as the record has them.
    held = {f.name for f in fields(made)} & named
    if isinstance(made, Lot):
        held = lot_rows.kept(made, before, held)
    return replace(before, **{name: getattr(made, name) for name in held})


def _by_field(aggregate: Aggregate, cells: Mapping[str, Any]) -> dict[str, Any]:
    """The cells by the names that fields have in the domain, without those that find records."""
    renamed = RENAMED.get(aggregate, {})
    keys = {column.field for column in COLUMNS[aggregate] if column.key or column.told}
    return {renamed.get(name, name): cells[name] for name in cells if name not in keys}


def header_of(aggregate: Aggregate, name: str) -> str:
    """The header of the column of a field, "" if sheets have none."""
    for header, field_name in RENAMED.get(aggregate, {}).items():
        name = header if name == field_name else name
    for column in COLUMNS[aggregate]:
        if column.field == name or column.field.startswith(f"{name}."):
            return column.header
    return header_of(aggregate, name.rpartition(".")[0]) if "." in name else ""


def _base(model: type[Input], before: Any) -> dict[str, Any]:
    if before is None:
        return {}
    return {name: value for name, value in asdict(before).items() if name in model.model_fields}


def _overlay(data: dict[str, Any], model: type[Input], given_values: Mapping[str, Any]) -> None:
    for name, value in given_values.items():
        if name not in model.model_fields:
            continue
        if value is not None:
            data[name] = value
        elif model.model_fields[name].is_required():
            data.pop(name, None)  # The model says that it is missing.
        else:
            data[name] = model.model_fields[name].get_default()


def _made(
    aggregate: Aggregate, sent: Any, values: Values, before: Any, facility_id: str, today: date
) -> Facility | Product | GrowingArea | Lot:
    if isinstance(sent, LotFields):
        return lot_rows.made(sent, values.meant, before, facility_id, today)
    if isinstance(sent, GrowingAreaFields):
        return sent.area(facility_id, _boundary(values.given, before)).checked()
    if isinstance(sent, FacilityFields):
        made = sent.to_domain()
        known = getattr(before, "certificates", ())
        places, _ = certificate_rows.laid_over(before, values.given)
        kept = tuple(
            replace(known[place], **certificate_rows.changed(one)) if place < len(known) else one
            for place, one in zip(places, made.certificates, strict=True)
        )
        return replace(made, certificates=kept).checked(today)
    assert isinstance(sent, ProductFields)
    standards: Sequence[str] = getattr(before, "standards", ())
    if "standards" in values.given:
        standards = [clean(one) for one in lines_of(values.given["standards"] or "")]
        if len(standards) > MAX_STANDARDS or any(len(one) > 200 for one in standards):
            raise StandardsTooMany("standards", limit=MAX_STANDARDS)
    return sent.product(standards, facility_id).checked()


def _boundary(given_values: Mapping[str, Any], before: Any) -> Boundary:
    """As the row tells it; as it was where the row says nothing else of it."""
    known: Boundary = getattr(before, boundaries.FIELD, ())
    if boundaries.FIELD not in given_values:
        return known
    text = boundaries.joined(given_values[boundaries.FIELD], given_values.get(boundaries.REST))
    if known and text == boundaries.joined(*boundaries.to_cells(known)):
        return known
    return boundaries.from_cell(text)


def _note(aggregate: Aggregate, values: Values, made: Any, cells: Mapping[str, Any]) -> None:
    """What was understood otherwise than it was written."""
    if isinstance(made, Lot):
        column, diary = header_of(aggregate, "diary"), values.meant["diary"]
        values.notes += [remark(column, code, text, **told) for code, text, told in diary.notes()]
    if not isinstance(made, GrowingArea):
        return
    told = cells.get("households")
    if made.members and told is not None and told != len(made.members):
        column = header_of(aggregate, "households")
        values.notes.append(remark(column, "counted", COUNTED, counted=len(made.members)))
    if boundaries.FIELD in cells and contradicts(made.area_hectares, made.measured_hectares):
        sizes = {"declared": made.area_hectares, "measured": made.measured_hectares}
        column = header_of(aggregate, "area_hectares")
        values.notes.append(remark(column, "measured_otherwise", MEASURED, **sizes))


def _told(
    aggregate: Aggregate, error: Mapping[str, Any], places: Sequence[int], cells: Mapping[str, Any]
) -> Remark:
    name = certificate_rows.numbered(".".join(map(str, error["loc"])), places)
    row = _row_of(error["loc"], cells)
    texts, code = {}, ""
    for lang in LANGUAGES:
        token = speak(lang, speech().catalogues)
        try:
            told = tell(error, name)
        finally:
            stop_speaking(token)
        text = told.message
        if row is not None:
            place = row.problem(text)
            text = translate(place.message, lang, **place.params)
        texts[lang], code = text, told.code
    return Remark(header_of(aggregate, name), code, texts)


def _row_of(loc: Sequence[Any], cells: Mapping[str, Any]) -> InRow | None:
    """The row within a cell that an error is about."""
    rows = cells.get(str(loc[0])) if len(loc) > 1 else None
    if not isinstance(rows, list) or not isinstance(loc[1], int) or loc[1] >= len(rows):
        return None
    row = rows[loc[1]]
    return row if isinstance(row, InRow) else None
