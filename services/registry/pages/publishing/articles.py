"""News in the console: written, seen as it will look, decided on (R73)."""

from dataclasses import asdict, replace
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from services.registry.actions import article_removal, media
from services.registry.actions import articles as acts
from services.registry.catalogue import ARTICLE_SECTIONS, ARTICLE_STATES, ARTICLE_TONES
from services.registry.domain.article import MAX_RECORDINGS, Article, Figure, blocks, owner_of
from services.registry.fields.articles import ArticleForm, RejectBody, StepBody, TakeDownBody
from services.registry.naming import in_language
from services.registry.pages.showing import show
from services.registry.store import articles as store
from services.registry.store import facts, recordings
from services.registry.store.lists import PAGE_SIZE
from shared.auth import Principal, require
from shared.errors import Forbidden, Kind, Refusal
from shared.ids import new_id, now
from shared.mongo import Database
from shared.once import once
from shared.pictures.limits import MAX_BYTES
from shared.web.answering import answered
from shared.web.csrf import PageForm
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import N_, translate
from shared.web.pages import redirect
from shared.web.paging import Paging
from shared.web.session import PagePrincipal

HOME: Final = "/console/registry/news"
# Recordings that the form offers: the newest of the writer's area.
OFFERED: Final = 30
router = APIRouter(prefix=HOME, include_in_schema=False)


class AltMissing(Refusal):
    code = "picture_alt_missing"
    kind = Kind.INVALID
    message = "Hãy viết ảnh cho thấy gì: người không xem được ảnh đọc câu đó."


@router.get("")
async def listed(
    request: Request, who: PagePrincipal, state: Annotated[str, Query(max_length=20)] = ""
) -> Response:
    if not (who.may("article.write") or who.may("article.publish")):
        raise Forbidden()
    db: Database = request.app.state.db
    state = state if state in ARTICLE_STATES else ""
    number = Paging.of(request, 10**9, size=PAGE_SIZE).number
    rows, total = await store.listed(db, who, state=state, page=number)
    return show(
        request,
        "console/articles.html",
        rows=rows,
        paging=Paging.of(request, total, size=PAGE_SIZE),
        state=state,
        units=await facts.unit_names(db, [one.unit_id for one in rows]),
        may_write=who.may("article.write"),
        **_words(),
    )


@router.get("/new")
async def new(request: Request, who: PagePrincipal) -> Response:
    require(who, "article.write")
    return await _form(request, who, None, new_form(ArticleForm, key=new_id(), section="news"))


@router.post("/new")
async def create(request: Request, who: PagePrincipal, _: PageForm) -> Response:
    require(who, "article.write")
    form = await read_form(request, ArticleForm)
    # The form's own key is the article's id: a picture sent with it belongs to it already.
    article_id = form.text("key") or new_id()
    form, added = await _with_photo(request, form, article_id)

    async def perform(sent: ArticleForm) -> Response:
        made = await acts.write(
            sent.text(*added),
            article_id=article_id,
            who=who,
            now=now(),
            db=request.app.state.db,
            once=once(who, sent.key, "article", sent.model_dump(exclude={"photo"})),
        )
        return redirect(request, f"{HOME}/{made.id}", N_("Đã lưu bản nháp."))

    return await answered(
        form, perform, lambda form, status: _form(request, who, None, form, status)
    )


@router.get("/{article_id}")
async def read(request: Request, who: PagePrincipal, article_id: str) -> Response:
    return await _page(request, who, article_id)


@router.get("/{article_id}/edit")
async def edit(request: Request, who: PagePrincipal, article_id: str) -> Response:
    article = await acts.read(article_id, who=who, db=request.app.state.db)
    form = new_form(ArticleForm, asdict(article.text), version=article.version)
    require(who, "article.write", article.scope())
    return await _form(request, who, article, form)


@router.post("/{article_id}/edit")
async def change(request: Request, who: PagePrincipal, article_id: str, _: PageForm) -> Response:
    article = await acts.read(article_id, who=who, db=request.app.state.db)
    require(who, "article.write", article.scope())
    form, added = await _with_photo(request, await read_form(request, ArticleForm), article_id)

    async def perform(sent: ArticleForm) -> Response:
        text, db = sent.text(*added), request.app.state.db
        await acts.edit(article_id, text, version=sent.version, who=who, now=now(), db=db)
        return redirect(request, f"{HOME}/{article_id}", N_("Đã lưu bản nháp."))

    async def again(form: Form[ArticleForm], status: int) -> Response:
        fresh = await acts.read(article_id, who=who, db=request.app.state.db)
        return await _form(request, who, fresh, form.caught_up(fresh.version), status)

    return await answered(form, perform, again)


@router.post("/{article_id}/submit")
async def submit(request: Request, who: PagePrincipal, article_id: str, _: PageForm) -> Response:
    return await _step(request, who, article_id, StepBody, acts.submit, N_("Đã gửi duyệt."))


