"""What the page of a blast radius shows of it besides the order form."""

from typing import Any, Final

from starlette.requests import Request

from services.recall.graph.groups import Key
from services.recall.pages.picture import Names, columns, draw
from services.recall.queries import journeys, radius, told, upstream
from services.recall.queries.radius import Radius
from services.recall.queries.upstream import Upstream
from services.recall.store import facts, genealogy
from shared.auth import Principal
from shared.mongo import Database
from shared.web.paging import Paging

LOTS_A_PAGE: Final = 20
JOURNEYS_SHOWN: Final = 100
HERE: Final = "/console/recall/radius"


async def parts(request: Request, who: Principal, found: Radius) -> dict[str, Any]:
    """The names that `radius.html` finds."""
    db: Database = request.app.state.db
    paging = Paging.of(request, len(found.scoped.down.lots), size=LOTS_A_PAGE)
    back = await upstream.upstream(found, who=who, db=db)
    names = await _names(db, found)
    shown = columns(found.picture, names, _links(found, back))
    return {
        "radius": found,
        "rows": await radius.rows(found, db, paging.skip, paging.size),
        "paging": paging,
        "journeys": await journeys.journeys(found, db, JOURNEYS_SHOWN),
        "upstream": back,
        "picture": draw(found.picture, shown),
        "columns": shown,
        "told": await told.to_be_told(found, db=db),
        "query": str(request.url.query),
    }


async def _names(db: Database, found: Radius) -> Names:
    groups = found.picture.groups.values()
    lots = await genealogy.lots(db, {group.lot_id for group in groups if group.lot_id})
    products = await facts.products(db, {g.product_id for g in groups if g.product_id})
    return Names(found.known_facilities, products, {lot.id: lot.code for lot in lots.values()})


def _links(found: Radius, back: Upstream) -> dict[Key, str]:
    """From single lots in the picture to what they reach, where the asker may look."""
    near = {row.lot.id for row in back.rows if row.may_look}
    return {
        key: f"{HERE}?target_kind=lot&target={group.lot_id}"
        for key, group in found.picture.groups.items()
        if group.lot_id in near
    }
