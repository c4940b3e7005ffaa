"""The table of reasons: what each says, what it goes with, and who may give it."""

from fastapi import APIRouter, Request, Response

from services.recall import catalogue
from services.recall.domain.reasons import EVERYBODY
from services.recall.domain.terms import Kind
from services.recall.pages import labels
from services.recall.pages.console import HOME
from services.recall.queries.cases import READ
from shared.auth import require
from shared.web.i18n import N_, translate
from shared.web.pages import render
from shared.web.session import PagePrincipal

router = APIRouter(include_in_schema=False)

# Who orders at all, as the table names them; others are named as the file does.
GIVERS = {
    "department:approve": N_("Lãnh đạo sở"),
    "unit:check": N_("Thanh tra, kiểm tra của đơn vị thuộc sở"),
    "commune:approve": N_("Lãnh đạo xã, phường, đặc khu"),
    "facility:system": N_("Cơ sở, với hàng của mình"),
    EVERYBODY: N_("Ai có quyền ra lệnh"),
}


@router.get(f"{HOME}/reasons")
async def list_reasons(request: Request, who: PagePrincipal) -> Response:
    require(who, READ)
    mine = {one.key for one in catalogue.offered(who)}
    return render(
        request,
        "reasons.html",
        reasons=list(catalogue.reasons().values()),
        mine=mine,
        kinds=tuple(Kind),
        givers=lambda one: [translate(GIVERS.get(pair, pair)) for pair in one.who],
        labels=labels,
    )
