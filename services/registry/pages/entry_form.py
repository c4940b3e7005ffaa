"""The form of a diary entry: first what was done, then the few fields that go with it."""

from dataclasses import asdict
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.registry import catalogue
from services.registry.actions import lots
from services.registry.domain.catalogues import variants
from services.registry.domain.diary import FIELDS, Step
from services.registry.domain.records import Aggregate, Record
from services.registry.naming import step_name, unit_options
from services.registry.pages import supply_fill
from services.registry.pages.editing import Context, save, show_form, to_edit
from services.registry.pages.forms import EntryForm, StepForm, SupplyForm
from services.registry.pages.showing import show
from services.registry.store import records
from shared.errors import NotFound
from shared.ids import new_id, now
from shared.mongo import Database
from shared.web.csrf import PageForm
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import N_, translate
from shared.web.pages import redirect
from shared.web.session import PagePrincipal

router = APIRouter(prefix="/console/registry/lots/{record_id}/entries", include_in_schema=False)

TEMPLATE = "console/entry_form.html"
ICONS: Final = {
    Step.PLANTING: "sprout",
    Step.STOCKING: "fish",
    Step.INPUT: "flask",
    Step.HARVESTING: "leaf",
    Step.CATCHING: "fish",
    Step.SLAUGHTERING: "factory",
    Step.COLLECTING: "inbox",
    Step.PRE_PROCESSING: "settings",
    Step.PROCESSING: "factory",
    Step.PACKING: "box",
    Step.STORING: "shop",
    Step.TRANSPORTING: "truck",
}
# What a field is called where the step gives it a meaning of its own.
LABELS: Final = {
    ("material", Step.PLANTING): N_("Giống"),
    ("material", Step.STOCKING): N_("Con giống"),
    ("source", Step.PLANTING): N_("Mua giống ở đâu"),
    ("source", Step.STOCKING): N_("Mua con giống ở đâu"),
    ("source", Step.COLLECTING): N_("Mua của ai"),
    ("vehicle", Step.CATCHING): N_("Tàu, thuyền"),
    ("vehicle", Step.TRANSPORTING): N_("Xe, biển số"),
    ("destination", Step.TRANSPORTING): N_("Chở đến đâu"),
    ("method", Step.PRE_PROCESSING): N_("Cách sơ chế"),
    ("method", Step.PROCESSING): N_("Cách chế biến"),
    ("method", Step.PACKING): N_("Quy cách đóng gói"),
    ("method", Step.STORING): N_("Điều kiện bảo quản"),
}
# Where each kind of facility begins: these steps are offered first.
USUAL: Final = {
    "grower": (Step.PLANTING, Step.INPUT, Step.HARVESTING),
    "livestock": (Step.STOCKING, Step.INPUT, Step.SLAUGHTERING),
    "aquaculture": (Step.STOCKING, Step.INPUT, Step.HARVESTING),
    "catch": (Step.CATCHING,),
    "collector": (Step.COLLECTING,),
    "slaughter": (Step.SLAUGHTERING,),
    "pre_processing": (Step.PRE_PROCESSING,),
    "processing": (Step.PROCESSING,),
    "packing": (Step.PACKING,),
    "storage": (Step.STORING,),
    "transport": (Step.TRANSPORTING,),
}


def _context(record: Record[Any]) -> Context:
    async def context(form: Form[Any]) -> dict[str, Any]:
        step = Step(form.text("step"))
        return {
            "step": step,
            "step_title": step_name(step, form.text("variant")),
            "fields": FIELDS[step],
            "labels": {name: translate(text) for (name, at), text in LABELS.items() if at is step},
            "supplies": [(key, translate(label)) for key, label in catalogue.SUPPLIES.items()],
            "units": unit_options(),
            "lot": record,
            "known": supply_fill.options(),
            "supply": supply_fill.row_of(form.text("supply")),
        }

    return context


