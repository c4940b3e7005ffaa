"""News: written and decided on by programs of authorities; everybody reads /news/feed.atom."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, File, Path, Query, Request, UploadFile
from pydantic import BaseModel
from starlette.responses import Response

from services.registry.actions import article_removal, media
from services.registry.actions import articles as acts
from services.registry.domain.article import Article, owner_of
from services.registry.fields.articles import (
    ArticleFields,
    EditArticle,
    RejectBody,
    StepBody,
    TakeDownBody,
)
from services.registry.passports import image_address
from services.registry.store import articles as store
from services.registry.store.lists import PAGE_SIZE
from shared.auth import require
from shared.errors import Forbidden
from shared.ids import new_id, now
from shared.once import once
from shared.pictures.limits import MAX_BYTES
from shared.web.idempotency import IdempotencyKey
from shared.web.session import ApiPrincipal

router = APIRouter()
ArticleId = Annotated[str, Path(min_length=1, max_length=64, pattern=r"^[0-9A-Za-z-]+$")]


class ArticleView(BaseModel):
    """`published` is what everybody reads, `draft` what waits; each null where there is none."""

    id: str
    version: int
    state: str
    commune: str
    sector: str
    draft: dict[str, Any] | None
    published: dict[str, Any] | None
    published_at: datetime | None
    reason: str
    writers: list[str]

    @classmethod
    def of(cls, one: Article) -> "ArticleView":
        return cls(
            id=one.id,
            version=one.version,
            state=one.state.value,
            commune=one.commune,
            sector=one.sector,
            draft=asdict(one.draft) if one.draft is not None else None,
            published=asdict(one.published) if one.published is not None else None,
            published_at=one.published_at,
            reason=one.reason,
            writers=[writer.name for writer in one.writers],
        )


class ArticlesView(BaseModel):
    items: list[ArticleView]
    page: int
    size: int
    total: int


class KeptPicture(BaseModel):
    """Name `id` in a figure of the article; public once the article is published with it."""

    id: str
    url: str


@router.get("/articles")
async def listed(
    who: ApiPrincipal,
    request: Request,
    state: Literal["", "draft", "submitted", "published"] = "",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> ArticlesView:
    if not (who.may("article.write") or who.may("article.publish")):
        raise Forbidden()
    rows, total = await store.listed(request.app.state.db, who, state=state, page=page)
    items = [ArticleView.of(one) for one in rows]
    return ArticlesView(items=items, page=page, size=PAGE_SIZE, total=total)


@router.post("/articles", status_code=201)
async def write(
    body: ArticleFields, who: ApiPrincipal, request: Request, key: IdempotencyKey = None
) -> ArticleView:
    return ArticleView.of(
        await acts.write(
            body.text(),
            article_id=new_id(),
            who=who,
            now=now(),
            db=request.app.state.db,
            once=once(who, key, "article", body),
        )
    )


@router.get("/articles/{article_id}")
async def read(article_id: ArticleId, who: ApiPrincipal, request: Request) -> ArticleView:
    return ArticleView.of(await acts.read(article_id, who=who, db=request.app.state.db))


@router.put("/articles/{article_id}")
async def edit(
    article_id: ArticleId, body: EditArticle, who: ApiPrincipal, request: Request
) -> ArticleView:
    return ArticleView.of(
        await acts.edit(
            article_id,
            body.text(),
            version=body.version,
            who=who,
            now=now(),
            db=request.app.state.db,
        )
    )


@router.post("/articles/{article_id}/pictures", status_code=201)
async def add_picture(
    article_id: ArticleId,
    file: Annotated[UploadFile, File()],
    who: ApiPrincipal,
    request: Request,
) -> KeptPicture:
    """JPEG, PNG, WebP or HEIC by content, up to 8 MB."""
    db = request.app.state.db
    article = await acts.read(article_id, who=who, db=db)
    require(who, "article.write", article.scope())
    await acts.require_room(article_id, 1, db=db)
    data = await file.read(MAX_BYTES + 1)
    owner = owner_of(article_id)
    picture = await media.keep_private(data, facility_id=owner, now=now(), db=db)
    return KeptPicture(id=picture, url=image_address(picture))


@router.post("/articles/{article_id}/submit")
async def submit(
    article_id: ArticleId, body: StepBody, who: ApiPrincipal, request: Request
) -> ArticleView:
    return ArticleView.of(
        await acts.submit(
            article_id, version=body.version, who=who, now=now(), db=request.app.state.db
        )
    )


@router.post("/articles/{article_id}/publish")
async def publish(
    article_id: ArticleId, body: StepBody, who: ApiPrincipal, request: Request
) -> ArticleView:
    return ArticleView.of(
        await acts.publish(
            article_id, version=body.version, who=who, now=now(), db=request.app.state.db
        )
    )


@router.post("/articles/{article_id}/reject")
async def reject(
    article_id: ArticleId, body: RejectBody, who: ApiPrincipal, request: Request
) -> ArticleView:
    return ArticleView.of(
        await acts.reject(
            article_id, **body.model_dump(), who=who, now=now(), db=request.app.state.db
        )
    )


@router.post("/articles/{article_id}/take-down")
async def take_down(
    article_id: ArticleId, body: TakeDownBody, who: ApiPrincipal, request: Request
) -> ArticleView:
    """Nobody reads it from now on; its text is a draft again."""
    return ArticleView.of(
        await acts.take_down(
            article_id, reason=body.reason, who=who, now=now(), db=request.app.state.db
        )
    )


@router.post("/articles/{article_id}/remove", status_code=204)
async def remove(
    article_id: ArticleId, body: StepBody, who: ApiPrincipal, request: Request
) -> Response:
    """Throw away a draft of which nothing is public, with its own pictures and recordings."""
    await article_removal.remove(article_id, version=body.version, who=who, db=request.app.state.db)
    return Response(status_code=204)
