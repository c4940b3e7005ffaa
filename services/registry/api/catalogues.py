"""Shared catalogues for programs: rows, versions, differences, proposals and decisions (R32)."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, Field

from services.registry.actions import catalogues
from services.registry.api.views import RecordId
from services.registry.domain.catalogue_changes import Change
from services.registry.domain.catalogue_fields import SPECS
from services.registry.domain.catalogue_versions import (
    difference,
    rows_of,
    rows_on,
    versions,
)
from services.registry.domain.catalogues import Catalogue, Row
from services.registry.domain.categories import groups
from services.registry.domain.communes import standing_communes
from services.registry.inputs import Reason
from services.registry.store import catalogues as store
from services.registry.store import datasets
from shared.auth import require
from shared.days import local_day
from shared.errors import NotFound
from shared.ids import new_id, now
from shared.once import once
from shared.web.fields import Day, Input
from shared.web.idempotency import IdempotencyKey
from shared.web.session import ApiPrincipal

router = APIRouter()
State = Literal["", "proposed", "approved", "rejected"]
Name = Annotated[Catalogue, Path(alias="name", description="Tên danh mục, ví dụ units, supplies")]


class RowView(BaseModel):
    """`since` is the day from which a row holds as it is, null for what the program came with."""

    key: str
    values: dict[str, str]
    since: date | None
    retired: bool

    @classmethod
    def of(cls, row: Row) -> "RowView":
        values = {spec.name: row.values.get(spec.name, "") for spec in SPECS[row.catalogue]}
        return cls(key=row.key, values=values, since=row.since, retired=row.retired)


class CatalogueView(BaseModel):
    """The rows as they hold on `on`; `version` counts the changes approved so far."""

    catalogue: str
    version: int
    on: date
    rows: list[RowView]


class ChangeView(BaseModel):
    id: str
    catalogue: str
    key: str
    values: dict[str, str]
    valid_from: date
    retired: bool
    reason: str
    state: str
    proposed_by: str
    proposed_at: datetime
    decided_by: str
    decided_at: datetime | None
    decision_reason: str

    @classmethod
    def of(cls, one: Change) -> "ChangeView":
        return cls(
            id=one.id,
            catalogue=one.catalogue.value,
            key=one.key,
            values=dict(one.values),
            valid_from=one.valid_from,
            retired=one.retired,
            reason=one.reason,
            state=one.state.value,
            proposed_by=one.proposed_by.name,
            proposed_at=one.proposed_at,
            decided_by=one.decided_by.name if one.decided_by else "",
            decided_at=one.decided_at,
            decision_reason=one.decision_reason,
        )


class VersionView(BaseModel):
    version: int
    change: ChangeView


class DifferenceView(BaseModel):
    """A side is null where the row was not there; `fields` name what differs."""

    key: str
    before: RowView | None
    after: RowView | None
    fields: list[str]


class NewChange(Input):
    """A new row, another text of a row (`values` whole), or its retirement."""

    key: Annotated[str, Field(min_length=1, max_length=40)]
    values: Annotated[
        dict[
            Annotated[str, Field(max_length=40, pattern=r"^[a-z_]+$")],
            Annotated[str, Field(max_length=400)],
        ],
        Field(max_length=20),
    ]
    valid_from: date
    retired: bool = False
    reason: Reason


class Decision(Input):
    approved: bool
    reason: Annotated[str, Field(max_length=1000)] = ""


@router.get("/catalogues")
async def overview(who: ApiPrincipal, request: Request) -> dict[str, list[dict[str, Any]]]:
    """Communes and product categories by the keys that records use, and the shared catalogues."""
    require(who, "catalogue.read")
    standing = await store.standing(request.app.state.db)
    return {
        "communes": [
            {"code": c.code, "name": c.name, "kind": c.kind} for c in standing_communes().values()
        ],
        "categories": [
            {
                "key": one.key,
                "name": one.name,
                "name_en": one.name_en,
                "group": group.name,
                "group_en": group.name_en,
                "traceability": one.traceability,
            }
            for group in groups().values()
            for one in group.categories
        ],
        "catalogues": [
            {
                "catalogue": one.value,
                "version": standing.get(one.value, (0, None))[0],
                "changed_at": standing.get(one.value, (0, None))[1],
            }
            for one in Catalogue
        ],
    }


@router.get("/metadata")
async def metadata(who: ApiPrincipal, request: Request) -> list[dict[str, Any]]:
    """Of each catalogue and data set: who answers for it, its source, rules, size, last change."""
    require(who, "catalogue.read")
    extents = await datasets.extents(request.app.state.db)
    return [
        {
            "key": row.key,
            **{spec.name: row.values.get(spec.name, "") for spec in SPECS[Catalogue.DATASETS]},
            "number": extent.number if extent else None,
            "changed_at": extent.changed_at if extent else None,
            "version": extent.version if extent else None,
        }
        for row in datasets.described()
        for extent in (extents.get(row.key),)
    ]


@router.get("/catalogues/{name}")
async def rows_valid(
    name: Name, who: ApiPrincipal, request: Request, on: Day | None = None
) -> CatalogueView:
    """All rows as they hold today, or on another day; those out of use are marked."""
    require(who, "catalogue.read")
    approved = await store.approved(request.app.state.db, name)
    day = on or local_day(now())
    found = rows_on(name, approved, day)
    return CatalogueView(
        catalogue=name.value,
        version=len(approved),
        on=day,
        rows=[RowView.of(row) for row in found.values()],
    )


@router.get("/catalogues/{name}/versions")
async def list_versions(name: Name, who: ApiPrincipal, request: Request) -> list[VersionView]:
    """Newest first; version 0 is what the program came with."""
    require(who, "catalogue.read")
    approved = await store.approved(request.app.state.db, name)
    return [
        VersionView(version=one.number, change=ChangeView.of(one.change))
        for one in reversed(versions(approved))
    ]


@router.get("/catalogues/{name}/diff")
async def compare(
    name: Name,
    who: ApiPrincipal,
    request: Request,
    since: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    until: Annotated[int | None, Query(ge=0, le=1_000_000)] = None,
) -> list[DifferenceView]:
    """What differs between two versions; without `until` the newest."""
    require(who, "catalogue.read")
    approved = await store.approved(request.app.state.db, name)
    last = len(approved) if until is None else until
    found = difference(rows_of(name, approved, since), rows_of(name, approved, last))
    return [
        DifferenceView(
            key=one.key,
            before=RowView.of(one.before) if one.before else None,
            after=RowView.of(one.after) if one.after else None,
            fields=list(one.fields),
        )
        for one in found
    ]


@router.get("/catalogues/{name}/changes")
async def list_changes(
    name: Name,
    who: ApiPrincipal,
    request: Request,
    state: State = "",
    key: Annotated[str, Query(max_length=40)] = "",
) -> list[ChangeView]:
    """The newest 200, also of one row."""
    require(who, "catalogue.read")
    found = await store.history(request.app.state.db, name, key, state=state)
    return [ChangeView.of(one) for one in found]


@router.post("/catalogues/{name}/changes", status_code=201)
async def propose(
    name: Name, body: NewChange, who: ApiPrincipal, request: Request, key: IdempotencyKey = None
) -> ChangeView:
    """A proposal; it holds once a second person has approved it and its day has come."""
    made = await catalogues.propose(
        name,
        body.key,
        dict(body.values),
        valid_from=body.valid_from,
        retired=body.retired,
        reason=body.reason,
        change_id=new_id(),
        who=who,
        now=now(),
        db=request.app.state.db,
        once=once(who, key, "catalogue", name, body),
    )
    return ChangeView.of(made)


@router.get("/catalogues/{name}/changes/{change_id}")
async def read_change(
    name: Name, change_id: RecordId, who: ApiPrincipal, request: Request
) -> ChangeView:
    require(who, "catalogue.read")
    return ChangeView.of(await _change(request, name, change_id))


@router.post("/catalogues/{name}/changes/{change_id}/decisions")
async def decide(
    name: Name, change_id: RecordId, body: Decision, who: ApiPrincipal, request: Request
) -> ChangeView:
    """Approve or reject what somebody else proposed; a rejection needs a reason."""
    require(who, "catalogue.read")
    await _change(request, name, change_id)
    decided = await catalogues.decide(
        change_id,
        approved=body.approved,
        reason=body.reason,
        who=who,
        now=now(),
        db=request.app.state.db,
    )
    return ChangeView.of(decided)


async def _change(request: Request, name: Catalogue, change_id: str) -> Change:
    found = await store.get(request.app.state.db, change_id)
    if found.catalogue is not name:
        raise NotFound()
    return found
