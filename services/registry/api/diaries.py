"""Diaries of lots and of growing areas: entries are written and taken out alike."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel

from services.registry.actions import area_diaries, lots
from services.registry.actions.rights import require_for
from services.registry.api.bodies import NewEntry, Step
from services.registry.api.views import RecordId, RecordView
from services.registry.domain.area_diary import AreaDiary
from services.registry.domain.records import Aggregate
from services.registry.store import area_diaries as store
from services.registry.store import records
from shared.ids import now
from shared.web.idempotency import IdempotencyKey
from shared.web.session import ApiPrincipal

router = APIRouter()


class DiaryView(BaseModel):
    """`version` counts the diary's changes."""

    area_id: str
    version: int
    entries: list[dict[str, Any]]

    @classmethod
    def of(cls, diary: AreaDiary) -> "DiaryView":
        entries = [asdict(one) for one in diary.entries]
        return cls(area_id=diary.area_id, version=diary.version, entries=entries)


@router.get("/growing-areas/{record_id}/diary")
async def read_diary(record_id: RecordId, who: ApiPrincipal, request: Request) -> DiaryView:
    db = request.app.state.db
    area = await records.get(db, Aggregate.GROWING_AREA, record_id)
    require_for(who, "lot.read", area)
    return DiaryView.of(await store.get(db, record_id))


def _entries_of(
    owner: str,
    view: type[RecordView] | type[DiaryView],
    write: Callable[..., Awaitable[Any]],
    take_out: Callable[..., Awaitable[Any]],
) -> APIRouter:
    """The endpoints of an owner's entries; both acts answer with what `view` shows."""
    part = APIRouter(prefix=f"/{owner}/{{record_id}}/entries")

    @part.post("", status_code=201, response_model=view)
    async def add_entry(
        record_id: RecordId,
        body: NewEntry,
        who: ApiPrincipal,
        request: Request,
        key: IdempotencyKey = None,
    ) -> Any:
        """One more entry; with the same `id` or the same Idempotency-Key it is entered once."""
        entry, db = body.named(who, key), request.app.state.db
        done = await write(record_id, entry, version=body.version, who=who, now=now(), db=db)
        return view.of(done)

    @part.post("/{entry_id}/remove", response_model=view)
    async def remove_entry(
        record_id: RecordId, entry_id: RecordId, body: Step, who: ApiPrincipal, request: Request
    ) -> Any:
        """The entry is taken out of the diary; its history keeps it."""
        version, db = body.version, request.app.state.db
        done = await take_out(record_id, entry_id, version=version, who=who, now=now(), db=db)
        return view.of(done)

    return part


router.include_router(_entries_of("lots", RecordView, lots.add_entry, lots.remove_entry))
# One entry for the whole area: the lots harvested from it take it in.
router.include_router(
    _entries_of("growing-areas", DiaryView, area_diaries.write, area_diaries.take_out)
)
