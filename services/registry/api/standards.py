"""The data standard for programs: quality, truth checks, importing countries, roadmap (R25–R32)."""

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from services.registry.actions import markets as export
from services.registry.actions import shipping, truth
from services.registry.actions.rights import RIGHTS, require_for
from services.registry.api.views import Kind, RecordId, aggregate_of
from services.registry.domain.catalogues import Catalogue, rows
from services.registry.domain.markets import Standing
from services.registry.domain.quality import judged
from services.registry.domain.records import Aggregate
from services.registry.missing import missing_link
from services.registry.store import lot_checks, markets, quality, records, scoring
from shared.auth import require
from shared.days import local_day
from shared.ids import now
from shared.web.i18n import translate
from shared.web.session import ApiPrincipal

router = APIRouter()
Page = Annotated[int, Query(ge=1, le=100_000)]


class MissingView(BaseModel):
    """A mandatory field that is empty; `href` leads to where it is filled in."""

    key: str
    field: str
    title: str
    title_en: str
    weight: float
    href: str


class QualityView(BaseModel):
    percent: int
    on: date
    missing: list[MissingView]


class CommuneView(BaseModel):
    """`mean` score of its records, `low` how many lie below 80."""

    commune: str
    number: int
    mean: float
    low: int


class PassView(BaseModel):
    """The last computation of all scores; `finished_at` is null while it runs."""

    total: int
    seen: int
    changed: int
    started_at: datetime
    finished_at: datetime | None


class ScoresView(BaseModel):
    communes: list[CommuneView]
    computed: PassView | None


class FindingView(BaseModel):
    check: str
    effect: str
    message: str
    remedy: str


class DecidedView(BaseModel):
    """What was known when the lot was published; `override` is why it was all the same."""

    version: int
    at: datetime
    by: str
    override: str
    findings: list[FindingView]


class FindingsView(BaseModel):
    now: list[FindingView]
    decided: list[DecidedView]


class ObstacleView(BaseModel):
    lot_code: str
    rule: str
    blocks: bool
    problem: str


class MarketList(BaseModel):
    items: list[dict[str, Any]]
    total: int


@router.get("/{kind:kind}/{record_id}/quality")
async def quality_of(
    kind: Kind, record_id: RecordId, who: ApiPrincipal, request: Request
) -> QualityView:
    """The score of a record today, and what it lacks."""
    record = await records.get(request.app.state.db, aggregate_of(kind), record_id)
    require_for(who, RIGHTS[record.aggregate].read, record)
    today = local_day(now())
    found = judged(record.content, today)
    missing = [
        MissingView(
            key=row.key,
            field=row.values["field"],
            title=row.name,
            title_en=row.name_en,
            weight=float(row.number("weight") or 0),
            href=missing_link(record, row.values["field"]),
        )
        for row in found.missing
    ]
    return QualityView(percent=found.percent, on=today, missing=missing)


@router.get("/quality/{kind:kind}")
async def scores(kind: Kind, who: ApiPrincipal, request: Request) -> ScoresView:
    """Scores by commune within the asker's scope, worst first, and when they were computed."""
    aggregate = aggregate_of(kind)
    require(who, RIGHTS[aggregate].read)
    db = request.app.state.db
    computed = await scoring.present(db)
    return ScoresView(
        communes=[
            CommuneView.model_validate(one, from_attributes=True)
            for one in await quality.by_commune(db, aggregate, who)
        ],
        computed=PassView.model_validate(computed, from_attributes=True) if computed else None,
    )


@router.get("/lots/{record_id}/findings")
async def findings(record_id: RecordId, who: ApiPrincipal, request: Request) -> FindingsView:
    """What the truth checks find in a lot as it stands, and what earlier decisions knew."""
    db = request.app.state.db
    record = await records.get(db, Aggregate.LOT, record_id)
    require_for(who, "lot.read", record)
    decided = await lot_checks.of_lot(db, record_id)
    return FindingsView(
        now=[_finding(one, one.effect) for one in await truth.findings(db, record, now())],
        decided=[
            DecidedView(
                version=kept.version,
                at=kept.at,
                by=kept.by,
                override=kept.override,
                findings=[
                    _finding(one, effect)
                    for one, effect in zip(kept.findings, kept.effects, strict=True)
                ],
            )
            for kept in decided
        ],
    )


def _finding(one: Any, effect: str) -> FindingView:
    return FindingView(
        check=one.check,
        effect=effect,
        message=translate(one.message, **one.params),
        remedy=translate(one.remedy),
    )


@router.get("/shipments/{shipment_id}/obstacles")
async def obstacles(
    shipment_id: RecordId, who: ApiPrincipal, request: Request
) -> list[ObstacleView]:
    """What the importing country asks for and a consignment that has not left yet lacks."""
    db = request.app.state.db
    shipment = await shipping.read(shipment_id, who=who, db=db)
    return [
        ObstacleView(
            lot_code=one.lot_code,
            rule=one.rule.key,
            blocks=one.blocks,
            problem=translate(one.problem.message, **one.problem.params),
        )
        for one in await export.of_shipment(db, shipment, now())
    ]


@router.get("/markets")
async def accepted(
    who: ApiPrincipal,
    request: Request,
    standing: Standing = Standing.EXPIRING,
    country: Annotated[str, Query(max_length=2)] = "",
    page: Page = 1,
) -> MarketList:
    """Codes in scope that importing countries accept: until when, and whether that ends soon."""
    require(who, "lot.read")
    db, today = request.app.state.db, local_day(now())
    found = await markets.listed(db, who, standing, today, country=country, page=page)
    counts = await markets.counts(db, who, today, country=country)
    items = [{name: getattr(one, name) for name in type(one).__slots__} for one in found]
    return MarketList(items=items, total=counts[standing])


@router.get("/roadmap")
async def roadmap(who: ApiPrincipal, request: Request) -> list[dict[str, Any]]:
    """Product groups that must or should be traced, and how many facilities in scope are in."""
    require(who, "product.read")
    found = []
    for row in rows(Catalogue.GROUPS).values():
        parts = await quality.taking_part(request.app.state.db, row.list("categories"), who)
        found.append(
            {
                "key": row.key,
                "title": row.name,
                "title_en": row.name_en,
                "level": row.values["level"],
                "categories": row.list("categories"),
                "since": row.values["since"],
                "basis": row.values.get("basis", ""),
                "facilities": len(parts),
                "taking_part": sum(one.is_in for one in parts),
            }
        )
    return found