@router.get("/new")
async def new(
    request: Request,
    who: PagePrincipal,
    record_id: str,
    step: str = "",
    variant: str = "",
    supply: str = "",
    repeat: bool = False,
) -> Response:
    record = await to_edit(request, who, Aggregate.LOT, record_id)
    db: Database = request.app.state.db
    facility = await records.get(db, Aggregate.FACILITY, record.owner.facility_id)
    if step not in FIELDS or (variant and variant not in variants(step)):
        last = record.content.entries[-1] if record.content.entries else None
        return show(
            request,
            "console/choose_step.html",
            record=record,
            steps=[
                (one, added, step_name(one, added), ICONS[one])
                for one in _steps_of(facility)
                for added in ("", *variants(one))
            ],
            last=last,
            last_title=step_name(last.step, last.variant) if last is not None else "",
        )
    usual = {
        "place": await _usual_place(db, record, facility),
        "unit": record.content.unit if "unit" in FIELDS[Step(step)] else "",
    }
    again = _repeated(record, Step(step)) if repeat else {}
    known = {"id": new_id(), "step": step, "variant": variant, "at": now()}
    area = await _area_of(db, record)
    species = (area.published or area.content).species if area is not None else ""
    from_list = supply_fill.filled(supply, species) if step == Step.INPUT else {}
    form = new_form(_model(step), **known, **{**usual, **again, **from_list})
    return await show_form(request, form, TEMPLATE, _context(record))


@router.get("/{entry_id}/edit")
async def edit(request: Request, who: PagePrincipal, record_id: str, entry_id: str) -> Response:
    record = await to_edit(request, who, Aggregate.LOT, record_id)
    entry = record.content.entry(entry_id)
    if entry is None:
        raise NotFound()
    form = new_form(_model(entry.step), asdict(entry), version=record.version)
    return await show_form(request, form, TEMPLATE, _context(record), record=record)


@router.post("/new")
async def add(request: Request, who: PagePrincipal, record_id: str, _: PageForm) -> Response:
    """A new entry, or (with a version) an entry that is there already, changed."""
    record = await to_edit(request, who, Aggregate.LOT, record_id)
    form = await read_form(request, EntryForm)
    if form.text("step") not in FIELDS:
        raise NotFound()
    if _model(form.text("step")) is SupplyForm:
        form = await read_form(request, SupplyForm)
    return await save(
        request,
        form,
        lambda sent: lots.add_entry(
            record_id,
            sent.entry(new_id()),
            version=sent.version or None,
            who=who,
            now=now(),
            db=request.app.state.db,
        ),
        aggregate=Aggregate.LOT,
        template=TEMPLATE,
        context=_context(record),
        record=record,
    )


@router.post("/{entry_id}/remove")
async def remove(
    request: Request, who: PagePrincipal, record_id: str, entry_id: str, _: PageForm
) -> Response:
    form = await read_form(request, StepForm)
    if form.value is None:
        raise NotFound()
    await lots.remove_entry(
        record_id,
        entry_id,
        version=form.value.version,
        who=who,
        now=now(),
        db=request.app.state.db,
    )
    return redirect(
        request, f"/console/registry/lots/{record_id}", N_("Đã bỏ công đoạn khỏi bản nháp.")
    )


def _model(step: str) -> type[EntryForm]:
    return SupplyForm if step == Step.INPUT else EntryForm


def _steps_of(facility: Record[Any]) -> list[Step]:
    """All steps, those usual for this kind of facility first."""
    usual = [step for kind in facility.content.kinds for step in USUAL.get(kind, ())]
    return list(dict.fromkeys([*usual, *Step]))


def _repeated(record: Record[Any], step: Step) -> dict[str, Any]:
    """The fields of the last entry of that step, as a start for one more.

    Quantities and withdrawal intervals are read anew each time: copied ones are believed unread.
    """
    last = next((one for one in reversed(record.content.entries) if one.step is step), None)
    if last is None:
        return {}
    names = ("place", *(n for n in FIELDS[step] if n not in ("quantity", "withdrawal_days")))
    return {name: getattr(last, name) for name in names}


async def _area_of(db: Database, record: Record[Any]) -> Record[Any] | None:
    """The growing area that the lot names."""
    named = record.content.growing_area_id
    return await records.find(db, Aggregate.GROWING_AREA, named) if named else None


async def _usual_place(db: Database, record: Record[Any], facility: Record[Any]) -> str:
    """Where the last entry was made; else the growing area; else the facility's address."""
    if record.content.entries:
        return str(record.content.entries[-1].place)
    area = await _area_of(db, record)
    if area is not None:
        return str(area.content.name)
    return str(facility.content.address)
