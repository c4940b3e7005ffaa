"""Pages of files of rows: the template, what is sent, what is wrong in it by row and column, and
the word to count it."""

import asyncio
from typing import Any

from fastapi import APIRouter, Request, Response

from services.recall.actions import exporting
from services.recall.actions import rows_files as acts
from services.recall.domain.recovery import Fate
from services.recall.domain.rows_file import MAX_BYTES, MAX_ROWS
from services.recall.domain.terms import Handling
from services.recall.evidence import LIMIT
from services.recall.pages import labels, recovery_labels
from services.recall.pages.console import HOME
from services.recall.pages.recovery import PATH, may
from services.recall.queries import cases, recovery, rows_template
from services.recall.recovery_inputs import ProofsForm, RowsFileForm
from services.recall.sheets import template
from services.recall.store import rows_files
from shared.auth import Principal, require
from shared.errors import NotFound
from shared.ids import now
from shared.spreadsheets import CSV, XLSX
from shared.web.answering import answered
from shared.web.csrf import PageForm
from shared.web.fields import Input
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import N_
from shared.web.pages import redirect, render
from shared.web.paging import Paging
from shared.web.session import PagePrincipal
from shared.web.table_file import attachment

router = APIRouter(include_in_schema=False)
TABLES = PATH + "/tables"
WRONG_A_PAGE = 50


@router.get(PATH + "/template.{format_}")
async def read_template(
    case_id: str, format_: str, request: Request, who: PagePrincipal
) -> Response:
    if format_ not in ("xlsx", "csv"):
        raise NotFound()
    db = request.app.state.db
    case = await cases.seen_by(who, case_id, db=db)
    require(who, recovery.REPORT)
    offered = await rows_template.offered(db, case, who)
    await exporting.note_template(who, case.id, db=db)
    write = template.as_csv if format_ == "csv" else template.as_workbook
    made = await asyncio.to_thread(write, offered)
    kind = CSV if format_ == "csv" else XLSX
    return Response(made, media_type=kind, headers=attachment(f"so-lieu-thu-hoi.{format_}"))


@router.get(TABLES)
async def show_all(case_id: str, request: Request, who: PagePrincipal) -> Response:
    return await _all(request, who, case_id, new_form(RowsFileForm))


@router.post(TABLES)
async def send(case_id: str, request: Request, who: PagePrincipal, _: PageForm) -> Response:
    async def perform(sent: RowsFileForm) -> Response:
        one = await acts.send(
            case_id,
            await sent.given(),
            await sent.proofs(),
            who=who,
            db=request.app.state.db,
            at=now(),
        )
        new = N_("Đã nhận tệp. Chưa dòng nào được ghi: hãy xem kết quả kiểm tra.")
        old = N_("Tệp này đã được ghi trước đây. Không dòng nào được ghi lại.")
        return redirect(request, _address(case_id, one.id), new if one.waits else old)

    return await answered(
        await read_form(request, RowsFileForm),
        perform,
        lambda form, status: _all(request, who, case_id, form, status),
    )


@router.get(TABLES + "/{file_id}")
async def show(case_id: str, file_id: str, request: Request, who: PagePrincipal) -> Response:
    return await _page(request, who, case_id, file_id)


@router.get(TABLES + "/{file_id}/file")
async def original(case_id: str, file_id: str, request: Request, who: PagePrincipal) -> Response:
    """The file as it came."""
    db = request.app.state.db
    one = await acts.visible(db, case_id, file_id, who)
    data = await rows_files.data_of(db, one)
    ending = "xlsx" if data.startswith(b"PK") else "csv"
    headers = {**attachment(f"{one.id}.{ending}"), "X-Content-Type-Options": "nosniff"}
    return Response(data, media_type="application/octet-stream", headers=headers)


@router.post(TABLES + "/{file_id}/files")
async def add_proofs(
    case_id: str, file_id: str, request: Request, who: PagePrincipal, _: PageForm
) -> Response:
    async def perform(sent: ProofsForm) -> Response:
        db = request.app.state.db
        await acts.add_proofs(case_id, file_id, await sent.proofs(), who=who, db=db, at=now())
        return redirect(request, _address(case_id, file_id), N_("Đã nhận ảnh, biên bản."))

    return await answered(
        await read_form(request, ProofsForm),
        perform,
        lambda form, status: _page(request, who, case_id, file_id, form, status),
    )


@router.post(TABLES + "/{file_id}/{act}")
async def end(
    case_id: str, file_id: str, act: str, request: Request, who: PagePrincipal, _: PageForm
) -> Response:
    """count all its rows; drop it."""
    if act not in ("count", "drop"):
        raise NotFound()

    async def perform(sent: Input) -> Response:
        db = request.app.state.db
        if act == "drop":
            await acts.drop(case_id, file_id, who=who, db=db)
            home = PATH.format(case_id=case_id) + "/tables"
            return redirect(request, home, N_("Đã bỏ tệp. Không dòng nào được ghi."))
        await acts.count(case_id, file_id, who=who, db=db, at=now())
        return redirect(request, _address(case_id, file_id), N_("Đã ghi mọi dòng của tệp."))

    return await answered(
        await read_form(request, Input),
        perform,
        lambda form, status: _page(request, who, case_id, file_id, form, status),
    )


def _address(case_id: str, file_id: str) -> str:
    return f"{HOME}/{case_id}/recovery/tables/{file_id}"


async def _all(
    request: Request, who: Principal, case_id: str, form: Form[Any], status: int = 200
) -> Response:
    db = request.app.state.db
    case = await cases.seen_by(who, case_id, db=db)
    require(who, recovery.REPORT)
    return render(
        request,
        "rows_files.html",
        status=status,
        case=case,
        words=labels.in_language(case.wording),
        form=form,
        files=await rows_files.of_party(db, case.id, acts.party_of(who)),
        may=may(who, case, waits=False, lots=bool(await recovery.open_lots(db, case))),
        limits={"mb": MAX_BYTES // 1_000_000, "rows": MAX_ROWS, "proof_mb": LIMIT},
    )


async def _page(
    request: Request,
    who: Principal,
    case_id: str,
    file_id: str,
    form: Form[Any] | None = None,
    status: int = 200,
) -> Response:
    db = request.app.state.db
    case = await cases.seen_by(who, case_id, db=db)
    require(who, recovery.REPORT)
    one = await acts.seen_by(db, case, file_id, who)
    judged = await acts.judged(case, one, who=who, db=db, at=now()) if one.waits else None
    wrong = judged.wrong if judged else []
    paging = Paging.of(request, len(wrong), size=WRONG_A_PAGE)
    return render(
        request,
        "rows_file.html",
        status=status,
        case=case,
        words=labels.in_language(case.wording),
        one=one,
        moot=form if form is not None and form.model is not ProofsForm else None,
        form=form if form is not None and form.model is ProofsForm else new_form(ProofsForm),
        judged=judged,
        wrong=wrong[paging.skip : paging.skip + paging.size],
        wrong_lines=len({it.line for it in wrong}),
        paging=paging,
        fate=_fate,
        labels=labels,
        may=may(who, case, waits=False, lots=bool(await recovery.open_lots(db, case))),
        proof_mb=LIMIT,
    )


def _fate(key: str) -> str:
    """`recovered.destroy` in words."""
    fate, _, handling = key.partition(".")
    return recovery_labels.fate_words(Fate(fate), Handling(handling) if handling else None)
