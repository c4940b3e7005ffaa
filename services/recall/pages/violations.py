"""Reports of violations: written from what is known, sent to the tier above, received there."""

from typing import Any, Final

import filetype
from fastapi import APIRouter, Request, Response

from services.recall.actions import violations as acts
from services.recall.domain.case import Case
from services.recall.domain.violation import ORIGINS, STATES
from services.recall.pages import violation_table
from services.recall.pages.issuing import HERE
from services.recall.pages.violation_words import LABELS, TONES, words
from services.recall.queries import violations as queries
from services.recall.store import violations as store
from services.recall.violation_inputs import (
    MOST_FOUND,
    DecideForm,
    EditForm,
    FileForm,
    NewViolationForm,
    SendForm,
)
from shared.auth import Principal, require
from shared.commune_places import communes_of, names
from shared.errors import NotFound
from shared.ids import new_id, now
from shared.mongo import Database
from shared.once import once
from shared.tiers import is_below
from shared.web.answering import answered, answered_among
from shared.web.csrf import PageForm
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import N_, translate
from shared.web.pages import redirect, render
from shared.web.paging import Paging
from shared.web.session import PagePrincipal
from shared.web.table_file import attachment, table_file

router = APIRouter(include_in_schema=False)
HOME: Final = "/console/recall/violations"
ONE: Final = HOME + "/{report_id}"


async def section(db: Database, who: Principal, case: Case) -> dict[str, Any] | None:
    """On a case's page: the reports that came of it. Facilities see none."""
    if who.facility_id is not None or not who.may(acts.READ):
        return None
    rows = await queries.of_case(who, case, db=db)
    may_write = who.may(acts.WRITE) and case.state in ("ordered", "closed")
    if not rows and not may_write:
        return None
    return {"rows": rows, "may_write": may_write, "states": LABELS, "tones": TONES}


@router.get(HOME)
async def listed(request: Request, who: PagePrincipal) -> Response:
    state, commune = _asked(request)
    page = Paging.of(request, 10**9, size=store.PAGE_SIZE).number
    db = request.app.state.db
    rows, numbers, total = await queries.listed(who, db=db, state=state, commune=commune, page=page)
    tabs = [("", translate(N_("Tất cả")), HOME, sum(numbers.values()))]
    tabs += [(one, translate(LABELS[one]), f"{HOME}?state={one}", numbers[one]) for one in STATES]
    return render(
        request,
        "violations.html",
        rows=rows,
        paging=Paging.of(request, total, size=store.PAGE_SIZE),
        state=state,
        commune=commune,
        communes=communes_of(HERE),
        tabs=tabs,
        commune_names=names(),
        **words(),
    )


@router.get(HOME + ".csv")
@router.get(HOME + ".xlsx")
async def export(request: Request, who: PagePrincipal) -> Response:
    state, commune = _asked(request)
    db = request.app.state.db
    await acts.note_export(who, db=db)
    found = queries.every(who, db=db, state=state, commune=commune)
    return table_file(
        request, "bao-cao-vi-pham", violation_table.headers(), violation_table.rows(found)
    )


@router.get(HOME + "/new")
async def begin(request: Request, who: PagePrincipal) -> Response:
    require(who, acts.WRITE)
    asked = request.query_params
    origin = next((one for one in ORIGINS if one and one in asked), "")
    begun = await queries.begun(
        who,
        origin,
        asked.get(origin, "")[:64],
        asked.get("facility", "")[:64],
        db=request.app.state.db,
        at=now(),
    )
    form = new_form(
        NewViolationForm,
        origin=origin,
        origin_id=asked.get(origin, "")[:64],
        facility_id=begun.facility_id,
        found=begun.found,
        found_on=begun.found_on,
        key=new_id(),
    )
    return _new_page(request, form, begun.facility)


@router.post(HOME + "/new")
async def write(request: Request, who: PagePrincipal, _: PageForm) -> Response:
    require(who, acts.WRITE)
    form = await read_form(request, NewViolationForm)
    if form.text("step") == "begin":
        return await _begun(request, who, form)

    async def perform(sent: NewViolationForm) -> Response:
        db, at = request.app.state.db, now()
        begun = await queries.begun(
            who, sent.origin, sent.origin_id, sent.facility_id, db=db, at=at
        )
        made = await acts.write(
            begun.facility_id,
            sent.wording(),
            (sent.origin, sent.origin_id),
            who=who,
            db=db,
            at=at,
            asked=once(who, sent.key, "violation", sent.model_dump()),
        )
        return redirect(request, f"{HOME}/{made.id}", N_("Đã lập bản nháp. Xem lại rồi gửi."))

    async def show(form: Form[NewViolationForm], status: int) -> Response:
        """With whose violation it is, as before, unless what came names nobody."""
        origin, id_, facility = (form.text(one) for one in ("origin", "origin_id", "facility_id"))
        db = request.app.state.db
        try:
            name = (await queries.begun(who, origin, id_, facility, db=db, at=now())).facility
        except NotFound:
            name = ""
        return _new_page(request, form, name, status)

    return await answered(form, perform, show)


