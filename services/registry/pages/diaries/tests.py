"""Laboratory results of all lots in scope: what failed and waits for a decision comes first."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from services.registry.domain.records import Aggregate
from services.registry.pages.diaries.result_form import STANDINGS
from services.registry.pages.showing import show
from services.registry.store import records
from services.registry.store import testing as store
from shared.auth import require
from shared.mongo import Database
from shared.web.paging import Paging
from shared.web.session import PagePrincipal

router = APIRouter(prefix="/console/registry/tests", include_in_schema=False)
Word = Annotated[str, Query(max_length=10)]
VERDICTS = ("passed", "failed")


@router.get("")
async def read(
    request: Request, who: PagePrincipal, waiting: Word = "", verdict: Word = ""
) -> Response:
    require(who, "lot.read")
    db: Database = request.app.state.db
    asked = verdict if verdict in VERDICTS else ""
    wanted = store.narrowed(waiting=bool(waiting), verdict=asked)
    paging = Paging.of(request, await store.count(db, who, wanted), size=store.PAGE_SIZE)
    found = await store.in_scope(db, who, wanted, page=paging.number)
    return show(
        request,
        "console/tests.html",
        results=found,
        lots=await records.find_many(db, Aggregate.LOT, tuple({one.lot_id for one in found})),
        paging=paging,
        waiting=waiting,
        verdict=asked,
        standings=STANDINGS,
    )
