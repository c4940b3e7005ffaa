"""Metadata (siêu dữ liệu) of data sets: owner, source, rules, size, last change (R32)."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.registry.domain.catalogues import Catalogue
from services.registry.pages.showing import show
from services.registry.store import datasets
from shared.auth import require
from shared.web.session import PagePrincipal

router = APIRouter(include_in_schema=False)


@router.get("/console/registry/metadata")
async def metadata(request: Request, who: PagePrincipal) -> Response:
    require(who, "catalogue.read")
    return show(
        request,
        "console/metadata.html",
        described=datasets.described(),
        extents=await datasets.extents(request.app.state.db),
        catalogue_keys={one.value for one in Catalogue},
        may_propose=who.may("catalogue.propose"),
    )
