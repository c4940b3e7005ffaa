"""The form of a diary entry: first what was done, then the few fields that go with it."""

from dataclasses import asdict
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from services.registry.actions import lots
from services.registry.domain.catalogues import variants
from services.registry.domain.diary import FIELDS, Step
from services.registry.domain.records import Aggregate, Record
from services.registry.naming import step_name
from services.registry.pages.diaries import entry_fields
from services.registry.pages.diaries.entry_fields import model_of
from services.registry.pages.forms import StepForm
from services.registry.pages.records.editing import Context, save, show_form, to_edit
from services.registry.pages.showing import show
from services.registry.store import records
from shared.errors import NotFound
from shared.ids import new_id, now
from shared.mongo import Database
from shared.web.csrf import PageForm
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import N_
from shared.web.pages import redirect
from shared.web.session import PagePrincipal

router = APIRouter(prefix="/console/registry/lots/{record_id}/entries", include_in_schema=False)

TEMPLATE = "console/entry_form.html"
Word = Annotated[str, Query(max_length=64)]
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
    "shop": (Step.STORING,),
    "supermarket": (Step.STORING,),
    "market": (Step.STORING,),
}


def _context(db: Database, record: Record[Any]) -> Context:
    async def context(form: Form[Any]) -> dict[str, Any]:
        fields = await entry_fields.context(db, form, record.owner.facility_id)
        return {**fields, "lot": record}

    return context


@router.get("/new")
async def new(
    request: Request,
    who: PagePrincipal,
    record_id: str,
    step: Word = "",
    variant: Word = "",
    supply: Word = "",
    again: Word = "",
    repeat: bool = False,
) -> Response:
    """Which step it was; then its form, filled in with what can be known."""
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
    usual: dict[str, Any] = {"place": await _usual_place(db, record, facility)}
    if step == Step.INPUT:
        usual |= await entry_fields.filled(
            db,
            facility.id,
            supply=supply,
            again=again,
            species=await _species(db, record),
        )
    elif "unit" in FIELDS[Step(step)]:
        usual["unit"] = record.content.unit
    if repeat:
        usual |= _repeated(record, Step(step))
    form = new_form(
        model_of(step), **{**usual, "id": new_id(), "step": step, "variant": variant, "at": now()}
    )
    return await show_form(request, form, TEMPLATE, _context(db, record))


@router.get("/{entry_id}/edit")
async def edit(request: Request, who: PagePrincipal, record_id: str, entry_id: str) -> Response:
    record = await to_edit(request, who, Aggregate.LOT, record_id)
    entry = record.content.entry(entry_id)
    if entry is None:
        raise NotFound()
    form = new_form(model_of(entry.step), asdict(entry), version=record.version)
    context = _context(request.app.state.db, record)
    return await show_form(request, form, TEMPLATE, context, record=record)


@router.post("/new")
async def add(request: Request, who: PagePrincipal, record_id: str, _: PageForm) -> Response:
    """A new entry, or (with a version) an entry that is there already, changed."""
    record = await to_edit(request, who, Aggregate.LOT, record_id)
    db: Database = request.app.state.db
    form = await entry_fields.read_entry(request, record.owner.facility_id)

    async def act(sent: Any) -> Record[Any]:
        entry, version = sent.entry(new_id()), sent.version or None
        return await lots.add_entry(record_id, entry, version=version, who=who, now=now(), db=db)

    return await save(
        request,
        form,
        act,
        aggregate=Aggregate.LOT,
        template=TEMPLATE,
        context=_context(db, record),
        record=record,
    )


@router.post("/{entry_id}/remove")
async def remove(
    request: Request, who: PagePrincipal, record_id: str, entry_id: str, _: PageForm
) -> Response:
    record = await to_edit(request, who, Aggregate.LOT, record_id)
    here = f"/console/registry/lots/{record_id}"
    gone = N_("Đã bỏ công đoạn khỏi bản nháp.")
    if record.content.entry(entry_id) is None:
        # The button was pressed twice: it is done.
        return redirect(request, here, gone)
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
    return redirect(request, here, gone)


def _steps_of(facility: Record[Any]) -> list[Step]:
    """All steps, those usual for this kind of facility first."""
    usual = [step for kind in facility.content.kinds for step in USUAL.get(kind, ())]
    return list(dict.fromkeys([*usual, *Step]))


def _repeated(record: Record[Any], step: Step) -> dict[str, Any]:
    """The fields of the last entry of that step, as a start for one more."""
    last = next((one for one in reversed(record.content.entries) if one.step is step), None)
    return entry_fields.repeated(last) if last is not None else {}


async def _species(db: Database, record: Record[Any]) -> str:
    """The species of its growing area, by which the catalogue knows intervals."""
    if not record.content.growing_area_id:
        return ""
    area = await records.find(db, Aggregate.GROWING_AREA, record.content.growing_area_id)
    return str(area.content.species) if area is not None else ""


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
