"""Pages of bulk import: upload, verdicts row by row, answers, confirmation, and files to take."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, UploadFile
from pydantic import Field
from starlette.responses import Response

from services.registry import catalogue
from services.registry.actions import exporting
from services.registry.actions.exporting import OUTCOMES, VERDICTS, messages, notes
from services.registry.actions.imports import importing
from services.registry.actions.rights import RIGHTS
from services.registry.domain.imports import Import, Listed, Sort, Stage
from services.registry.inputs import Id, Version
from services.registry.pages.oversight.known_telling import differences
from services.registry.pages.showing import WORDS, show
from services.registry.sheets.columns import IMPORTED
from services.registry.sheets.downloads import NAMES, row_filter, template
from services.registry.store import import_files, imports, known
from services.registry.store.codec import content_from
from services.registry.store.imports import Row
from services.registry.telling import Change, changes
from shared.auth import Principal
from shared.errors import NotFound
from shared.ids import new_id, now
from shared.mongo import Document
from shared.sheets.limits import MAX_BYTES, MAX_ROWS
from shared.spreadsheets import XLSX
from shared.web.answering import answered
from shared.web.csrf import PageForm
from shared.web.fields import Input, upload
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import N_, translate
from shared.web.pages import redirect
from shared.web.paging import Paging
from shared.web.session import PagePrincipal
from shared.web.table_file import PiecesResponse, attachment

router = APIRouter(prefix="/console/registry", include_in_schema=False)

HOME = "/console/registry/imports"
PLACES: Final[dict[Sort, str]] = {Listed.KNOWN: "known-facilities"}
PLACES.update(WORDS.items())
SORTS: Final[dict[Sort, str]] = {Listed.KNOWN: N_("Cơ sở chưa tham gia")}
SORTS.update(catalogue.AGGREGATES.items())
KINDS = {PLACES[kind]: kind for kind in IMPORTED}
ROWS, LISTED = 25, 20
Shown = Annotated[str, Query(max_length=20)]

STAGES = {
    Stage.READING: N_("Đang đọc tệp"),
    Stage.JUDGING: N_("Đang kiểm tra từng dòng"),
    Stage.READY: N_("Chờ xác nhận"),
    Stage.APPLYING: N_("Đang ghi"),
    Stage.DONE: N_("Đã ghi xong"),
    Stage.ACCEPTING: N_("Đang kiểm tra đạt"),
    Stage.PUBLISHING: N_("Đang duyệt đăng"),
    Stage.FAILED: N_("Không đọc được"),
}
TONES = {
    "new": "info", "changed": "caution", "same": "neutral", "duplicate": "caution",
    "error": "bad", "skipped": "neutral", "entered": "good", "edited": "good",
    "unchanged": "neutral", "conflict": "caution", "refused": "bad",
}  # fmt: skip


class UploadForm(Input):
    kind: Annotated[str, Field(pattern=f"^({'|'.join(KINDS)})$")]
    file: Annotated[UploadFile, upload(max_bytes=MAX_BYTES)]


class AnswerForm(Input):
    number: Annotated[int, Field(ge=1, le=100_000)]
    choice: Id


class ConfirmForm(Input):
    version: Version


@router.get("/imports")
async def list_imports(request: Request, who: PagePrincipal, kind: Shown = "") -> Response:
    return await _home(request, who, new_form(UploadForm, kind=kind))


@router.post("/imports")
async def upload_file(request: Request, who: PagePrincipal, _: PageForm) -> Response:
    async def perform(sent: UploadForm) -> Response:
        one = await importing.upload(
            sent.file.file,
            sent.file.filename or "",
            KINDS[sent.kind],
            import_id=new_id(),
            who=who,
            now=now(),
            db=request.app.state.db,
        )
        return redirect(request, f"{HOME}/{one.id}", N_("Đã nhận tệp. Hệ thống đang kiểm tra."))

    return await answered(
        await read_form(request, UploadForm),
        perform,
        lambda form, status: _home(request, who, form, status),
    )


@router.get("/imports/templates/{word}.{format_}")
async def read_template(word: str, format_: str, who: PagePrincipal) -> Response:
    if word not in KINDS or format_ not in ("xlsx", "csv"):
        raise NotFound()
    importing.require_import(who, KINDS[word])
    return template(KINDS[word], format_)


@router.get("/imports/{import_id}")
async def read(request: Request, who: PagePrincipal, import_id: str, rows: Shown = "") -> Response:
    return await _page(request, who, import_id, rows)


@router.get("/imports/{import_id}/errors.xlsx")
async def errors(request: Request, who: PagePrincipal, import_id: str) -> Response:
    db = request.app.state.db
    one = await importing.get(db, import_id, who)
    pieces = await exporting.error_file(db, one.id)
    return PiecesResponse(
        pieces, media_type=XLSX, headers=attachment(f"can-sua-{NAMES[one.kind]}.xlsx")
    )


@router.get("/imports/{import_id}/file")
async def original(request: Request, who: PagePrincipal, import_id: str) -> Response:
    """The file as it was uploaded."""
    db = request.app.state.db
    one = await importing.get(db, import_id, who)
    kind = "xlsx" if one.about.get("format") == "xlsx" else "csv"
    return PiecesResponse(
        import_files.file_pieces(db, one.file_id),
        media_type="application/octet-stream",
        headers=attachment(f"tep-goc-{NAMES[one.kind]}.{kind}"),
    )


@router.post("/imports/{import_id}/answer")
async def answer(request: Request, who: PagePrincipal, import_id: str, _: PageForm) -> Response:
    async def perform(sent: AnswerForm) -> Response:
        db = request.app.state.db
        await importing.resolve(import_id, sent.number, sent.choice, who=who, now=now(), db=db)
        address = f"{HOME}/{import_id}?rows=duplicate"
        return redirect(request, address, N_("Đã ghi câu trả lời."))

    return await answered(
        await read_form(request, AnswerForm),
        perform,
        lambda form, status: _page(request, who, import_id, "duplicate", form, status),
    )


@router.post("/imports/{import_id}/{act}")
async def confirm(
    request: Request, who: PagePrincipal, import_id: str, act: str, _: PageForm
) -> Response:
    """apply; accept, publish (of everything it wrote)."""
    if act not in ("apply", "accept", "publish"):
        raise NotFound()

    async def perform(sent: ConfirmForm) -> Response:
        asked: dict[str, Any] = {"version": sent.version, "who": who, "now": now()}
        if act == "apply":
            await importing.apply(import_id, **asked, db=request.app.state.db)
        else:
            await importing.decide(import_id, act, **asked, db=request.app.state.db)
        return redirect(request, f"{HOME}/{import_id}", N_("Đã nhận lệnh. Hệ thống đang làm."))

    return await answered(
        await read_form(request, ConfirmForm),
        perform,
        lambda form, status: _page(request, who, import_id, "", form, status),
    )


async def _home(request: Request, who: Principal, form: Form[Any], status: int = 200) -> Response:
    kinds = [kind for kind in IMPORTED if _may_import(who, kind)]
    if who.facility_id is not None:
        raise NotFound()
    asked = Paging.of(request, 1_000_000, size=LISTED)
    found, total = await imports.listed(request.app.state.db, who, None, asked.skip, LISTED)
    return show(
        request,
        "console/imports.html",
        status=status,
        form=form,
        kinds=kinds,
        kind_options=[(PLACES[k], translate(SORTS[k])) for k in kinds],
        places=PLACES,
        sorts=SORTS,
        found=found,
        paging=Paging.of(request, total, size=LISTED),
        stages=STAGES,
        limit_mb=MAX_BYTES // 1_000_000,
        limit_rows=MAX_ROWS,
    )


def _may_import(who: Principal, kind: Sort) -> bool:
    return who.may("import.enter") and who.may(RIGHTS[kind].enter)


async def _page(
    request: Request,
    who: Principal,
    import_id: str,
    shown: str,
    form: Form[Any] | None = None,
    status: int = 200,
) -> Response:
    db = request.app.state.db
    one = await importing.get(db, import_id, who)
    form = form.from_version(one.version) if form else new_form(ConfirmForm, version=one.version)
    asked = Paging.of(request, 10_000_000, size=ROWS)
    rows, total = await imports.row_page(db, one.id, row_filter(shown), asked.skip, ROWS)
    rights = RIGHTS[one.kind]
    return show(
        request,
        "console/import.html",
        status=status,
        one=one,
        place=f"/console/registry/{PLACES[one.kind]}",
        is_reviewed=not isinstance(one.kind, Listed),
        form=form,
        here=f"{HOME}/{one.id}",
        rows=[_told(one, row) for row in rows],
        shown=shown,
        paging=Paging.of(request, total, size=ROWS),
        stages=STAGES,
        verdicts=VERDICTS,
        outcomes=OUTCOMES,
        tones=TONES,
        failure=translate(one.failure["msgid"], **one.failure["params"]) if one.failure else "",
        may_apply=_may_import(who, one.kind),
        may_accept=importing.may_decide(who, one, rights.check),
        may_publish=importing.may_decide(who, one, rights.publish),
        written=one.outcomes.get("entered", 0) + one.outcomes.get("edited", 0),
    )


def _compared(one: Import, before: Document, after: Document) -> list[Change]:
    if one.kind is Listed.KNOWN:
        return differences(known.particulars(before), known.particulars(after))
    kind = one.aggregate
    return changes(content_from(kind, before), content_from(kind, after), {})


def _told(one: Import, row: Row) -> dict[str, Any]:
    """A row as the page tells it: what changes, what is wrong, what it may be a double of."""
    compared: list[Change] = []
    if row.verdict == "changed" and row.before and row.content:
        compared = _compared(one, row.before, row.content)
    return {
        "row": row,
        "changes": compared,
        "message": messages(row),
        "notes": notes(row),
    }
