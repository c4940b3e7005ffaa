"""How a facility gets an account: what to bring, and which units issue accounts."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from services.identity.request import Db
from services.identity.store import units
from shared.web.pages import render
from shared.web.session import VisitorPrincipal

router = APIRouter()


@router.get("/apply")
async def how_to_apply(request: Request, who: VisitorPrincipal, db: Db) -> Response:
    return render(
        request,
        "apply.html",
        communes=await units.of_tier(db, "commune"),
        offices=await units.of_tier(db, "unit"),
    )