@router.post("/{article_id}/publish")
async def publish(request: Request, who: PagePrincipal, article_id: str, _: PageForm) -> Response:
    done = N_("Đã đăng. Mọi người đọc được ngay bây giờ.")
    return await _step(request, who, article_id, StepBody, acts.publish, done)


@router.post("/{article_id}/reject")
async def reject(request: Request, who: PagePrincipal, article_id: str, _: PageForm) -> Response:
    done = N_("Đã trả lại cho người viết kèm lý do.")
    return await _step(request, who, article_id, RejectBody, acts.reject, done)


@router.post("/{article_id}/take-down")
async def take_down(request: Request, who: PagePrincipal, article_id: str, _: PageForm) -> Response:
    done = N_("Đã gỡ bài khỏi trang công khai.")
    return await _step(request, who, article_id, TakeDownBody, acts.take_down, done)


@router.post("/{article_id}/remove")
async def remove(request: Request, who: PagePrincipal, article_id: str, _: PageForm) -> Response:
    """A draft of which nothing is public, with its own pictures and recordings."""

    async def perform(sent: StepBody) -> Response:
        db: Database = request.app.state.db
        await article_removal.remove(article_id, version=sent.version, who=who, db=db)
        return redirect(request, HOME, N_("Đã xóa bản nháp."))

    return await answered(
        await read_form(request, StepBody),
        perform,
        lambda form, status: _page(request, who, article_id, form, status),
    )


async def _step(
    request: Request, who: Principal, article_id: str, model: Any, act: Any, done: str
) -> Response:
    async def perform(sent: Any) -> Response:
        asked, db = sent.model_dump(), request.app.state.db
        await act(article_id, **asked, who=who, now=now(), db=db)
        return redirect(request, f"{HOME}/{article_id}", done)

    return await answered(
        await read_form(request, model),
        perform,
        lambda form, status: _page(request, who, article_id, form, status),
    )


async def _with_photo(
    request: Request, form: Form[ArticleForm], article_id: str
) -> tuple[Form[ArticleForm], tuple[Figure, ...]]:
    """The form with its picture kept: whatever else is wrong, it need not be sent again."""
    sent = form.value
    if sent is None or sent.photo is None:
        return form, ()
    db: Database = request.app.state.db
    try:
        if len(sent.photo_alt) < 3:
            raise AltMissing("photo_alt")
        await acts.require_room(article_id, 1, db=db)
        picture = await media.keep_private(
            await sent.photo.read(MAX_BYTES + 1),
            facility_id=owner_of(article_id),
            now=now(),
            db=db,
        )
    except Refusal as refusal:
        refusal.field = "photo_alt" if isinstance(refusal, AltMissing) else "photo"
        return form.refused(refusal), ()
    row = len(sent.figures)
    added = {f"figures.{row}.picture": [picture], f"figures.{row}.alt": [sent.photo_alt]}
    kept = form.kept_files("photo")
    raw = {**form.raw, **added, "photo_alt": []}
    return replace(kept, raw=raw), (Figure(picture, sent.photo_alt),)


def _words() -> dict[str, Any]:
    return {"states": ARTICLE_STATES, "tones": ARTICLE_TONES, "sections": ARTICLE_SECTIONS}


async def _form(
    request: Request,
    who: Principal,
    article: Article | None,
    form: Form[Any],
    status: int = 200,
) -> Response:
    chosen = list(form.texts("recordings"))
    return show(
        request,
        "console/article_form.html",
        status=status,
        article=article,
        form=form,
        recordings=await recordings.newest_in(
            request.app.state.db,
            who,
            chosen,
            OFFERED,
            own=owner_of(article.id) if article is not None else "",
        ),
        most_recordings=MAX_RECORDINGS,
        section_options=[(key, translate(label)) for key, label in ARTICLE_SECTIONS.items()],
    )


async def _page(
    request: Request,
    who: Principal,
    article_id: str,
    form: Form[Any] | None = None,
    status: int = 200,
) -> Response:
    db: Database = request.app.state.db
    article = await acts.read(article_id, who=who, db=db)
    scope = article.scope()
    mine = any(one.account_id == who.account_id for one in article.writers)
    may_publish = who.may("article.publish") and who.covers("article.publish", scope)
    units = await facts.unit_names(db, [article.unit_id])
    return show(
        request,
        "console/article.html",
        status=status,
        article=article,
        it=article.text,
        pieces=blocks(in_language(article.text, "body")),
        recordings=await recordings.in_order(db, article.text.recordings),
        unit=units.get(article.unit_id, ""),
        form=form or new_form(RejectBody, version=article.version),
        mine=mine,
        may_publish=may_publish,
        may_write=who.may("article.write") and who.covers("article.write", scope),
        **_words(),
    )
