"""One known facility: entered, changed, invited, closed, opened again, made into a record."""

from dataclasses import asdict, replace
from typing import Annotated, Any, Final

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from services.registry.actions import known as acts
from services.registry.domain.known import Known
from services.registry.fields.known import KnownFields
from services.registry.inputs import OptionalId
from services.registry.pages.forms import ReasonForm, Seen, StepForm
from services.registry.pages.oversight.known_list import words
from services.registry.pages.oversight.known_telling import differences, told
from services.registry.pages.records.editing import own_place
from services.registry.pages.showing import show
from services.registry.store import known as store
from services.registry.telling import Change
from shared.auth import Principal, require
from shared.errors import EditConflict
from shared.ids import new_id, now
from shared.once import once
from shared.web.answering import answered
from shared.web.csrf import PageForm
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import N_
from shared.web.pages import redirect
from shared.web.session import PagePrincipal

router = APIRouter(prefix="/console/registry/known-facilities", include_in_schema=False)
HOME: Final = "/console/registry/known-facilities"
STEPS: Final = {"invite": acts.invite, "close": acts.close, "reopen": acts.reopen}


class KnownForm(KnownFields):
    version: Seen = 0
    key: OptionalId = ""


class NoteForm(ReasonForm):
    step: Annotated[str, Field(pattern=r"^(invite|close|reopen)$")]


@router.get("/new")
async def new(request: Request, who: PagePrincipal) -> Response:
    require(who, acts.ENTER)
    return _form(request, new_form(KnownForm, key=new_id(), **own_place(who)))


@router.post("/new")
async def create(request: Request, who: PagePrincipal, _: PageForm) -> Response:
    require(who, acts.ENTER)

    async def perform(sent: KnownForm) -> Response:
        made = await acts.enter_known(
            sent.to_domain(),
            known_id=new_id(),
            who=who,
            now=now(),
            db=request.app.state.db,
            once=once(who, sent.key, "known", sent),
        )
        return redirect(request, f"{HOME}/{made.id}", N_("Đã ghi vào danh sách."))

    return await answered(
        await read_form(request, KnownForm),
        perform,
        lambda form, status: _form(request, form, status=status),
    )


@router.get("/{known_id}")
async def read(request: Request, who: PagePrincipal, known_id: str) -> Response:
    return await _page(request, who, known_id)


@router.post("/{known_id}")
async def step(request: Request, who: PagePrincipal, known_id: str, _: PageForm) -> Response:
    async def perform(sent: NoteForm) -> Response:
        act = STEPS[sent.step]
        note, db = sent.reason, request.app.state.db
        await act(known_id, note=note, version=sent.version, who=who, now=now(), db=db)
        return redirect(request, f"{HOME}/{known_id}", N_("Đã ghi."))

    return await answered(
        await read_form(request, NoteForm),
        perform,
        lambda form, status: _page(request, who, known_id, form, status),
    )


@router.get("/{known_id}/edit")
async def edit(request: Request, who: PagePrincipal, known_id: str) -> Response:
    require(who, acts.ENTER)
    one = await _known(request, who, known_id)
    return _form(request, new_form(KnownForm, asdict(one.it), version=one.version), one)


@router.post("/{known_id}/edit")
async def change(request: Request, who: PagePrincipal, known_id: str, _: PageForm) -> Response:
    async def perform(sent: KnownForm) -> Response:
        it, db = sent.to_domain(), request.app.state.db
        await acts.edit_known(known_id, it, version=sent.version, who=who, now=now(), db=db)
        return redirect(request, f"{HOME}/{known_id}", N_("Đã lưu."))

    form = await read_form(request, KnownForm)
    typed = form.value

    async def again(form: Form[KnownForm], status: int) -> Response:
        one = await _known(request, who, known_id)
        conflict = isinstance(form.refusal, EditConflict) and typed is not None
        theirs = differences(one.it, typed.to_domain()) if conflict and typed else None
        return _form(request, form.caught_up(one.version), one, status, theirs)

    return await answered(form, perform, again)


@router.post("/{known_id}/convert")
async def convert(request: Request, who: PagePrincipal, known_id: str, _: PageForm) -> Response:
    async def perform(sent: StepForm) -> Response:
        made = await acts.convert(
            known_id,
            record_id=new_id(),
            version=sent.version,
            who=who,
            now=now(),
            db=request.app.state.db,
        )
        text = N_("Đã lập hồ sơ nháp. Hãy điền cho đủ rồi gửi kiểm tra.")
        return redirect(request, f"/console/registry/facilities/{made.id}/edit", text)

    return await answered(
        await read_form(request, StepForm),
        perform,
        lambda form, status: _page(request, who, known_id, form, status),
    )


async def _known(request: Request, who: Principal, known_id: str) -> Known:
    one = await store.get(request.app.state.db, known_id)
    require(who, "known_facility.read", one.scope())
    return one


def _form(
    request: Request,
    form: Form[Any],
    one: Known | None = None,
    status: int = 200,
    theirs: list[Change] | None = None,
) -> Response:
    return show(
        request,
        "console/known_form.html",
        status=status,
        form=form,
        one=one,
        theirs=theirs,
        **words(),
    )


async def _page(
    request: Request,
    who: Principal,
    known_id: str,
    form: Form[Any] | None = None,
    status: int = 200,
) -> Response:
    one = await _known(request, who, known_id)
    form = replace(form, model=NoteForm) if form else new_form(NoteForm)
    form = form.from_version(one.version)
    return show(
        request,
        "console/known.html",
        status=status,
        one=one,
        form=form,
        may_enter=who.may(acts.ENTER),
        told=told(one.it),
        **words(),
    )
