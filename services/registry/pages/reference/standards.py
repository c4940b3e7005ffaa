"""The data standard at work: quality by commune, and the roadmap of product groups (R30, R32)."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.registry.domain.catalogues import Catalogue, Row, rows
from services.registry.domain.records import Aggregate
from services.registry.domain.scoring import KINDS
from services.registry.pages.showing import show
from services.registry.store import quality, scoring
from services.registry.store.search.seen import Seen
from shared.auth import require
from shared.days import local_day
from shared.errors import NotFound
from shared.ids import now
from shared.mongo import Database
from shared.web.session import PagePrincipal

router = APIRouter(include_in_schema=False)


def groups_of(category: str) -> list[Row]:
    """The groups of the roadmap that a product category belongs to."""
    return [row for row in rows(Catalogue.GROUPS).values() if category in row.list("categories")]


@router.get("/products/groups")
async def roadmap(request: Request) -> Response:
    """For everybody: what must be traced, what has priority, from when."""
    seen = await Seen.now(request.app.state.catalogue)
    made = seen.public(Aggregate.PRODUCT).counts("published.category")
    found = []
    for row in sorted(rows(Catalogue.GROUPS).values(), key=lambda one: one.values["since"]):
        found.append((row, sum(made.get(category, 0) for category in row.list("categories"))))
    return show(request, "public/groups.html", groups=found, today=local_day(now()).isoformat())


@router.get("/console/registry/roadmap")
async def progress(request: Request, who: PagePrincipal, group: str = "") -> Response:
    """For officials: who of the own area is in already, and who is not."""
    require(who, "product.read")
    groups = rows(Catalogue.GROUPS)
    if group and group not in groups:
        raise NotFound()
    chosen = groups.get(group) or next(iter(groups.values()), None)
    db: Database = request.app.state.db
    named = chosen.list("categories") if chosen else ()
    parts = await quality.taking_part(db, named, who)
    return show(
        request,
        "console/roadmap.html",
        groups=list(groups.values()),
        chosen=chosen,
        parts=parts,
        missing=sum(not one.is_in for one in parts),
    )


@router.get("/console/registry/quality")
async def quality_by_commune(request: Request, who: PagePrincipal) -> Response:
    require(who, "facility.read")
    db: Database = request.app.state.db
    return show(
        request,
        "console/quality.html",
        tables=[(one, await quality.by_commune(db, one, who)) for one in KINDS],
        good=quality.GOOD,
        scoring=await scoring.present(db),
    )
