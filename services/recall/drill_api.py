"""The JSON API of drills: begun, answered, ended; none of it is shown to consumers."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Self

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel

from services.recall.actions import drill_endings, drills
from services.recall.domain.drill import MARK, Drill, State
from services.recall.drill_inputs import AnswersBody, DrillBody, WhyBody
from services.recall.queries import drill_page
from services.recall.queries import drills as queries
from services.recall.store.drills import PAGE_SIZE
from shared.ids import now
from shared.web.idempotency import IdempotencyKey
from shared.web.session import ApiPrincipal

router = APIRouter(prefix="/api/recall/v1/drills", tags=["recall"])
DrillId = Annotated[str, Path(max_length=64, pattern="^[0-9A-Za-z-]+$")]
Page = Annotated[int, Query(ge=1, le=100_000)]


class DrillView(BaseModel):
    """A drill. `mark` says in words that nothing is recalled; times are those of its steps.
    `ended_by` ended it or called it off (then `reason` says why), "" where its hours ran out."""

    id: str
    mark: str
    state: State
    label: str
    scenario: str
    hours: int
    authority: str
    lots: int
    facilities: int
    scope_seconds: float
    known_number: int
    known_missing: int | None
    begun_at: datetime
    scoped_at: datetime
    ordered_at: datetime | None
    ends_at: datetime | None
    ended_at: datetime | None
    ended_by: str
    reason: str

    @classmethod
    def of(cls, one: Drill) -> Self:
        return cls(
            id=one.id,
            mark=MARK,
            state=one.state,
            label=one.plan.label,
            scenario=one.plan.scenario,
            hours=one.plan.hours,
            authority=one.authority,
            lots=one.reached.lots,
            facilities=one.reached.facilities,
            scope_seconds=one.reached.seconds,
            known_number=one.reached.known_number,
            known_missing=one.reached.missing,
            begun_at=one.begun_at,
            scoped_at=one.scoped_at,
            ordered_at=one.ordered_at,
            ends_at=one.ends_at,
            ended_at=one.ended_at,
            ended_by=one.ended_by.name if one.ended_by else "",
            reason=one.reason,
        )


class PlaceView(BaseModel):
    """A facility that is asked; `minutes` from the beginning of the drill to its word, None without
    one, `minutes_from_message` from when a message reached it (`told_at`)."""

    facility_id: str
    name: str
    reachable: bool
    acknowledged_at: datetime | None
    minutes: float | None
    told_at: datetime | None
    minutes_from_message: float | None
    asked: int
    stated: int


class AskedLotView(BaseModel):
    """A lot that the caller is asked about: what it had of it, in `unit`."""

    lot_id: str
    code: str
    unit: str
    had: Decimal
    stated: bool


class DrillDetail(DrillView):
    """With the figures as they were last counted (`counted_at`; empty before anybody did), or as
    its end froze them; empty of one that was called off, which counts for nobody. `places`, and of
    the caller `lots_asked`, are 50 a page of so many."""

    figures: dict[str, Any]
    counted_at: datetime | None
    places: list[PlaceView]
    places_total: int
    lots_asked: list[AskedLotView]
    lots_asked_total: int
    page: int


class DrillList(BaseModel):
    items: list[DrillView]
    total: int
    page: int


@router.get("")
async def list_drills(
    request: Request, who: ApiPrincipal, state: State | None = None, page: Page = 1
) -> DrillList:
    """Drills the caller may see, the newest first."""
    skip = (page - 1) * PAGE_SIZE
    found, total = await queries.listed(
        who, db=request.app.state.db, state=state or "", skip=skip, size=PAGE_SIZE
    )
    return DrillList(items=[DrillView.of(one) for one in found], total=total, page=page)


@router.post("", status_code=201)
async def begin(
    asked: DrillBody, request: Request, who: ApiPrincipal, key: IdempotencyKey = None
) -> DrillView:
    """Begin a drill; above the cap of orders a second person must agree. The same Idempotency-Key
    begins once."""
    app = request.app.state
    drill = await drills.begin(
        asked.wanted(),
        who=who,
        cap=app.settings.cap,
        key=key,
        feeds=app.settings.feeds,
        db=app.db,
        at=now(),
    )
    return DrillView.of(drill)


@router.get("/{drill_id}")
async def get_drill(
    drill_id: DrillId, request: Request, who: ApiPrincipal, page: Page = 1
) -> DrillDetail:
    """A drill with its figures; a facility is told of itself alone besides them. Who has not
    acknowledged comes first."""
    shown = await drill_page.shown(who, drill_id, db=request.app.state.db, page=page)
    return DrillDetail(
        **DrillView.of(shown.drill).model_dump(),
        figures=dict(shown.figures),
        counted_at=shown.counted_at,
        page=page,
        places_total=shown.total_places,
        lots_asked_total=shown.own.count if shown.own is not None else 0,
        places=[
            PlaceView(
                facility_id=row.asked.facility_id,
                name=row.name,
                reachable=row.asked.reachable,
                acknowledged_at=row.asked.acknowledged_at,
                minutes=row.minutes,
                told_at=row.asked.told_at,
                minutes_from_message=row.own,
                asked=row.asked.count,
                stated=row.stated,
            )
            for row in shown.places
        ],
        lots_asked=[
            AskedLotView(
                lot_id=one.lot.id,
                code=one.lot.code,
                unit=one.lot.unit,
                had=one.had,
                stated=one.said is not None,
            )
            for one in shown.lots
        ],
    )


@router.post("/{drill_id}/confirm")
async def confirm(drill_id: DrillId, request: Request, who: ApiPrincipal) -> DrillView:
    """A second person lets a large drill begin."""
    app = request.app.state
    feeds = app.settings.feeds
    return DrillView.of(await drills.confirm(drill_id, who=who, feeds=feeds, db=app.db, at=now()))


@router.post("/{drill_id}/decline")
async def decline(
    drill_id: DrillId, asked: WhyBody, request: Request, who: ApiPrincipal
) -> DrillView:
    """A waiting drill comes to nothing."""
    db = request.app.state.db
    return DrillView.of(await drills.decline(drill_id, asked.reason, who=who, db=db, at=now()))


@router.post("/{drill_id}/acknowledge")
async def acknowledge(drill_id: DrillId, request: Request, who: ApiPrincipal) -> DrillView:
    """The caller's facility was told; its first word counts."""
    db = request.app.state.db
    await drills.acknowledge(drill_id, who=who, db=db, at=now())
    return DrillView.of(await queries.seen_by(who, drill_id, db=db))


@router.post("/{drill_id}/answers")
async def answer(
    drill_id: DrillId, asked: AnswersBody, request: Request, who: ApiPrincipal
) -> DrillView:
    """What the caller's facility says of lots it is asked about, all of it or nothing; its last
    word on each counts."""
    db = request.app.state.db
    await drills.answer(drill_id, asked.statements(), who=who, db=db, at=now())
    return DrillView.of(await queries.seen_by(who, drill_id, db=db))


@router.post("/{drill_id}/end")
async def end(drill_id: DrillId, request: Request, who: ApiPrincipal) -> DrillView:
    """Before its hours are over; it is scored at once."""
    db = request.app.state.db
    return DrillView.of(await drill_endings.end(drill_id, who=who, db=db, at=now()))


@router.post("/{drill_id}/call-off")
async def call_off(
    drill_id: DrillId, asked: WhyBody, request: Request, who: ApiPrincipal
) -> DrillView:
    """It gets no score, and counts for nobody."""
    db = request.app.state.db
    why = asked.reason
    return DrillView.of(await drill_endings.call_off(drill_id, why, who=who, db=db, at=now()))
