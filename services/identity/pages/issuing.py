"""Issuing accounts on pages: to officers of a unit, and to facilities."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from services.identity import labels
from services.identity.actions import issue
from services.identity.actions.issue import Order
from services.identity.domain.access import Origin
from services.identity.fields.accounts import IssueToFacilityForm, IssueToUnitForm
from services.identity.pages.handing import handed
from services.identity.request import Db, OriginOf, codes_shown
from services.identity.store import facilities, units
from services.identity.tiers import tiers
from shared.auth import Principal, require
from shared.ids import new_id, now
from shared.mongo import Database
from shared.web.answering import answered
from shared.web.csrf import PageForm
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import language_of, translate
from shared.web.pages import render
from shared.web.session import PagePrincipal

router = APIRouter(prefix="/console/identity/accounts/new")

# A list longer than this is narrowed by its search first.
OFFERED = 100


@router.get("")
async def ask_official(request: Request, who: PagePrincipal, db: Db) -> Response:
    unit_id = request.query_params.get("unit", who.unit_id)
    form = new_form(IssueToUnitForm, unit_id=unit_id, repeat_key=new_id())
    return await _official(request, who, db, form)


@router.post("")
async def issue_official(
    request: Request, who: PagePrincipal, sent: PageForm, db: Db, origin: OriginOf
) -> Response:
    async def perform(given: IssueToUnitForm) -> Response:
        unit = await units.find(db, given.unit_id)
        order = given.order(unit.tier if unit else "")
        return await _issue(request, order, given.repeat_key, who, db, origin)

    return await answered(
        await read_form(request, IssueToUnitForm),
        perform,
        lambda form, status: _official(request, who, db, form, status),
    )


@router.get("/facility")
async def ask_facility(request: Request, who: PagePrincipal, db: Db) -> Response:
    facility_id = request.query_params.get("facility", "")
    form = new_form(IssueToFacilityForm, facility_id=facility_id, repeat_key=new_id())
    return await _facility(request, who, db, form)


@router.post("/facility")
async def issue_to_facility(
    request: Request, who: PagePrincipal, sent: PageForm, db: Db, origin: OriginOf
) -> Response:
    async def perform(given: IssueToFacilityForm) -> Response:
        return await _issue(request, given.order(), given.repeat_key, who, db, origin)

    return await answered(
        await read_form(request, IssueToFacilityForm),
        perform,
        lambda form, status: _facility(request, who, db, form, status),
    )


async def _issue(
    request: Request, order: Order, repeat_key: str, who: Principal, db: Database, origin: Origin
) -> Response:
    """Sending the form again leads to the same account."""
    issued = await issue.issue_account(
        order,
        who=who,
        origin=origin,
        db=db,
        now=now(),
        shown=codes_shown(request),
        repeat_key=repeat_key,
    )
    return handed(request, issued, "issued")


async def _official(
    request: Request,
    who: Principal,
    db: Database,
    form: Form[IssueToUnitForm],
    status: int = 200,
) -> Response:
    require(who, issue.ISSUE)
    lang = language_of()
    below = [unit for unit in await units.below(db, who) if unit.works]
    kinds = {kind for unit in below for kind in tiers()[unit.tier].kinds}
    return render(
        request,
        "issue_official.html",
        status=status,
        form=form,
        units=[(unit.id, f"{unit.name} · {tiers()[unit.tier].label(lang)}") for unit in below],
        kinds_options=[
            (kind, translate(label)) for kind, label in labels.KINDS.items() if kind in kinds
        ],
    )


async def _facility(
    request: Request,
    who: Principal,
    db: Database,
    form: Form[IssueToFacilityForm],
    status: int = 200,
) -> Response:
    require(who, issue.ISSUE)
    search = request.query_params.get("q", "").strip()[:100]
    found = await facilities.search(db, who, search, limit=OFFERED)
    chosen = await facilities.in_scope(db, who, form.text("facility_id"))
    if chosen is not None and chosen not in found:
        found.insert(0, chosen)
    kinds = tiers()["facility"].kinds
    return render(
        request,
        "issue_facility.html",
        status=status,
        form=form,
        search=search,
        facilities=[(one.id, one.name) for one in found if not one.stopped],
        more=len(found) >= OFFERED,
        kinds_options=[
            (kind, translate(label)) for kind, label in labels.KINDS.items() if kind in kinds
        ],
    )
