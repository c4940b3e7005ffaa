"""The diary of a growing area: by season, with supplies filled in from the catalogue (R21)."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from services.registry.actions import area_diaries
from services.registry.actions.rights import may, require_for
from services.registry.domain.area_diary import STEPS, of_season
from services.registry.domain.catalogues import variants
from services.registry.domain.diary import Entry, Step
from services.registry.domain.records import Aggregate, Record
from services.registry.naming import step_name
from services.registry.pages import entry_fields
from services.registry.pages.diary_telling import entry_facts, entry_title
from services.registry.pages.entry_fields import model_of
from services.registry.pages.forms import StepForm
from services.registry.pages.showing import show
from services.registry.store import area_diaries as store
from services.registry.store import records
from shared.auth import Principal
from shared.errors import Kind, NotFound, Refusal
from shared.ids import new_id, now
from shared.mongo import Database
from shared.web.csrf import PageForm
from shared.web.forms import Form, form_status, new_form, read_form
from shared.web.i18n import N_
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
    again: Word = "",
) -> Response:
    """The form of one step; what was used last, or a row of the catalogue, fills it in."""
    db: Database = request.app.state.db
    area = await _area(db, who, record_id, "lot.enter")
    if step not in [one.value for one in STEPS] or (variant and variant not in variants(step)):
        raise NotFound()
    it = area.published or area.content
    filled: dict[str, Any] = {}
    if step == Step.INPUT:
        filled = await entry_fields.filled(
            db, area.owner.facility_id, supply=supply, again=again, species=it.species
        )
    known = {"id": new_id(), "step": step, "variant": variant, "at": now(), "place": it.name}
    form = new_form(model_of(step), **known, **filled)
    return await _form(request, area, form)


@router.get("/{entry_id}/edit")
async def edit(request: Request, who: PagePrincipal, record_id: str, entry_id: str) -> Response:
    db: Database = request.app.state.db
    area = await _area(db, who, record_id, "lot.enter")
    diary = await store.get(db, record_id)
    entry = next((one for one in diary.entries if one.id == entry_id), None)
    if entry is None:
        raise NotFound()
    form = new_form(model_of(entry.step), asdict(entry), version=diary.version)
    return await _form(request, area, form)


@router.post("/new")
async def write(request: Request, who: PagePrincipal, record_id: str, _: PageForm) -> Response:
    db: Database = request.app.state.db
    area = await _area(db, who, record_id, "lot.enter")
    form = await entry_fields.read_entry(request)
    if form.text("step") not in [one.value for one in STEPS]:
        raise NotFound()
    if form.value is None:
        return await _form(request, area, form, 422)
    version = form.value.version or None
    try:
        entry = await entry_fields.entry_of(request, form.value, area.owner.facility_id)
        await area_diaries.write(record_id, entry, version=version, who=who, now=now(), db=db)
    except Refusal as refusal:
        if refusal.kind is Kind.NOT_FOUND:
            raise
        return await _form(request, area, form.refused(refusal), form_status(refusal))
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


async def _form(
    request: Request, area: Record[Any], form: Form[Any], status: int = 200
) -> Response:
    fields = await entry_fields.context(request.app.state.db, form, area.owner.facility_id)
    return show(
        request, "console/area_entry_form.html", status=status, area=area, form=form, **fields
    )


def _rows(entries: list[Entry]) -> list[dict[str, Any]]:
    return [
        {"entry": one, "title": entry_title(one), "facts": entry_facts(one)}
        for one in reversed(entries)
    ]


def _address(record_id: str) -> str:
    return f"/console/registry/growing-areas/{record_id}/diary"
