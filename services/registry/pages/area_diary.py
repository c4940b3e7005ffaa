"""The diary of a growing area: by season, with supplies filled in from the catalogue (R21)."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from services.registry import catalogue
from services.registry.actions import area_diaries
from services.registry.actions.rights import may, require_for
from services.registry.domain.area_diary import STEPS, of_season
from services.registry.domain.catalogues import variants
from services.registry.domain.diary import FIELDS, Entry, Step
from services.registry.domain.records import Aggregate, Record
from services.registry.naming import step_name, unit_options
from services.registry.pages import supply_fill
from services.registry.pages.forms import EntryForm, StepForm, SupplyForm
from services.registry.pages.showing import show
from services.registry.pages.telling import entry_facts, entry_title
from services.registry.store import area_diaries as store
from services.registry.store import records
from shared.auth import Principal
from shared.errors import Kind, NotFound, Refusal
from shared.ids import new_id, now
from shared.mongo import Database
from shared.web.csrf import PageForm
from shared.web.forms import Form, form_status, new_form, read_form
from shared.web.i18n import N_, translate
from shared.web.pages import redirect
from shared.web.session import PagePrincipal

router = APIRouter(
    prefix="/console/registry/growing-areas/{record_id}/diary", include_in_schema=False
)
Word = Annotated[str, Query(max_length=64)]


@router.get("")
async def read(request: Request, who: PagePrincipal, record_id: str) -> Response:
    db: Database = request.app.state.db
    area = await _area(db, who, record_id, "lot.read")
    diary = await store.get(db, record_id)
    seasons = (area.published or area.content).seasons
    return show(
        request,
        "console/area_diary.html",
        area=area,
        diary=diary,
        seasons=[
            (one, _rows(of_season(diary.entries, one.starts_on, one.ends_on)))
            for one in reversed(seasons)
        ],
        changes=[
            {**one, "title": entry_title(one["entry"])}
            for one in await store.changes(db, record_id)
        ],
        steps=[
            (one, added, step_name(one, added)) for one in STEPS for added in ("", *variants(one))
        ],
        may_write=may(who, "lot.enter", area),
    )


@router.get("/new")
async def new(
    request: Request,
    who: PagePrincipal,
    record_id: str,
    step: Word = "",
    variant: Word = "",
    supply: Word = "",
) -> Response:
    """The form of one step; a supply of the catalogue fills in what is known of it."""
    db: Database = request.app.state.db
    area = await _area(db, who, record_id, "lot.enter")
    if step not in [one.value for one in STEPS] or (variant and variant not in variants(step)):
        raise NotFound()
    it = area.published or area.content
    filled = supply_fill.filled(supply, it.species) if step == Step.INPUT else {}
    known = {"id": new_id(), "step": step, "variant": variant, "at": now(), "place": it.name}
    form = new_form(_model(step), **known, **filled)
    return _form(request, area, form)


@router.get("/{entry_id}/edit")
async def edit(request: Request, who: PagePrincipal, record_id: str, entry_id: str) -> Response:
    db: Database = request.app.state.db
    area = await _area(db, who, record_id, "lot.enter")
    diary = await store.get(db, record_id)
    entry = next((one for one in diary.entries if one.id == entry_id), None)
    if entry is None:
        raise NotFound()
    return _form(request, area, new_form(_model(entry.step), asdict(entry), version=diary.version))


@router.post("/new")
async def write(request: Request, who: PagePrincipal, record_id: str, _: PageForm) -> Response:
    db: Database = request.app.state.db
    area = await _area(db, who, record_id, "lot.enter")
    form: Form[Any] = await read_form(request, EntryForm)
    if form.text("step") not in [one.value for one in STEPS]:
        raise NotFound()
    if _model(form.text("step")) is SupplyForm:
        form = await read_form(request, SupplyForm)
    if form.value is None:
        return _form(request, area, form, 422)
    sent = form.value
    try:
        await area_diaries.write(
            record_id,
            sent.entry(new_id()),
            version=sent.version or None,
            who=who,
            now=now(),
            db=db,
        )
    except Refusal as refusal:
        if refusal.kind is Kind.NOT_FOUND:
            raise
        return _form(request, area, form.refused(refusal), form_status(refusal))
    return redirect(request, _address(record_id), N_("Đã ghi vào nhật ký của vùng."))


@router.post("/{entry_id}/remove")
async def remove(
    request: Request, who: PagePrincipal, record_id: str, entry_id: str, _: PageForm
) -> Response:
    form = await read_form(request, StepForm)
    if form.value is None:
        raise NotFound()
    await area_diaries.take_out(
        record_id,
        entry_id,
        version=form.value.version,
        who=who,
        now=now(),
        db=request.app.state.db,
    )
    return redirect(request, _address(record_id), N_("Đã bỏ mục khỏi nhật ký; lịch sử vẫn giữ."))


async def _area(db: Database, who: Principal, record_id: str, action: str) -> Record[Any]:
    area = await records.get(db, Aggregate.GROWING_AREA, record_id)
    require_for(who, action, area)
    return area


def _form(request: Request, area: Record[Any], form: Form[Any], status: int = 200) -> Response:
    step = Step(form.text("step"))
    return show(
        request,
        "console/area_entry_form.html",
        status=status,
        area=area,
        form=form,
        step=step,
        title=step_name(step, form.text("variant")),
        fields=FIELDS[step],
        supply=supply_fill.row_of(form.text("supply")),
        known=supply_fill.options(),
        supplies=[(key, translate(label)) for key, label in catalogue.SUPPLIES.items()],
        units=unit_options(),
    )


def _model(step: str) -> type[EntryForm]:
    return SupplyForm if step == Step.INPUT else EntryForm


def _rows(entries: list[Entry]) -> list[dict[str, Any]]:
    return [
        {"entry": one, "title": entry_title(one), "facts": entry_facts(one)}
        for one in reversed(entries)
    ]


def _address(record_id: str) -> str:
    return f"/console/registry/growing-areas/{record_id}/diary"
