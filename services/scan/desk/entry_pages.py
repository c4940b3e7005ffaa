"""The page where an official enters what somebody told them of some goods, and the slip (R53)."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.scan.desk import entering, reporting, words
from services.scan.desk.goods_pages import SEEK, SEND, address_of, is_seeking
from services.scan.desk.report_inputs import EntryForm
from services.scan.desk.report_pages import CONSOLE, PRIVATE, REPORT
from services.scan.domain.complaint import About, Goods, GoodsUnnamed
from services.scan.store import complaints, sought
from shared.days import local_day
from shared.errors import NotFound
from shared.ids import new_id, now
from shared.stampcode import StampId, decode, group, normalise
from shared.web.answering import answered
from shared.web.context import web
from shared.web.csrf import PageForm
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import translate
from shared.web.pages import render
from shared.web.session import PagePrincipal

NEW = CONSOLE + "/new"
NAMES: Final = ("stamp", "lot", "product", "facility")
router = APIRouter(include_in_schema=False)


@router.get(NEW)
async def begin(request: Request, who: PagePrincipal) -> Response:
    """The form; what was chosen stands in the address, `q` there seeks goods."""
    asked = _asked(request.query_params)
    about = await _about(request, asked)
    await entering.may_enter(who, about, db=request.app.state.db)
    own = who.communes[0] if len(who.communes) == 1 and "*" not in who.communes else ""
    form = new_form(
        EntryForm,
        key=new_id(),
        heard_on=local_day(now()).isoformat(),
        channel="phone",
        commune=own,
    )
    form = form.with_raw(q=request.query_params.get("q", ""))
    return await _page(request, who, asked, about, form)


@router.post(NEW)
async def enter(request: Request, who: PagePrincipal, _: PageForm) -> Response:
    form = await read_form(request, EntryForm)
    step = form.text("step")
    if step not in ("", SEND):
        return await _unfinished(request, who, step, form)
    asked = _asked(request.query_params)
    if not step and not asked and is_seeking(form):
        return await _unfinished(request, who, SEEK, form)
    about = await _about(request, asked)

    async def perform(sent: EntryForm) -> Response:
        if about.stamp is None and about.goods == Goods() and not sent.goods:
            raise GoodsUnnamed("goods")
        await entering.admitted(who, about, db=request.app.state.db)
        photo, label = await reporting.drawn_photos(sent.photo, sent.label)
        state = request.app.state
        filed = await entering.enter(
            sent.told(photo, label),
            about,
            sent.taken(who.unit_id or ""),
            key=sent.key,
            who=who,
            secret=web(request).keys.csrf,
            settings=state.web.settings,
            now=now(),
            db=state.db,
        )
        return render(
            request,
            "desk/entered.html",
            headers=PRIVATE,
            one=filed.complaint,
            code=filed.code,
            kind=translate(words.PROBLEMS[filed.complaint.kind][0]),
            track=f"{state.web.settings.public_origin}{REPORT}",
            new=NEW,
        )

    async def show(form: Form[EntryForm], status: int) -> Response:
        await entering.may_enter(who, about, db=request.app.state.db)
        return await _page(request, who, asked, about, form, status)

    return await answered(form, perform, show)


async def _unfinished(
    request: Request, who: PagePrincipal, step: str, form: Form[EntryForm]
) -> Response:
    """The form with what was typed, as goods are sought for it (`SEEK`), chosen, or let go."""
    asked = _asked(dict(parse_qsl(step)))
    about = await _about(request, asked)
    await entering.may_enter(who, about, db=request.app.state.db)
    kept = form.unfinished()
    return await _page(request, who, asked, about, kept if step == SEEK else kept.with_raw(q=""))


def _asked(values: Mapping[str, str]) -> dict[str, str]:
    """What names goods, of an address or a step."""
    return {name: values[name][:64] for name in NAMES if values.get(name)}


async def _about(request: Request, asked: Mapping[str, str]) -> About:
    """The goods that are named; raises NotFound where there are none such."""
    state = request.app.state
    if code := asked.get("stamp"):
        stamp = decode(state.stamp_keys.current(), code)
        return About.of(stamp, code)
    goods = await sought.by_id(state.db, **{name: asked.get(name, "") for name in NAMES[1:]})
    if asked and goods == Goods():
        raise NotFound()
    return About(None, goods=goods)


async def _page(
    request: Request,
    who: PagePrincipal,
    asked: Mapping[str, str],
    about: About,
    form: Form[EntryForm],
    status: int = 200,
) -> Response:
    state = request.app.state
    goods = about.goods or await _of_stamp(request, about.stamp)
    text = form.text("q").strip()[:100]
    stamp = decode(state.stamp_keys.current(), text) if text else None
    found = [] if stamp or not text else await entering.found(who, text, db=state.db)
    plain = normalise(asked.get("stamp", "")) or ""
    return render(
        request,
        "desk/entry.html",
        status=status,
        headers=PRIVATE,
        form=form,
        here=NEW + (f"?{urlencode(asked)}" if asked else ""),
        seek=SEEK,
        send=SEND,
        text=text,
        found=[(one, address_of(one).removeprefix("?")) for one in found],
        stamp_found=(group(normalise(text) or text), f"stamp={normalise(text)}") if stamp else None,
        goods=goods,
        shown_stamp=group(plain) if about.stamp is not None else about.typed,
        chosen=bool(asked),
        kinds=words.problems(),
        channels=[(key, translate(label)) for key, label in words.CHANNELS.items()],
        communes=words.communes_here(),
        private_days=state.web.settings.complaint_private_days,
    )


async def _of_stamp(request: Request, stamp: StampId | None) -> Goods:
    if stamp is None:
        return Goods()
    db = request.app.state.db
    facility, product, lot = await complaints.belonging(db, stamp.batch, stamp.serial)
    return await sought.by_id(db, lot=lot, product=product, facility=facility)
