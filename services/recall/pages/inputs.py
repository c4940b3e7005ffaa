"""The page of the inputs known to be used, from which a recall of one begins."""

from fastapi import APIRouter, Request, Response

from services.recall.pages import labels
from services.recall.pages.console import HOME
from services.recall.queries import search_sources
from shared.web.pages import render
from shared.web.paging import Paging
from shared.web.session import PagePrincipal

router = APIRouter(include_in_schema=False)


@router.get(f"{HOME}/inputs")
async def list_inputs(request: Request, who: PagePrincipal) -> Response:
    db = request.app.state.db
    text = request.query_params.get("q", "").strip()[:100]
    _, total = await search_sources.known_inputs(who, text, size=1, db=db)
    paging = Paging.of(request, total)
    rows, _ = await search_sources.known_inputs(
        who, text, skip=paging.skip, size=paging.size, db=db
    )
    return render(request, "inputs.html", rows=rows, paging=paging, text=text, labels=labels)
