"""Reporting goods whose stamp is missing or cannot be read, by anybody (R53)."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.scan.desk import reporting, words
from services.scan.desk.report_inputs import GoodsForm
from services.scan.desk.report_pages import PRIVATE, REPORT, reporter_of
from services.scan.domain.complaint import About, FormTooOld, Goods, GoodsUnnamed
from services.scan.store import sought
from shared.errors import NotFound, Refusal
from shared.ids import now
from shared.mongo import Database
from shared.web.answering import answered
from shared.web.csrf import VisitorForm
from shared.web.forms import Form, new_form, read_form
from shared.web.pages import render

HOME = REPORT + "/khong-tem"
# The step of a form that is not finished: goods are to be sought.
# Steps of the form: goods are sought, or all is filled in and sent whatever stands in the search.
SEEK: Final = "seek"
SEND: Final = "send"
router = APIRouter(include_in_schema=False)


@router.get(HOME)
async def ask(request: Request) -> Response:
    """The form, with a search of goods by their names; what was chosen stands in the address."""
    about = await _about(request, request.query_params)
    token = reporting.new_token(reporter_of(request), about, now())
    text = request.query_params.get("q", "")
    return await _page(request, about, new_form(GoodsForm, token=token, q=text))


@router.post(HOME)
async def send(request: Request, _: VisitorForm) -> Response:
    read, reporter, db = await read_form(request, GoodsForm), reporter_of(request), _db(request)
    step = read.text("step")
    if step not in ("", SEND):
        return await _unfinished(request, step, read)
    about = await _about(request, request.query_params)
    if not step and about.goods == Goods() and is_seeking(read):
        return await _unfinished(request, SEEK, read)

    async def perform(sent: GoodsForm) -> Response:
        if about.goods == Goods() and not sent.goods:
            raise GoodsUnnamed("goods")
        await reporting.admitted(reporter, about, sent.token, now=now(), db=db)
        photo, label = await reporting.drawn_photos(sent.photo, sent.label)
        filed = await reporting.file(
            sent.told_of(photo, label),
            about,
            sent.token,
            reporter=reporter,
            settings=request.app.state.web.settings,
            now=now(),
            db=db,
        )
        return render(
            request,
            "desk/report_done.html",
            headers=PRIVATE,
            one=filed.complaint,
            code=filed.code,
            stamp="",
        )

    async def show(form: Form[GoodsForm], status: int) -> Response:
        if isinstance(form.refusal, FormTooOld):
            form = form.with_raw(token=reporting.new_token(reporter, about, now()))
        return await _page(request, about, form, status)

    return await answered(read, perform, show)


async def _unfinished(request: Request, step: str, form: Form[GoodsForm]) -> Response:
    """The form with what was typed, as goods are sought for it (`SEEK`), chosen, or let go."""
    before = await _about(request, request.query_params)
    about = await _about(request, dict(parse_qsl(step)))
    sent = form.text("token")
    token = reporting.token_moved(reporter_of(request), before, about, sent, now())
    kept = form.unfinished().with_raw(token=token)
    return await _page(request, about, kept if step == SEEK else kept.with_raw(q=""))


def _db(request: Request) -> Database:
    found: Database = request.app.state.db
    return found


async def _about(request: Request, asked: Mapping[str, str]) -> About:
    """The goods that are named; raises NotFound where there are none such."""
    named = {name: asked.get(name, "")[:64] for name in ("product", "facility")}
    goods = await sought.by_id(request.app.state.db, **named)
    if any(named.values()) and goods == Goods():
        raise NotFound()
    return About(None, goods=goods)


async def _page(
    request: Request, about: About, form: Form[GoodsForm], status: int = 200
) -> Response:
    goods = about.goods or Goods()
    text, found, refused = form.text("q").strip()[:100], [], None
    if text and goods == Goods():
        try:
            found = await reporting.sought_goods(
                text, reporter=reporter_of(request), now=now(), db=request.app.state.db
            )
        except Refusal as refusal:
            refused = refusal
    settings = request.app.state.web.settings
    return render(
        request,
        "desk/report_goods.html",
        status=status,
        headers=PRIVATE,
        form=form,
        here=HOME + address_of(goods),
        seek=SEEK,
        send=SEND,
        text=text,
        found=[(one, address_of(one).removeprefix("?")) for one in found],
        refused=refused,
        goods=goods,
        kinds=words.problems(),
        communes=words.communes_here(),
        private_days=settings.complaint_private_days,
        kept_days=settings.complaint_days,
    )


def is_seeking(form: Form[Any]) -> bool:
    """Something was typed to be sought and Enter pressed there, the rest filled in or not."""
    return form.is_begun() and form.text("q").strip() not in ("", form.text("sought"))


def address_of(goods: Goods) -> str:
    """What of the goods stands in an address, the narrowest."""
    for name in ("lot", "product", "facility"):
        if known := getattr(goods, f"{name}_id"):
            return f"?{name}={known}"
    return ""
