"""Reading records within one's scope, with their whole history."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request

from services.registry.actions.rights import RIGHTS, require_for
from services.registry.api.narrowing import Narrowed
from services.registry.api.views import (
    Kind,
    ListView,
    RecordId,
    RecordView,
    VersionView,
    aggregate_of,
)
from services.registry.store import console_lists, lists, records
from services.registry.store.search.seen import Seen
from shared.auth import require
from shared.web.session import ApiPrincipal

router = APIRouter()

StateFilter = Literal["", "draft", "submitted", "checked", "published"]


@router.get("/{kind:kind}")
async def list_records(
    kind: Kind,
    who: ApiPrincipal,
    request: Request,
    wanted: Narrowed,
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    q: Annotated[str, Query(max_length=200)] = "",
    state: StateFilter = "",
    facility_id: Annotated[str, Query(max_length=64)] = "",
) -> ListView:
    db = request.app.state.db
    aggregate = aggregate_of(kind)
    require(who, RIGHTS[aggregate].read)
    seen = await Seen.now(request.app.state.catalogue)
    asked: dict[str, Any] = {"q": q, "state": state, "facility_id": facility_id, "wanted": wanted}
    found = await console_lists.find(db, seen, aggregate, who, **asked)
    return ListView(
        items=[RecordView.of(record) for record in await found.page(page)],
        page=page,
        size=lists.PAGE_SIZE,
        total=found.total,
    )


@router.get("/{kind:kind}/{record_id}")
async def read_record(
    kind: Kind, record_id: RecordId, who: ApiPrincipal, request: Request
) -> RecordView:
    record = await records.get(request.app.state.db, aggregate_of(kind), record_id)
    require_for(who, RIGHTS[record.aggregate].read, record)
    return RecordView.of(record)


@router.get("/{kind:kind}/{record_id}/versions")
async def read_versions(
    kind: Kind, record_id: RecordId, who: ApiPrincipal, request: Request
) -> list[VersionView]:
    """Newest first; `content` is the draft of that time, or what was published by it."""
    db = request.app.state.db
    record = await records.get(db, aggregate_of(kind), record_id)
    require_for(who, RIGHTS[record.aggregate].read, record)
    return [VersionView.of(one) for one in await records.versions(db, record.aggregate, record_id)]
