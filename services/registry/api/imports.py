"""Bulk import and export for programs: upload, verdicts, answers, apply, decide, files."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, File, Path, Query, Request, UploadFile
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.registry.actions import exporting
from services.registry.actions.exporting import messages, notes
from services.registry.actions.imports import importing
from services.registry.api.narrowing import Narrowed
from services.registry.api.reading import StateFilter
from services.registry.api.views import AGGREGATES, Kind, aggregate_of
from services.registry.domain.imports import Import, Listed, Sort
from services.registry.inputs import Id, Version
from services.registry.sheets.downloads import row_filter, template
from services.registry.store import imports
from services.registry.store.imports import Row
from shared.errors import Forbidden
from shared.ids import new_id, now
from shared.spreadsheets import CSV, XLSX
from shared.web.fields import Input
from shared.web.session import ApiPrincipal
from shared.web.table_file import PiecesResponse, attachment

router = APIRouter()

ImportId = Annotated[str, Path(min_length=1, max_length=64, pattern=r"^[0-9A-Za-z-]+$")]
Format = Literal["xlsx", "csv"]
Importable = Literal["facilities", "known-facilities", "products", "growing-areas", "lots"]
SORTS: Mapping[str, Sort] = {**AGGREGATES, "known-facilities": Listed.KNOWN}
SIZE = 100
TOLD = ("message", "notes")


class ImportView(BaseModel):
    """`counts` are rows by verdict, `outcomes` by what applying did, `decided` by the review."""

    id: str
    kind: str
    file_name: str
    stage: str
    version: int
    rows: int
    done: int
    counts: dict[str, int]
    outcomes: dict[str, int]
    decided: dict[str, int]
    about: dict[str, Any]
    failure: str
    uploaded_by: str
    at: datetime

    @classmethod
    def of(cls, one: Import) -> "ImportView":
        return cls(
            id=one.id,
            kind=one.kind.value,
            file_name=one.file_name,
            stage=one.stage.value,
            version=one.version,
            rows=one.total,
            done=one.done,
            counts=dict(one.counts),
            outcomes=dict(one.outcomes),
            decided=dict(one.decided),
            about={k: v for k, v in one.about.items() if k != "headers"},
            failure=one.failure["code"] if one.failure else "",
            uploaded_by=one.uploader.name,
            at=one.at,
        )


class RowView(BaseModel):
    """`message` says what is wrong, `notes` what was assumed, in the language of the request."""

    number: int
    line: int
    verdict: str
    record_id: str
    label: str
    before: dict[str, Any] | None
    content: dict[str, Any] | None
    candidates: list[dict[str, Any]]
    resolution: str
    outcome: str
    decided: str
    message: str
    notes: list[str]

    @classmethod
    def of(cls, row: Row) -> "RowView":
        return cls(
            **{name: getattr(row, name) for name in cls.model_fields if name not in TOLD},
            message=messages(row),
            notes=notes(row),
        )


class RowsView(BaseModel):
    items: list[RowView]
    page: int
    size: int
    total: int


class Resolution(Input):
    """The id of the record that it is, `another` or `skip`."""

    choice: Id


class Confirm(Input):
    version: Version


class Decide(Confirm):
    decision: Annotated[Literal["accept", "publish"], Field()]


@router.post("/imports/{kind}", status_code=202)
async def upload(
    kind: Importable, file: Annotated[UploadFile, File()], who: ApiPrincipal, request: Request
) -> ImportView:
    """XLSX or CSV (UTF-8, UTF-16, Windows-1258; comma, semicolon, tab), up to 8 MB and 20,000
    rows. It is judged in the background; nothing is written before it is applied."""
    one = await importing.upload(
        file.file,
        file.filename or "",
        SORTS[kind],
        import_id=new_id(),
        who=who,
        now=now(),
        db=request.app.state.db,
    )
    return ImportView.of(one)


@router.get("/imports/{import_id}")
async def read(import_id: ImportId, who: ApiPrincipal, request: Request) -> ImportView:
    return ImportView.of(await importing.get(request.app.state.db, import_id, who))


@router.get("/imports/{import_id}/rows")
async def rows(
    import_id: ImportId,
    who: ApiPrincipal,
    request: Request,
    show: Annotated[str, Query(max_length=20)] = "",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> RowsView:
    """`show` is a verdict, an outcome, `notes` or `problems`; else all rows."""
    db = request.app.state.db
    one = await importing.get(db, import_id, who)
    found, total = await imports.row_page(db, one.id, row_filter(show), (page - 1) * SIZE, SIZE)
    return RowsView(items=[RowView.of(row) for row in found], page=page, size=SIZE, total=total)


@router.post("/imports/{import_id}/rows/{number}/resolution")
async def resolve(
    import_id: ImportId,
    number: Annotated[int, Path(ge=1, le=100_000)],
    body: Resolution,
    who: ApiPrincipal,
    request: Request,
) -> RowView:
    row = await importing.resolve(
        import_id, number, body.choice, who=who, now=now(), db=request.app.state.db
    )
    return RowView.of(row)


@router.post("/imports/{import_id}/apply", status_code=202)
async def apply(
    import_id: ImportId, body: Confirm, who: ApiPrincipal, request: Request
) -> ImportView:
    """Write the new and changed rows as submitted drafts; checkers and approvers go on as ever."""
    one = await importing.apply(
        import_id, version=body.version, who=who, now=now(), db=request.app.state.db
    )
    return ImportView.of(one)


@router.post("/imports/{import_id}/decisions", status_code=202)
async def decide(
    import_id: ImportId, body: Decide, who: ApiPrincipal, request: Request
) -> ImportView:
    """Check (`accept`) or approve (`publish`) everything it wrote, record by record."""
    one = await importing.decide(
        import_id,
        body.decision,
        version=body.version,
        who=who,
        now=now(),
        db=request.app.state.db,
    )
    return ImportView.of(one)


@router.get("/imports/{import_id}/errors.xlsx", response_class=Response)
async def errors(import_id: ImportId, who: ApiPrincipal, request: Request) -> Response:
    """The rows that need a person, with a column that says what to do."""
    one = await importing.get(request.app.state.db, import_id, who)
    pieces = await exporting.error_file(request.app.state.db, one.id)
    return PiecesResponse(pieces, media_type=XLSX, headers=attachment(f"loi-{one.id}.xlsx"))


@router.get("/templates/{kind}.{format}", response_class=Response)
async def read_template(kind: Importable, format: Format, who: ApiPrincipal) -> Response:
    """An empty file to fill in; the XLSX has lists to choose from and explanations."""
    return template(SORTS[kind], format)


@router.get("/exports/known-facilities.{format}", response_class=Response)
async def export_known(format: Format, who: ApiPrincipal, request: Request) -> PiecesResponse:
    """The authorities' list of facilities that do not take part (yet), for officials alone."""
    if who.facility_id is not None:
        raise Forbidden()
    db = request.app.state.db
    pieces = await exporting.export_known(format, wanted={}, q="", who=who, db=db)
    media_type = XLSX if format == "xlsx" else CSV
    name = attachment(f"known-facilities.{format}")
    return PiecesResponse(pieces, media_type=media_type, headers=name)


@router.get("/exports/{kind}.{format}", response_class=Response)
async def export(
    kind: Kind,
    format: Format,
    who: ApiPrincipal,
    request: Request,
    narrowed: Narrowed,
    state: StateFilter = "",
    facility_id: Annotated[str, Query(max_length=64)] = "",
) -> PiecesResponse:
    """What the account may read of a kind and asks for, with the columns of the templates."""
    wanted = {
        **narrowed,
        **({"state": state} if state else {}),
        **({"owner.facility_id": facility_id} if facility_id else {}),
    }
    pieces = await exporting.export(
        aggregate_of(kind), format, wanted=wanted, who=who, now=now(), db=request.app.state.db
    )
    media_type = XLSX if format == "xlsx" else CSV
    return PiecesResponse(pieces, media_type=media_type, headers=attachment(f"{kind}.{format}"))
