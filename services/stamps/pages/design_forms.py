"""Writing a design of stamps, with its picture as it would come out."""

from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.stamps import design_queries
from services.stamps.actions import designs as acts
from services.stamps.design_inputs import DesignForm
from services.stamps.domain.designs import Design
from services.stamps.inputs import RecordId
from services.stamps.pages.design_words import INKS, PATTERNS, TINTS
from services.stamps.pages.forms import fresh_form
from services.stamps.pages.shown import HOME, translated
from services.stamps.pages.sizes import sizes_for
from services.stamps.printing.looks import takes_caption, takes_logo
from services.stamps.printing.templates import TEMPLATES
from shared.auth import Principal, require
from shared.ids import now
from shared.web.answering import answered
from shared.web.csrf import PageForm
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import N_
from shared.web.pages import redirect, render
from shared.web.session import PagePrincipal

router = APIRouter()
_SHOWN = ("size", "pattern", "tint", "ink", "caption")


@router.get("/designs/new")
async def new_design(request: Request, who: PagePrincipal) -> Response:
    require(who, "stamps.design")
    begun = {"size": "20mm", "pattern": "waves", "tint": "green", "ink": "green"}
    return _form_page(request, who, fresh_form(DesignForm, **begun))


@router.post("/designs/new")
async def create(request: Request, who: PagePrincipal, sent: PageForm) -> Response:
    form = await read_form(request, DesignForm)

    async def perform(sent: DesignForm) -> Response:
        if sent.act == "preview":
            acts.check(sent.face())
            return _form_page(request, who, form)
        design = await acts.create(
            name=sent.name,
            face=sent.face(),
            logo=await _content(sent),
            key=sent.key,
            who=who,
            db=request.app.state.db,
            now=now(),
        )
        return redirect(request, f"{HOME}/designs/{design.id}", N_("Đã lưu mẫu tem."))

    return await answered(
        form, perform, lambda form, status: _form_page(request, who, form, status=status)
    )


@router.get("/designs/{design_id}/edit")
async def edit_form(request: Request, who: PagePrincipal, design_id: RecordId) -> Response:
    design = await _editable(request, who, design_id)
    known = {name: getattr(design.draft, name) for name in _SHOWN}
    return _form_page(request, who, new_form(DesignForm, name=design.name, **known), design)


@router.post("/designs/{design_id}/edit")
async def edit(
    request: Request, who: PagePrincipal, sent: PageForm, design_id: RecordId
) -> Response:
    form = await read_form(request, DesignForm)

    async def perform(sent: DesignForm) -> Response:
        design = await _editable(request, who, design_id)
        if sent.act == "preview":
            acts.check(sent.face())
            return _form_page(request, who, form, design)
        await acts.edit(
            design_id,
            name=sent.name,
            face=sent.face("" if sent.remove_logo else design.draft.logo),
            logo=await _content(sent),
            who=who,
            db=request.app.state.db,
            now=now(),
        )
        return redirect(request, f"{HOME}/designs/{design_id}", N_("Đã lưu mẫu tem."))

    async def show(form: Form[DesignForm], status: int) -> Response:
        design = await _editable(request, who, design_id)
        return _form_page(request, who, form, design, status)

    return await answered(form, perform, show)


async def _editable(request: Request, who: Principal, design_id: str) -> Design:
    db = request.app.state.db
    design = await design_queries.design_seen_by(who, design_id, db=db)
    require(who, "stamps.design", await acts.scope_of(db, design))
    return design


async def _content(sent: DesignForm) -> bytes | None:
    return await sent.logo.read() if sent.logo else None


def _form_page(
    request: Request,
    who: Principal,
    form: Form[DesignForm],
    design: Design | None = None,
    status: int = 200,
) -> Response:
    require(who, "stamps.design")
    sizes = sizes_for(request.app.state.settings.stamp_host, "")
    shown = {name: form.text(name) for name in _SHOWN}
    seen = urlencode({**shown, "design": design.id if design else ""})
    names = {key: label for key, label, _ in sizes}
    return render(
        request,
        "design_form.html",
        status=status,
        form=form,
        one=design,
        sizes=sizes,
        patterns=list(translated(PATTERNS).items()),
        tints=list(translated(TINTS).items()),
        inks=list(translated(INKS).items()),
        picture=f"{HOME}/designs/preview.png?{seen}" if not form.errors else "",
        with_logo=", ".join(name for key, name in names.items() if takes_logo(key)),
        with_caption=", ".join(
            name for key, name in names.items() if takes_caption(TEMPLATES[key])
        ),
    )