@router.get(ONE)
async def show(request: Request, who: PagePrincipal, report_id: str) -> Response:
    return await _page(request, who, report_id)


@router.get(ONE + "/files/{file_id}")
async def file(request: Request, who: PagePrincipal, report_id: str, file_id: str) -> Response:
    row = await queries.one(who, report_id, db=request.app.state.db)
    found = next((one for one in row.report.files if one.id == file_id), None)
    if found is None:
        raise NotFound()
    data = await store.bytes_of(request.app.state.db, report_id, file_id)
    headers = attachment(f"{found.id}.{found.kind}")
    return Response(data, media_type="application/octet-stream", headers=headers)


@router.post(ONE + "/edit")
async def edit(request: Request, who: PagePrincipal, _: PageForm, report_id: str) -> Response:
    async def perform(sent: EditForm) -> Response:
        given = {"version": sent.version, "who": who, "db": request.app.state.db, "at": now()}
        await acts.rewrite(report_id, sent.wording(), **given)
        return redirect(request, f"{HOME}/{report_id}", N_("Đã lưu."))

    return await answered_among(request, "edit", EditForm, perform, _page, who, report_id)


@router.post(ONE + "/files")
async def add_file(request: Request, who: PagePrincipal, _: PageForm, report_id: str) -> Response:
    async def perform(sent: FileForm) -> Response:
        data = await sent.file.read()
        kind = filetype.guess_extension(data[:8192]) or ""
        name = sent.file.filename or ""
        db = request.app.state.db
        await acts.add_file(report_id, name, kind, data, who=who, db=db, at=now())
        return redirect(request, f"{HOME}/{report_id}", N_("Đã thêm tệp."))

    return await answered_among(request, "file", FileForm, perform, _page, who, report_id)


@router.post(ONE + "/send")
async def send(request: Request, who: PagePrincipal, _: PageForm, report_id: str) -> Response:
    async def perform(sent: SendForm) -> Response:
        db = request.app.state.db
        await acts.send(report_id, version=sent.version, who=who, db=db, at=now())
        return redirect(request, f"{HOME}/{report_id}", N_("Đã gửi cấp trên."))

    return await answered_among(request, "send", SendForm, perform, _page, who, report_id)


@router.post(ONE + "/decision")
async def decide(request: Request, who: PagePrincipal, _: PageForm, report_id: str) -> Response:
    async def perform(sent: DecideForm) -> Response:
        act = acts.receive if sent.decision == "received" else acts.return_
        db, version = request.app.state.db, sent.version
        await act(report_id, sent.remark, version=version, who=who, db=db, at=now())
        return redirect(request, f"{HOME}/{report_id}", N_("Đã ghi."))

    return await answered_among(request, "decide", DecideForm, perform, _page, who, report_id)


async def _page(
    request: Request,
    who: PagePrincipal,
    report_id: str,
    sent: dict[str, Form[Any]] | None = None,
    status: int = 200,
) -> Response:
    row = await queries.one(who, report_id, db=request.app.state.db)
    one = row.report
    forms: dict[str, Form[Any]] = {
        "edit": new_form(EditForm, one.wording, version=one.version),
        "file": new_form(FileForm),
        "send": new_form(SendForm, version=one.version),
        "decide": new_form(DecideForm, version=one.version, decision="received"),
    }
    for name, form in (sent or {}).items():
        forms[name] = form if name == "file" else form.caught_up(one.version)
    own = who.may(acts.WRITE) and one.unit_id == who.unit_id
    return render(
        request,
        "violation.html",
        status=status,
        row=row,
        one=one,
        forms=forms,
        may_write=own and one.writable,
        may_decide=who.may(acts.RECEIVE) and one.state == "sent" and is_below(one.tier, who.tier),
        commune=names().get(one.commune, one.commune),
        **words(),
    )


async def _begun(request: Request, who: Principal, form: Form[NewViolationForm]) -> Response:
    """Nothing is kept yet: what came is shown, before it the goods that it is about."""
    db, origin, id_ = request.app.state.db, form.text("origin"), form.text("origin_id")
    begun = await queries.begun(who, origin, id_, form.text("facility_id"), db=db, at=now())
    goods = await queries.goods_of(who, form.text("suspicions").split(), db=db)
    found = "\n".join((*goods, form.text("found")))[:MOST_FOUND]
    known = {"facility_id": begun.facility_id, "found": found, "key": new_id()}
    return _new_page(request, form.without_errors().with_raw(**known), begun.facility)


def _new_page(
    request: Request, form: Form[NewViolationForm], facility: str, status: int = 200
) -> Response:
    return render(
        request, "violation_new.html", status=status, form=form, facility=facility, **words()
    )


def _asked(request: Request) -> tuple[str, str]:
    state = request.query_params.get("state", "")
    return (state if state in STATES else ""), request.query_params.get("commune", "")[:5]
