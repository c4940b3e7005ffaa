"""The console's unit tree: one's own unit and all below it."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from services.identity import labels
from services.identity.actions import units as actions
from services.identity.domain.units import Unit, require_below
from services.identity.forms import EditUnitForm, FoundUnitForm
from services.identity.request import Db, Id
from services.identity.store import units as store
from services.identity.tiers import tiers
from shared.auth import Principal, require
from shared.errors import Refusal
from shared.ids import now
from shared.mongo import Database
from shared.web.csrf import PageForm
from shared.web.forms import Form, form_status, new_form, read_form
from shared.web.i18n import N_, language_of, translate
from shared.web.pages import redirect, render
from shared.web.session import PagePrincipal

router = APIRouter(prefix="/console/identity/units")


@router.get("")
async def tree(request: Request, who: PagePrincipal, db: Db) -> Response:
    require(who, "unit.read")
    return render(
        request,
        "units.html",
        units=await store.below(db, who),
        depth=await _depth(db, who),
        tiers=_tier_labels(),
        sectors=labels.SECTORS,
        edits=who.may(actions.EDIT),
    )


@router.get("/new")
async def ask_new(request: Request, who: PagePrincipal, db: Db) -> Response:
    require(who, actions.EDIT)
    parent_id = request.query_params.get("parent", who.unit_id)
    return await _new(request, who, db, new_form(FoundUnitForm, parent_id=parent_id))


@router.post("/new")
async def found(request: Request, who: PagePrincipal, sent: PageForm, db: Db) -> Response:
    form = await read_form(request, FoundUnitForm)
    if form.value is None:
        return await _new(request, who, db, form, 422)
    given = form.value
    try:
        unit = await actions.found_unit(
            given.name, given.tier, given.parent_id, given.reach(), who=who, db=db, now=now()
        )
    except Refusal as refusal:
        return await _new(request, who, db, form.refused(refusal), form_status(refusal))
    return redirect(request, "/console/identity/units", N_("Đã lập đơn vị {name}."), name=unit.name)


@router.get("/{unit_id}")
async def ask_edit(request: Request, unit_id: Id, who: PagePrincipal, db: Db) -> Response:
    unit = await store.get(db, unit_id)
    require_below(who, unit)
    require(who, actions.EDIT)
    communes = ", ".join(unit.reach.communes)
    form = new_form(EditUnitForm, unit, communes=communes, sector=unit.reach.sector)
    return _edit(request, unit, form)


@router.post("/{unit_id}")
async def edit(
    request: Request, unit_id: Id, who: PagePrincipal, sent: PageForm, db: Db
) -> Response:
    form = await read_form(request, EditUnitForm)
    unit = await store.get(db, unit_id)
    require_below(who, unit)
    if form.value is None:
        return _edit(request, unit, form, 422)
    try:
        await actions.edit_unit(unit_id, form.value.edit(), who=who, db=db, now=now())
    except Refusal as refusal:
        return _edit(request, unit, form.refused(refusal), form_status(refusal))
    return redirect(request, "/console/identity/units", N_("Đã lưu đơn vị."))


async def _new(
    request: Request, who: Principal, db: Database, form: Form[FoundUnitForm], status: int = 200
) -> Response:
    parents = [unit for unit in await store.below(db, who) if _children_tiers(unit)]
    wanted = {tier for unit in parents for tier in _children_tiers(unit)}
    return render(
        request,
        "unit_new.html",
        status=status,
        form=form,
        parents=[(unit.id, unit.name) for unit in parents],
        tiers=[(name, label) for name, label in _tier_labels().items() if name in wanted],
        sector_options=_sectors(),
    )


def _edit(request: Request, unit: Unit, form: Form[EditUnitForm], status: int = 200) -> Response:
    return render(
        request,
        "unit_edit.html",
        status=status,
        form=form,
        unit=unit,
        tier=tiers()[unit.tier].label(language_of()),
        sector_options=_sectors(),
    )


def _children_tiers(unit: Unit) -> list[str]:
    return [tier.name for tier in tiers().values() if tier.enabled and unit.tier in tier.under]


def _tier_labels() -> dict[str, str]:
    lang = language_of()
    return {tier.name: tier.label(lang) for tier in tiers().values() if tier.enabled}


def _sectors() -> list[tuple[str, str]]:
    return [(sector, translate(label)) for sector, label in labels.SECTORS.items()]


async def _depth(db: Database, who: Principal) -> int:
    """How deep one's own unit lies: the page indents from there."""
    own = await store.find(db, who.unit_id)
    return len(own.path) if own else 1
