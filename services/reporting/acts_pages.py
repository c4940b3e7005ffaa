"""Pages of acts: one's own, those of the accounts in scope, of one account, and one act."""

from datetime import date

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.reporting import acts
from services.reporting.acts import Found, Sought
from services.reporting.acts_api import AccountId
from services.reporting.api import Seq
from services.reporting.labels import OFFERED_ACTS, act_label
from services.reporting.store import people
from services.reporting.store.acts import MOST, PAGE
from shared.web.i18n import translate
from shared.web.pages import render
from shared.web.paging import Paging
from shared.web.session import PagePrincipal

router = APIRouter(prefix="/console/reporting", include_in_schema=False)
# The menu's links that pages of one act or account belong to.
MINE, OTHERS = "/console/reporting/acts/mine", "/console/reporting/acts"


@router.get("/acts/mine")
async def my_acts(request: Request, who: PagePrincipal) -> Response:
    sought, page = sought_of(request), number_of(request)
    found = await acts.mine(who, sought, db=request.app.state.db, page=page)
    return _list(
        request, found, sought, title=translate("Việc tôi đã làm"), whose="mine", menu=MINE
    )


@router.get("/acts")
async def acts_in_scope(request: Request, who: PagePrincipal) -> Response:
    sought, page = sought_of(request), number_of(request)
    found = await acts.within_scope(who, sought, db=request.app.state.db, page=page)
    return _list(request, found, sought, title=translate("Việc của các tài khoản"), whose="all")


@router.get("/acts/{seq}")
async def one_act(request: Request, who: PagePrincipal, seq: Seq) -> Response:
    act = await acts.one(who, seq, db=request.app.state.db)
    own = act.row["act"]["account_id"] == who.account_id
    menu = MINE if own else OTHERS
    return render(request, "act_one.html", act=act, own=own, menu_current=menu)


@router.get("/accounts/{account_id}/acts")
async def acts_of_account(request: Request, who: PagePrincipal, account_id: AccountId) -> Response:
    db = request.app.state.db
    sought, page = sought_of(request), number_of(request)
    found = await acts.of_account(who, account_id, sought, db=db, page=page)
    menu = MINE if account_id == who.account_id else OTHERS
    name = (await people.names(db, [account_id])).get(account_id, account_id)
    title = translate("Việc của {name}", name=name)
    return _list(request, found, sought, title=title, whose="one", menu=menu, account_id=account_id)


def _list(
    request: Request,
    found: Found,
    sought: Sought,
    *,
    title: str,
    whose: str,
    menu: str = OTHERS,
    account_id: str = "",
) -> Response:
    offered = dict.fromkeys((*OFFERED_ACTS, "access.read", *filter(None, [sought.action])))
    return render(
        request,
        "acts.html",
        found=found,
        sought=sought,
        title=title,
        whose=whose,
        menu_current=menu,
        account_id=account_id,
        offered=[(code, act_label(code)) for code in offered],
        paging=Paging.of(request, found.total, size=PAGE, most=MOST),
    )


def number_of(request: Request) -> int:
    return Paging.of(request, MOST, size=PAGE).number


def sought_of(request: Request) -> Sought:
    """Whatever is no filter is ignored."""
    asked = request.query_params
    return Sought(
        action=asked.get("action", "")[:100],
        outcome=asked.get("outcome", "")[:100],
        since=_day(asked.get("since", "")),
        until=_day(asked.get("until", "")),
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
