"""The console's unit tree: one's own unit and all below it."""

from itertools import groupby
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from services.identity import labels
from services.identity.actions import reshaping
from services.identity.actions import units as actions
from services.identity.domain.units import Unit, require_below
from services.identity.fields.units import EditUnitForm, FoundUnitForm, MergeUnits, MoveUnit
from services.identity.pages.desks import communes, communes_of_then
from services.identity.request import Db, Id
from services.identity.store import units as store
from services.identity.tiers import tiers
from shared.auth import Principal, require
from shared.errors import EditConflict
from shared.ids import now
from shared.mongo import Database
from shared.web.answering import answered
from shared.web.csrf import PageForm
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import N_, language_of, translate
from shared.web.pages import redirect, render
from shared.web.session import PagePrincipal

router = APIRouter(prefix="/console/identity/units")
# A longer run of units of one tier would make the page as long as a road on a telephone.
SHOWN_UNFOLDED = 12


@router.get("")
async def tree(request: Request, who: PagePrincipal, db: Db) -> Response:
    require(who, "unit.read")
    merged = request.query_params.get("merged") == "yes"
    return render(
        request,
        "units.html",
        runs=runs_of([one for one in await store.below(db, who) if merged or not one.successor_id]),
        merged=merged,
        depth=await _depth(db, who),
        tiers=_tier_labels(),
        sectors=labels.SECTORS,
        places=dict(await communes(db)),
        edits=who.may(actions.EDIT),
    )


def runs_of(units: list[Unit]) -> list[tuple[str, list[Unit]]]:
    """In the order of the tree; many of one tier in a row stand under its name, to be unfolded."""
    runs: list[tuple[str, list[Unit]]] = []
    for tier, found in groupby(units, key=lambda one: one.tier):
        run = list(found)
        if len(run) > SHOWN_UNFOLDED:
            runs.append((tier, run))
        elif runs and not runs[-1][0]:
            runs[-1][1].extend(run)
        else:
            runs.append(("", run))
    return runs


@router.get("/new")
async def ask_new(request: Request, who: PagePrincipal, db: Db) -> Response:
    parent_id = request.query_params.get("parent", who.unit_id)
    return await _new(request, who, db, new_form(FoundUnitForm, parent_id=parent_id))


@router.post("/new")
async def found(request: Request, who: PagePrincipal, sent: PageForm, db: Db) -> Response:
    async def perform(given: FoundUnitForm) -> Response:
        unit = await actions.found_unit(
            given.name, given.tier, given.parent_id, given.reach(), who=who, db=db, now=now()
        )
        done = N_("Đã lập đơn vị {name}.")
        return redirect(request, "/console/identity/units", done, name=unit.name)

    return await answered(
        await read_form(request, FoundUnitForm),
        perform,
        lambda form, status: _new(request, who, db, form, status),
    )


@router.get("/{unit_id}")
async def ask_edit(request: Request, unit_id: Id, who: PagePrincipal, db: Db) -> Response:
    return await _edit(request, unit_id, who, db, {})


@router.post("/{unit_id}")
async def edit(
    request: Request, unit_id: Id, who: PagePrincipal, sent: PageForm, db: Db
) -> Response:
    async def perform(given: EditUnitForm) -> Response:
        await actions.edit_unit(unit_id, given.edit(), who=who, db=db, now=now())
        return redirect(request, "/console/identity/units", N_("Đã lưu đơn vị."))

    return await answered(
        await read_form(request, EditUnitForm),
        perform,
        lambda form, status: _edit(request, unit_id, who, db, {"edit": form}, status),
    )


@router.post("/{unit_id}/move")
async def move(
    request: Request, unit_id: Id, who: PagePrincipal, sent: PageForm, db: Db
) -> Response:
    async def perform(given: MoveUnit) -> Response:
        await reshaping.move_unit(
            unit_id, given.parent_id, given.version, given.reason, who=who, db=db, now=now()
        )
        return redirect(request, f"{router.prefix}/{unit_id}", N_("Đã chuyển đơn vị."))

    return await answered(
        await read_form(request, MoveUnit),
        perform,
        lambda form, status: _edit(request, unit_id, who, db, {"move": form}, status),
    )


@router.post("/{unit_id}/merge")
async def merge(
    request: Request, unit_id: Id, who: PagePrincipal, sent: PageForm, db: Db
) -> Response:
    async def perform(given: MergeUnits) -> Response:
        await reshaping.merge_units(
            unit_id,
            tuple(given.merged),
            given.name,
            given.version,
            given.reason,
            who=who,
            db=db,
            now=now(),
        )
        return redirect(request, f"{router.prefix}/{unit_id}", N_("Đã sáp nhập đơn vị."))

    return await answered(
        await read_form(request, MergeUnits),
        perform,
        lambda form, status: _edit(request, unit_id, who, db, {"merge": form}, status),
    )


async def _new(
    request: Request, who: Principal, db: Database, form: Form[FoundUnitForm], status: int = 200
) -> Response:
    require(who, actions.EDIT)
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


async def _edit(
    request: Request,
    unit_id: str,
    who: Principal,
    db: Database,
    forms: dict[str, Form[Any]],
    status: int = 200,
) -> Response:
    """One unit; `forms` holds what comes back with errors, by the name of its act."""
    unit = await store.get(db, unit_id)
    require_below(who, unit)
    require(who, actions.EDIT)
    others = [one for one in await store.below(db, who) if one.active and one.id != unit.id]
    above = tiers()[unit.tier].under
    shown: dict[str, Form[Any]] = {
        "edit": new_form(
            EditUnitForm,
            unit,
            communes=", ".join(unit.reach.communes),
            sector=unit.reach.sector,
        ),
        "move": new_form(MoveUnit, version=unit.version),
        "merge": new_form(MergeUnits, version=unit.version),
        **{act: form.caught_up(unit.version) for act, form in forms.items()},
    }
    shown = {act: form.named(act) for act, form in shown.items()}
    ids = {past.parent_id for past in unit.history if past.parent_id} | {unit.successor_id or ""}
    return render(
        request,
        "unit_edit.html",
        status=status,
        forms=shown,
        opened=next(iter(forms), ""),
        overtaken=any(isinstance(form.refusal, EditConflict) for form in forms.values()),
        unit=unit,
        tier=tiers()[unit.tier].label(language_of()),
        sector_options=_sectors(),
        parents=[
            (one.id, one.name)
            for one in others
            if one.tier in above and one.id != unit.parent_id and unit.id not in one.path
        ],
        siblings=[(one.id, one.name) for one in others if one.tier == unit.tier],
        names=await store.names(db, ids),
        places=dict(await communes(db)),
        past_places=dict(await communes_of_then(db)),
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
