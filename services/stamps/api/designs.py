"""Designs of stamps: written, handed in, decided, seen."""

from datetime import datetime

from fastapi import APIRouter, Request, Response, UploadFile
from pydantic import ConfigDict

from services.stamps import design_queries, logos
from services.stamps.actions import designs as acts
from services.stamps.api.bodies import Page
from services.stamps.api.views import Listing, View
from services.stamps.design_inputs import DesignDecision, DesignFields
from services.stamps.domain import designs as domain
from services.stamps.domain.printing import Barcode, Carrier
from services.stamps.inputs import RecordId
from services.stamps.previewing import AsPrinted, preview
from shared.ids import now
from shared.web.idempotency import IdempotencyKey
from shared.web.session import ApiPrincipal

router = APIRouter()


class WriteDesign(DesignFields):
    __doc__ = DesignFields.__doc__
    model_config = ConfigDict(strict=True)


class DecideDesign(DesignDecision):
    __doc__ = DesignDecision.__doc__
    model_config = ConfigDict(strict=True)


class FaceView(View):
    """`logo` is the id of the logo, "" without one."""

    size: str
    pattern: str
    tint: str
    ink: str
    caption: str
    logo: str


class DesignView(View):
    """`facility_id` is "" for one of an authority for all. `approved` is what may be printed, its
    `revision` counts approvals; `reason` is the last decision's."""

    id: str
    facility_id: str
    name: str
    state: domain.State
    draft: FaceView
    approved: FaceView | None
    revision: int
    reason: str
    updated_at: datetime
    version: int


@router.get("/designs")
async def list_designs(request: Request, who: ApiPrincipal, page: Page = 1) -> Listing[DesignView]:
    """The caller's designs and those of authorities for all, newest first."""
    found, total = await design_queries.seen_by(who, db=request.app.state.db, page=page)
    items = [DesignView.model_validate(one) for one in found]
    return Listing(items=items, total=total, page=page)


@router.post("/designs", status_code=201)
async def create_design(
    sent: WriteDesign, request: Request, who: ApiPrincipal, key: IdempotencyKey = None
) -> DesignView:
    """A draft of the caller's facility, or, of an authority, for all."""
    made = await acts.create(
        name=sent.name, face=sent.face(), key=key, who=who, db=request.app.state.db, now=now()
    )
    return DesignView.model_validate(made)


@router.get("/designs/{design_id}")
async def get_design(design_id: RecordId, request: Request, who: ApiPrincipal) -> DesignView:
    found = await design_queries.design_seen_by(who, design_id, db=request.app.state.db)
    return DesignView.model_validate(found)


@router.put("/designs/{design_id}")
async def edit_design(
    design_id: RecordId, sent: WriteDesign, request: Request, who: ApiPrincipal
) -> DesignView:
    """A new draft; its logo stays. What is approved can be printed until the draft is."""
    db = request.app.state.db
    before = await design_queries.design_seen_by(who, design_id, db=db)
    face = sent.face(before.draft.logo)
    made = await acts.edit(design_id, name=sent.name, face=face, who=who, db=db, now=now())
    return DesignView.model_validate(made)


@router.put("/designs/{design_id}/logo")
async def put_logo(
    design_id: RecordId, file: UploadFile, request: Request, who: ApiPrincipal
) -> DesignView:
    """A picture (PNG, JPEG) for the draft; it is made small and drawn anew."""
    db = request.app.state.db
    before = await design_queries.design_seen_by(who, design_id, db=db)
    content = await file.read(logos.MAX_BYTES + 1)
    if not content or len(content) > logos.MAX_BYTES:
        raise logos.NotALogo("file")
    made = await acts.edit(
        design_id, name=before.name, face=before.draft, logo=content, who=who, db=db, now=now()
    )
    return DesignView.model_validate(made)


@router.post("/designs/{design_id}/submission")
async def submit_design(design_id: RecordId, request: Request, who: ApiPrincipal) -> DesignView:
    """Hand the draft in for approval."""
    made = await acts.submit(design_id, who=who, db=request.app.state.db, now=now())
    return DesignView.model_validate(made)


@router.post("/designs/{design_id}/decision")
async def decide_design(
    design_id: RecordId, sent: DecideDesign, request: Request, who: ApiPrincipal
) -> DesignView:
    """Approve or return what another person wrote and handed in."""
    made = await acts.decide(
        design_id, **sent.model_dump(), who=who, db=request.app.state.db, now=now()
    )
    return DesignView.model_validate(made)


@router.get("/designs/{design_id}/preview")
async def get_preview(
    design_id: RecordId,
    request: Request,
    who: ApiPrincipal,
    carrier: Carrier = "qr",
    barcode: Barcode = "none",
    pin: bool = False,
    gtin: bool = True,
) -> Response:
    """The draft as a PNG, as print jobs would carry code, barcode and hidden number; its code is
    nobody's, its hidden number marked as a sample. `gtin`: as of a product with a GTIN, which is an
    example's; symbols of one without are coarser on sizes that take a link."""
    state = request.app.state
    found = await design_queries.design_seen_by(who, design_id, db=state.db)
    look = await design_queries.look_of(found.draft, found.facility_id, db=state.db)
    host = state.settings.stamp_host
    how = AsPrinted(carrier, barcode, pin, gtin)
    png = await preview(look, found.draft.size, host=host, product="…", facility="…", how=how)
    return Response(png, media_type="image/png")
