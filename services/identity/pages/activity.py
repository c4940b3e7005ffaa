"""The console's watch over issued accounts: never signed in, idle, suspended from the list (R3)."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from services.identity import labels
from services.identity.actions import life
from services.identity.domain.access import Origin
from services.identity.inputs import ObjectId
from services.identity.pages.places import places_of
from services.identity.reasons import Reason
from services.identity.request import Db, OriginOf
from services.identity.store import activity, units
from services.identity.store.activity import Quiet
from services.identity.tables import csv_answer
from services.identity.tiers import tiers
from shared import audit
from shared.auth import Principal, require
from shared.errors import Forbidden, Refusal
from shared.ids import now
from shared.mongo import Database
from shared.web.answering import answered
from shared.web.csrf import PageForm
from shared.web.fields import Input
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import N_, language_of, translate
from shared.web.pages import redirect, render
from shared.web.paging import Paging
from shared.web.session import PagePrincipal

router = APIRouter(prefix="/console/identity/activity")

LONGEST_DAYS = 3650


class SuspendChosen(Input):
    """The accounts ticked in the list, and why they are suspended."""

    accounts: Annotated[list[ObjectId], Field(min_length=1, max_length=100)]
    reason: Reason


@router.get("")
async def watch(request: Request, who: PagePrincipal, db: Db) -> Response:
    return await _page(request, who, db, new_form(SuspendChosen))


@router.post("")
async def suspend_chosen(
    request: Request, who: PagePrincipal, sent: PageForm, db: Db, origin: OriginOf
) -> Response:
    async def perform(given: SuspendChosen) -> Response:
        async with audit.attempt(db, who, life.PERMISSION, given.accounts[0]):
            if not who.may(life.PERMISSION):
                raise Forbidden()
        refused = await _suspend(given, who, db, origin)
        done = len(given.accounts) - len(refused)
        if not refused:
            told = N_("Đã tạm ngừng {count} tài khoản.")
            return redirect(request, str(router.prefix), told, count=done)
        message = translate(refused[0].message, **refused[0].params)
        told = N_("Đã tạm ngừng {count} tài khoản; {refused} tài khoản không tạm ngừng được: {why}")
        values = {"count": done, "refused": len(refused), "why": message}
        return redirect(request, str(router.prefix), told, tone="caution", **values)

    return await answered(
        await read_form(request, SuspendChosen),
        perform,
        lambda form, status: _page(request, who, db, form, status),
    )


@router.get("/accounts.csv")
async def export(request: Request, who: PagePrincipal, db: Db) -> Response:
    require(who, "account.read")
    found = [one async for one in activity.every(db, who, quiet_of(request), now())]
    places = await places_of(db, [one.account for one in found])
    head = (
        N_("Tên đăng nhập"),
        N_("Người dùng"),
        N_("Nơi làm việc"),
        N_("Cấp"),
        N_("Ngày cấp"),
        N_("Đăng nhập gần nhất"),
        N_("Dùng gần nhất"),
    )
    rows = [
        (
            one.account.username,
            one.account.name,
            places.of(one.account),
            tiers()[one.account.tier].label(language_of()),
            one.account.issued_at.date().isoformat(),
            one.last_sign_in_at.isoformat() if one.last_sign_in_at else "",
            one.last_seen_at.isoformat() if one.last_seen_at else "",
        )
        for one in found
    ]
    return csv_answer("accounts.csv", [translate(title) for title in head], rows)


def quiet_of(request: Request) -> Quiet:
    """The filters of the list; the installation says after how many days an account is idle."""
    asked = request.query_params
    days, tier = asked.get("days", ""), asked.get("tier", "")
    usual: int = request.app.state.web.settings.idle_days
    sane = days.isascii() and days.isdecimal() and 1 <= int(days[:5]) <= LONGEST_DAYS
    return Quiet(
        days=int(days) if sane else usual,
        never=asked.get("only") == "never",
        unit_id=asked.get("unit", "")[:64],
        tier=tier if tier in tiers() else "",
    )


async def _suspend(
    chosen: SuspendChosen, who: Principal, db: Database, origin: Origin
) -> list[Refusal]:
    """Each in an act of its own: one that may not be suspended does not keep the others."""
    refused = []
    for account_id in dict.fromkeys(chosen.accounts):
        try:
            await life.suspend(account_id, chosen.reason, who=who, origin=origin, db=db, now=now())
        except Refusal as refusal:
            refused.append(refusal)
    return refused


async def _page(
    request: Request, who: Principal, db: Database, form: Form[SuspendChosen], status: int = 200
) -> Response:
    require(who, "account.read")
    quiet, at = quiet_of(request), now()
    counts = await activity.per_unit(db, who, quiet.days, at)
    paging = Paging.of(request, await activity.count(db, who, quiet, at))
    found = await activity.page(db, who, quiet, at, skip=paging.skip, limit=paging.size)
    return render(
        request,
        "activity.html",
        status=status,
        form=form,
        quiet=quiet,
        counts=counts,
        unit_names=await units.names(db, {one.unit_id for one in counts}),
        found=found,
        paging=paging,
        places=await places_of(db, [one.account for one in found]),
        tiers={name: tier.label(language_of()) for name, tier in tiers().items() if tier.enabled},
        only_options=[("never", translate(N_("Chưa từng đăng nhập")))],
        suspends=who.may(life.PERMISSION),
        labels=labels,
    )
