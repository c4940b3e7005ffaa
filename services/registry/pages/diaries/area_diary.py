"""The diary of a growing area: by season, with supplies filled in from the catalogue (R21)."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from services.registry.actions import area_diaries
from services.registry.actions.rights import may, require_for
from services.registry.diary_telling import entry_facts, entry_title
from services.registry.domain.area_diary import STEPS, of_season
from services.registry.domain.catalogues import variants
from services.registry.domain.diary import Entry, Step
from services.registry.domain.records import Aggregate, Record
from services.registry.naming import step_name
from services.registry.pages.diaries import entry_fields
from services.registry.pages.diaries.entry_fields import model_of
from services.registry.pages.forms import EntryForm, StepForm
from services.registry.pages.showing import show
from services.registry.store import area_diaries as store
from services.registry.store import records
from shared.auth import Principal
from shared.errors import EditConflict, NotFound
from shared.ids import new_id, now
from shared.mongo import Database
from shared.web.answering import answered
from shared.web.csrf import PageForm
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import N_
from shared.web.pages import redirect
from shared.web.session import PagePrincipal

router = APIRouter(
    prefix="/console/registry/growing-areas/{record_id}/diary", include_in_schema=False
)
Word = Annotated[str, Query(max_length=64)]


@router.get("")
async def read(request: Request, who: PagePrincipal, record_id: str) -> Response:
    return await _page(request, who, record_id, new_form(StepForm))


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
    form = await entry_fields.read_entry(request, area.owner.facility_id)
    if form.text("step") not in [one.value for one in STEPS]:
        raise NotFound()

    async def perform(sent: EntryForm) -> Response:
        entry, version = sent.entry(new_id()), sent.version or None
        await area_diaries.write(record_id, entry, version=version, who=who, now=now(), db=db)
        return redirect(request, _address(record_id), N_("Đã ghi vào nhật ký của vùng."))

    async def again(form: Form[EntryForm], status: int) -> Response:
        theirs: list[dict[str, Any]] = []
        if isinstance(form.refusal, EditConflict):
            theirs = await _changes(db, record_id, since=int(form.text("version") or 0))
            form = form.from_version((await store.get(db, record_id)).version)
        return await _form(request, area, form, status, theirs)

    return await answered(form, perform, again)


@router.post("/{entry_id}/remove")
async def remove(
    request: Request, who: PagePrincipal, record_id: str, entry_id: str, _: PageForm
) -> Response:
    async def perform(sent: StepForm) -> Response:
        version, db = sent.version, request.app.state.db
        await area_diaries.take_out(record_id, entry_id, version=version, who=who, now=now(), db=db)
        done = N_("Đã bỏ mục khỏi nhật ký; lịch sử vẫn giữ.")
        return redirect(request, _address(record_id), done)

    return await answered(
        await read_form(request, StepForm),
        perform,
        lambda form, status: _page(request, who, record_id, form, status),
    )


async def _area(db: Database, who: Principal, record_id: str, action: str) -> Record[Any]:
    area = await records.get(db, Aggregate.GROWING_AREA, record_id)
    require_for(who, action, area)
    return area


async def _page(
    request: Request, who: Principal, record_id: str, form: Form[Any], status: int = 200
) -> Response:
    """The diary as it stands now; `form` is of the button that was refused."""
    db: Database = request.app.state.db
    area = await _area(db, who, record_id, "lot.read")
    diary = await store.get(db, record_id)
    seasons = (area.published or area.content).seasons
    return show(
        request,
        "console/area_diary.html",
        status=status,
        area=area,
        form=form,
        diary=diary,
        seasons=[
            (one, _rows(of_season(diary.entries, one.starts_on, one.ends_on)))
            for one in reversed(seasons)
        ],
        changes=await _changes(db, record_id),
        steps=[
            (one, added, step_name(one, added)) for one in STEPS for added in ("", *variants(one))
        ],
        may_write=may(who, "lot.enter", area),
    )


async def _changes(db: Database, record_id: str, since: int = 0) -> list[dict[str, Any]]:
    """What was written and taken out after a version of the diary, newest first."""
    return [
        {**one, "title": entry_title(one["entry"])}
        for one in await store.changes(db, record_id)
        if one["version"] > since
    ]


async def _form(
    request: Request,
    area: Record[Any],
    form: Form[Any],
    status: int = 200,
    theirs: Iterable[dict[str, Any]] = (),
) -> Response:
    """The form of an entry; `theirs` is what others wrote and took out since it was opened."""
    fields = await entry_fields.context(request.app.state.db, form, area.owner.facility_id)
    return show(
        request,
        "console/area_entry_form.html",
        status=status,
        area=area,
        form=form,
        theirs=list(theirs),
        **fields,
    )


def _rows(entries: list[Entry]) -> list[dict[str, Any]]:
    return [
        {"entry": one, "title": entry_title(one), "facts": entry_facts(one)}
        for one in reversed(entries)
    ]


def _address(record_id: str) -> str:
    return f"/console/registry/growing-areas/{record_id}/diary"
