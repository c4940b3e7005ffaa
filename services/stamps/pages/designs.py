"""Designs of stamps: the list, one with its picture and decisions, writing one, seeing it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from services.stamps import design_queries, queries
from services.stamps.actions import designs as acts
from services.stamps.design_inputs import DesignDecision
from services.stamps.domain.designs import Face
from services.stamps.domain.printing import Barcode, Carrier
from services.stamps.inputs import RecordId
from services.stamps.pages.carriers import barcode_names, carrier_names
from services.stamps.pages.design_words import INKS, PATTERNS, STATES, TINTS, TONES
from services.stamps.pages.shown import HOME, listed, translated
from services.stamps.pages.sizes import NAMES
from services.stamps.previewing import USUAL, AsPrinted, must_be_drawable, preview
from shared.auth import Principal
from shared.errors import NotFound, Refusal
from shared.ids import now
from shared.web.answering import answered
from shared.web.csrf import PageForm
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import N_, translate
from shared.web.pages import redirect, render
from shared.web.session import PagePrincipal

router = APIRouter()
# What stands on a picture where a product and a facility will be; stamps are Vietnamese.
_PRODUCT = "Tên sản phẩm in ở đây"
_FACILITY = "Tên cơ sở in ở đây"


def _as_asked(
    carrier: Carrier = "qr", barcode: Barcode = "none", pin: bool = False, gtin: bool = True
) -> AsPrinted:
    return AsPrinted(carrier, barcode, pin, gtin)


HowPrinted = Annotated[AsPrinted, Depends(_as_asked)]


@router.get("/designs")
async def list_designs(request: Request, who: PagePrincipal) -> Response:
    db = request.app.state.db
    rows, paging = await listed(request, lambda page: design_queries.seen_by(who, db=db, page=page))
    owners = {row.facility_id for row in rows if row.facility_id}
    return render(
        request,
        "designs.html",
        rows=rows,
        names=await queries.facility_names(owners, db=db),
        paging=paging,
        states=translated(STATES),
        tones=TONES,
        sizes=translated(NAMES),
    )


@router.get("/designs/preview.png")
async def picture_of_form(
    request: Request,
    who: PagePrincipal,
    size: str,
    pattern: str,
    tint: str,
    ink: str,
    caption: str = "",
    design: str = "",
) -> Response:
    """How a design would look that is not kept yet; `design` lends its logo and its facility."""
    logo, owner = "", who.facility_id or ""
    if design:
        kept = await design_queries.design_seen_by(who, design, db=request.app.state.db)
        logo, owner = kept.draft.logo, kept.facility_id
    face = Face(size, pattern, tint, ink, caption[:100], logo)
    try:
        acts.check(face)
    except Refusal:
        raise NotFound() from None
    return await _picture(request, face, owner)


@router.get("/designs/{design_id}/preview.png")
async def picture(
    request: Request, who: PagePrincipal, design_id: RecordId, how: HowPrinted
) -> Response:
    """The draft as it stands; what was approved, with `?approved=1`."""
    design = await design_queries.design_seen_by(who, design_id, db=request.app.state.db)
    face = design.draft
    if "approved" in request.query_params:
        if design.approved is None:
            raise NotFound()
        face = design.approved
    return await _picture(request, face, design.facility_id, how)


async def _picture(request: Request, face: Face, owner: str, how: AsPrinted = USUAL) -> Response:
    state = request.app.state
    look = await design_queries.look_of(face, owner, db=state.db)
    host = state.settings.stamp_host
    try:
        png = await preview(
            look, face.size, host=host, product=_PRODUCT, facility=_FACILITY, how=how
        )
    except Refusal:  # The page says which.
        raise NotFound() from None
    return Response(png, media_type="image/png")


@router.get("/designs/{design_id}")
async def show_design(
    request: Request, who: PagePrincipal, design_id: RecordId, how: HowPrinted
) -> Response:
    """Also as it would be printed with another carrier, a barcode, a hidden number."""
    return await _design_page(request, who, design_id, new_form(DesignDecision), how=how)


@router.post("/designs/{design_id}")
async def decide(
    request: Request, who: PagePrincipal, sent: PageForm, design_id: RecordId
) -> Response:
    async def perform(sent: DesignDecision) -> Response:
        made = await acts.decide(
            design_id,
            decision=sent.decision,
            reason=sent.reason,
            who=who,
            db=request.app.state.db,
            now=now(),
        )
        told = N_("Đã duyệt mẫu tem.") if made.state == "approved" else N_("Đã trả lại mẫu tem.")
        return redirect(request, f"{HOME}/designs/{design_id}", told)

    return await answered(
        await read_form(request, DesignDecision),
        perform,
        lambda form, status: _design_page(request, who, design_id, form, status),
    )


@router.post("/designs/{design_id}/submit")
async def hand_in(
    request: Request, who: PagePrincipal, sent: PageForm, design_id: RecordId
) -> Response:
    await acts.submit(design_id, who=who, db=request.app.state.db, now=now())
    return redirect(request, f"{HOME}/designs/{design_id}", N_("Đã gửi mẫu tem để duyệt."))


def _lacking(size: str, host: str, how: AsPrinted) -> str:
    """Why it cannot be drawn so, in words; "" if it can."""
    try:
        must_be_drawable(size, host, how)
    except Refusal as refusal:
        return translate(refusal.message, **refusal.params)
    return ""


async def _design_page(
    request: Request,
    who: Principal,
    design_id: str,
    form: Form[DesignDecision],
    status: int = 200,
    how: AsPrinted = USUAL,
) -> Response:
    db, host = request.app.state.db, request.app.state.settings.stamp_host
    design = await design_queries.design_seen_by(who, design_id, db=db)
    owners = {design.facility_id} - {""}
    decidable = design.state == "submitted"
    return render(
        request,
        "design.html",
        status=status,
        form=form,
        one=design,
        how=how,
        lacking=_lacking(design.draft.size, host, how),
        carriers=carrier_names(),
        barcodes=barcode_names(),
        names=await queries.facility_names(owners, db=db),
        revisions=await design_queries.revisions_of(design, db=db),
        states=translated(STATES),
        tones=TONES,
        sizes=translated(NAMES),
        words={**translated(PATTERNS), **{f"tint {k}": v for k, v in translated(TINTS).items()}},
        inks=translated(INKS),
        mine=bool(set(design.hands) & set(acts.hands_of(who))),
        may_edit=await design_queries.may(who, "stamps.design", design, db=db),
        may_decide=decidable
        and await design_queries.may(who, "stamps.design_decide", design, db=db),
    )
