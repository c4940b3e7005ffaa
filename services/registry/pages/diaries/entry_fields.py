"""What the forms of a lot's and an area's diary share: the fields of a step, photos, supplies."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from fastapi import Request, UploadFile

from services.registry import catalogue
from services.registry.actions import media
from services.registry.domain.diary import FIELDS, MAX_LABELS, MAX_PHOTOS, Entry, Step
from services.registry.domain.diary_refusals import TooManyLabels, TooManyPhotos
from services.registry.naming import step_name, unit_options
from services.registry.pages.diaries import supply_fill
from services.registry.pages.forms import EntryForm, SupplyForm
from services.registry.pages.movement import goods
from services.registry.store import supplies as store
from shared.errors import NotFound, Refusal
from shared.ids import new_id, now
from shared.mongo import Database
from shared.pictures.limits import MAX_BYTES
from shared.web.forms import Form, read_form
from shared.web.i18n import N_, translate

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
# What is read anew each time: a copied figure is believed unread.
NEVER_REPEATED: Final = ("quantity", "withdrawal_days", "labels")
RECENT: Final = 4
UPLOADS: Final = ("taken_photos", "chosen_photos", "taken_labels", "chosen_labels")


def model_of(step: str) -> type[EntryForm]:
    return SupplyForm if step == Step.INPUT else EntryForm


async def read_entry(request: Request, facility_id: str) -> Form[Any]:
    """The form of the step that it names, its photos kept: whatever else is wrong, they stay.

    Raises NotFound for a step that there is not.
    """
    form: Form[Any] = await read_form(request, EntryForm)
    if form.text("step") not in FIELDS:
        raise NotFound()
    if model_of(form.text("step")) is SupplyForm:
        form = await read_form(request, SupplyForm)
    return await _with_photos(request, form, facility_id)


async def _with_photos(request: Request, form: Form[Any], facility_id: str) -> Form[Any]:
    """The form with its pictures kept; sent again, it has the same ones."""
    sent = form.value
    if sent is None:
        return form
    photos = [*sent.taken_photos, *sent.chosen_photos]
    labels = [*sent.taken_labels, *sent.chosen_labels] if isinstance(sent, SupplyForm) else []
    if not photos and not labels:
        return form
    entry_id, db = sent.id or new_id(), request.app.state.db
    try:
        if len(photos) > MAX_PHOTOS:
            raise TooManyPhotos("taken_photos", limit=MAX_PHOTOS)
        if len(labels) > MAX_LABELS:
            raise TooManyLabels("taken_labels", limit=MAX_LABELS)
        kept = {"photos": await keep_photos(photos, entry_id, facility_id, db)}
        if labels:
            # Under a name of its own: a label never becomes public with the photos of its entry.
            kept["labels"] = await keep_photos(labels, f"{entry_id}/label", facility_id, db)
    except Refusal as refusal:
        return form.refused(refusal)
    kept = {name: list(dict.fromkeys((*getattr(sent, name), *ids))) for name, ids in kept.items()}
    told = {"id": entry_id, **{name: tuple(ids) for name, ids in kept.items()}}
    raw = {**form.raw, "id": [entry_id], **kept}
    return replace(form.kept_files(*UPLOADS), value=sent.model_copy(update=told), raw=raw)


async def keep_photos(
    files: Sequence[UploadFile], of: str, facility_id: str, db: Database
) -> list[str]:
    """Ids of the pictures, drawn anew; they follow from `of` and the content of each."""
    return [
        await media.keep_photo(
            await file.read(MAX_BYTES + 1), of=of, facility_id=facility_id, now=now(), db=db
        )
        for file in files
    ]


def repeated(entry: Entry) -> dict[str, Any]:
    """The fields of an entry, as a start for one more."""
    names = ("place", "variant", *(n for n in FIELDS[entry.step] if n not in NEVER_REPEATED))
    return {name: getattr(entry, name) for name in names}


async def filled(
    db: Database, facility_id: str, *, supply: str, again: str, species: str
) -> dict[str, Any]:
    """A start for the use of a supply: one of the catalogue, or one that was used lately.

    Without a choice it is what was used last.
    """
    if supply_fill.row_of(supply) is not None:
        return supply_fill.filled(supply, species)
    recent = await store.recent(db, facility_id, RECENT)
    last = next((one for one in recent if one.id == again), recent[0] if recent else None)
    if last is None:
        return {}
    return {
        name: value for name, value in repeated(last).items() if name not in ("place", "variant")
    }


async def context(db: Database, form: Form[Any], facility_id: str) -> dict[str, Any]:
    """For console/entry_fields.html."""
    step = Step(form.text("step"))
    using = step is Step.INPUT
    held = await goods.sources(db, facility_id) if using else []
    chosen = form.text("supply_lot")
    lots = [(one.lot.id, one.label) for one in held]
    if chosen and chosen not in dict(lots):
        lots.append((chosen, chosen))
    return {
        "step": step,
        "step_title": step_name(step, form.text("variant")),
        "fields": FIELDS[step],
        "labels": {name: translate(text) for (name, at), text in LABELS.items() if at is step},
        "supplies": [(key, translate(label)) for key, label in catalogue.SUPPLIES.items()],
        "units": unit_options(),
        "supply": supply_fill.row_of(form.text("supply")),
        "known": supply_fill.options(),
        "recent": await store.recent(db, facility_id, RECENT) if using else [],
        "supply_lots": lots,
        "photos": form.texts("photos"),
        "most_photos": MAX_PHOTOS,
        "label_photos": form.texts("labels") if using else [],
        "most_labels": MAX_LABELS,
    }
