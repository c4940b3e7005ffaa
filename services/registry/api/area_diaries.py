"""Diary entries of a growing area, and reading its diary."""

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel

from services.registry.actions import area_diaries
from services.registry.actions.rights import require_for
from services.registry.api.bodies import NewEntry, Step
from services.registry.api.views import RecordId
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


@router.post("/growing-areas/{record_id}/entries", status_code=201)
async def write_entry(
    record_id: RecordId,
    body: NewEntry,
    who: ApiPrincipal,
    request: Request,
    key: IdempotencyKey = None,
) -> DiaryView:
    """One entry for the whole area; with the same `id` or Idempotency-Key it is entered once."""
    diary = await area_diaries.write(
        record_id,
        body.named(who, key),
        version=body.version,
        who=who,
        now=now(),
        db=request.app.state.db,
    )
    return DiaryView.of(diary)


@router.post("/growing-areas/{record_id}/entries/{entry_id}/remove")
async def take_out(
    record_id: RecordId, entry_id: RecordId, body: Step, who: ApiPrincipal, request: Request
) -> DiaryView:
    diary = await area_diaries.take_out(
        record_id,
        entry_id,
        version=body.version,
        who=who,
        now=now(),
        db=request.app.state.db,
    )
    return DiaryView.of(diary)
