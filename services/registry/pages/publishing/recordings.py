"""Video, sound and documents of a facility or an article: uploaded, looked at, removed."""

import asyncio
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.registry.actions import articles, converting
from services.registry.actions import recordings as acts
from services.registry.actions.rights import may, require_for
from services.registry.catalogue import AGGREGATES
from services.registry.decoders import ffmpeg
from services.registry.domain.article import MAX_RECORDINGS, owner_of, owning
from services.registry.domain.conversion import Conversion
from services.registry.domain.recording import LIMITS, MAX_OF_PRODUCT, Recording
from services.registry.domain.records import Aggregate
from services.registry.fields.recordings import RecordingForm
from services.registry.pages.showing import show
from services.registry.store import conversions, records
from services.registry.store import recordings as store
from services.registry.uploads.opened import digest
from shared.auth import Principal
from shared.errors import NotFound
from shared.ids import new_id, now
from shared.mongo import Database
from shared.once import once
from shared.web.answering import answered
from shared.web.csrf import PageForm
from shared.web.fields import Input
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import N_, translate
from shared.web.pages import redirect
from shared.web.session import PagePrincipal

HOME: Final = "/console/registry/recordings"
WAITS: Final = N_(
    "Đã nhận tệp. Hệ thống đang chuyển sang định dạng mọi điện thoại phát được; xem tiến độ ở dưới."
)
router = APIRouter(prefix=HOME, include_in_schema=False)


@router.get("")
async def listed(
    request: Request,
    who: PagePrincipal,
    facility_id: str = "",
    article_id: str = "",
    more: str = "",
) -> Response:
    """`more` shows the form also while a conversion goes on, on a page that does not reload."""
    whose = await _named(request, who, facility_id, article_id)
    form = new_form(RecordingForm, **whose.named, key=new_id())
    return await _list(request, whose, form, more=bool(more))


@router.post("")
async def upload(request: Request, who: PagePrincipal, _: PageForm) -> Response:
    form = await read_form(request, RecordingForm)
    whose = await _named(request, who, form.text("facility_id"), form.text("article_id"))

    async def perform(given: RecordingForm) -> Response:
        sent = await given.sent()
        seen = await asyncio.to_thread(digest, sent.file)
        made = await acts.upload(
            sent,
            facility_id=whose.owner,
            recording_id=new_id(),
            who=who,
            now=now(),
            db=request.app.state.db,
            once=once(who, given.key, "recording", sent.title, seen),
        )
        if isinstance(made, Conversion):
            return redirect(request, whose.home, WAITS)
        return redirect(request, f"{HOME}/{made.id}", whose.done)

    return await answered(form, perform, lambda form, status: _list(request, whose, form, status))


@router.post("/conversions/{conversion_id}/remove")
async def put_away(
    request: Request, who: PagePrincipal, conversion_id: str, _: PageForm
) -> Response:
    """One that waits is taken back, one that failed is put away."""
    one = await conversions.get(request.app.state.db, conversion_id)
    whose = await _whose(request, who, one.facility_id)
    await converting.remove(conversion_id, who=who, db=request.app.state.db)
    return redirect(request, whose.home, N_("Đã bỏ tệp."))


@router.get("/{recording_id}")
async def read(request: Request, who: PagePrincipal, recording_id: str) -> Response:
    one = await store.get(request.app.state.db, recording_id)
    return _page(request, await _whose(request, who, one.facility_id), one)


@router.post("/{recording_id}/remove")
async def remove(request: Request, who: PagePrincipal, recording_id: str, _: PageForm) -> Response:
    one = await store.get(request.app.state.db, recording_id)
    whose = await _whose(request, who, one.facility_id)

    async def perform(_: Input) -> Response:
        await acts.remove(recording_id, who=who, db=request.app.state.db)
        return redirect(request, whose.home, N_("Đã xóa tệp."))

    return await answered(
        await read_form(request, Input),
        perform,
        lambda form, status: _page(request, whose, one, form, status),
    )


@dataclass(frozen=True, slots=True)
class Whose:
    """A facility or an article, as the pages of its recordings name it. `done`: what to do next."""

    owner: str
    name: str
    crumbs: list[tuple[str, str]]
    may_enter: bool
    most: int
    done: str
    article_id: str = ""

    @property
    def named(self) -> dict[str, str]:
        """As addresses and forms name it."""
        if self.article_id:
            return {"article_id": self.article_id}
        return {"facility_id": self.owner}

    @property
    def home(self) -> str:
        return f"{HOME}?{urlencode(self.named)}"


async def _named(request: Request, who: Principal, facility_id: str, article_id: str) -> Whose:
    """Whose they are, the own facility's where nobody is named; raises NotFound, OutOfReach."""
    if article_id:
        return await _of_article(request, who, article_id[:64])
    wanted = facility_id or who.facility_id
    if not wanted:
        raise NotFound()
    return await _of_facility(request, who, wanted[:64])


async def _whose(request: Request, who: Principal, owner: str) -> Whose:
    if article_id := owning(owner):
        return await _of_article(request, who, article_id)
    return await _of_facility(request, who, owner)


async def _of_facility(request: Request, who: Principal, facility_id: str) -> Whose:
    record = await records.get(request.app.state.db, Aggregate.FACILITY, facility_id)
    require_for(who, "product.read", record)
    above = [(translate(AGGREGATES[Aggregate.PRODUCT]), "/console/registry/products")]
    if not who.facility_id:
        above = [
            (translate(AGGREGATES[Aggregate.FACILITY]), "/console/registry/facilities"),
            (record.content.name, f"/console/registry/facilities/{record.id}"),
        ]
    return Whose(
        record.id,
        record.content.name,
        above,
        may(who, "product.enter", record),
        MAX_OF_PRODUCT,
        N_("Đã lưu. Hãy chọn tệp này trong bản nháp của sản phẩm."),
    )


async def _of_article(request: Request, who: Principal, article_id: str) -> Whose:
    article = await articles.read(article_id, who=who, db=request.app.state.db)
    news = "/console/registry/news"
    title = article.text.title
    return Whose(
        owner_of(article.id),
        title,
        [(translate(N_("Tin tức")), news), (title, f"{news}/{article.id}")],
        who.may("article.write") and who.covers("article.write", article.scope()),
        MAX_RECORDINGS,
        N_("Đã lưu. Hãy chọn tệp này khi sửa bài; tệp công khai khi bài được duyệt đăng."),
        article.id,
    )


async def _list(
    request: Request,
    whose: Whose,
    form: Form[Any],
    status: int = 200,
    *,
    more: bool = False,
) -> Response:
    db: Database = request.app.state.db
    coming = await conversions.of_facility(db, whose.owner)
    return show(
        request,
        "console/recordings.html",
        status=status,
        coming=[(one, _said(one)) for one in coming],
        busy=any(one.failure is None for one in coming),
        typing=more or status != 200,
        converts=ffmpeg.program() is not None,
        whose=whose,
        rows=await store.of_facility(db, whose.owner),
        form=form,
        limits=LIMITS,
        most=whose.most,
        may_enter=whose.may_enter,
    )


def _said(one: Conversion) -> str:
    """What was wrong with it, "" while nothing is."""
    failure = one.failure
    return translate(failure["msgid"], **failure["params"]) if failure else ""


def _page(
    request: Request,
    whose: Whose,
    one: Recording,
    form: Form[Any] | None = None,
    status: int = 200,
) -> Response:
    return show(
        request,
        "console/recording.html",
        status=status,
        whose=whose,
        one=one,
        form=form or new_form(Input),
        may_enter=whose.may_enter,
    )
