"""What the truth checks found: in lots that wait, and at decisions that were taken (R21, R55)."""

from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.registry.actions import truth
from services.registry.domain.records import Aggregate
from services.registry.pages.showing import show
from services.registry.store import lists, lot_checks
from shared.auth import require
from shared.ids import now
from shared.mongo import Database
from shared.web.i18n import N_
from shared.web.paging import Paging
from shared.web.session import PagePrincipal

router = APIRouter(include_in_schema=False)
SHOWN: Final = {
    "waiting": N_("Lô đang chờ kiểm tra"),
    "overridden": N_("Đăng dù bị chặn"),
    "flagged": N_("Đăng có cảnh báo"),
}


@router.get("/console/registry/findings")
async def findings(request: Request, who: PagePrincipal, shown: str = "waiting") -> Response:
    require(who, "lot.read")
    db: Database = request.app.state.db
    chosen = shown if shown in SHOWN else "waiting"
    waiting: list[tuple[Any, Any]] = []
    decided: list[lot_checks.Kept] = []
    if chosen == "waiting":
        submitted = {"state": "submitted"}
        total = await lists.console_count(db, Aggregate.LOT, who, wanted=submitted)
        paging = Paging.of(request, total, size=lists.PAGE_SIZE)
        lots = await lists.console_list(
            db, Aggregate.LOT, who, wanted=submitted, page=paging.number, oldest_first=True
        )
        waiting = [(lot, await truth.findings(db, lot, now())) for lot in lots]
    else:
        over = chosen == "overridden"
        _, total = await lot_checks.decisions(db, who, overridden=over, page=1)
        paging = Paging.of(request, total, size=lists.PAGE_SIZE)
        decided, _ = await lot_checks.decisions(db, who, overridden=over, page=paging.number)
    return show(
        request,
        "console/findings.html",
        shown=chosen,
        labels=SHOWN,
        waiting=waiting,
        decided=decided,
        paging=paging,
        total=total,
    )
