"""News: written, handed in, published or sent back by somebody else, taken down (R73)."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from services.registry.actions import recordings
from services.registry.actions.recording_owners import MAX_OF_ARTICLE
from services.registry.actions.rights import author, may
from services.registry.domain.article import (
    EVERYWHERE,
    MAX_PICTURES,
    MAX_RECORDINGS,
    Article,
    ArticlePictureUnknown,
    ArticleRecordingUnknown,
    State,
    Text,
    TooManyArticlePictures,
    TooManyArticleRecordings,
    owner_of,
)
from services.registry.domain.communes import commune_of_today
from services.registry.domain.records import Aggregate
from services.registry.store import articles, media, records
from services.registry.store import recordings as films
from shared import audit
from shared import once as kept
from shared.auth import Principal, Scope, require
from shared.errors import Forbidden
from shared.mongo import Database, Tx, transact
from shared.once import Once


async def write(
    text: Text,
    *,
    article_id: str,
    who: Principal,
    now: datetime,
    db: Database,
    once: Once | None = None,
) -> Article:
    """A new article of the writer's unit, as a draft."""

    async def work(tx: Tx) -> Article:
        if not who.may("article.write"):
            raise Forbidden()
        commune, sector = area_of(who)
        before = await kept.answered(tx, once)
        if before is not None:
            return await articles.get(tx, before["id"])
        require(who, "article.write", Scope(None, commune, sector))
        await _check_media(tx, text, article_id, who)
        article = Article(
            id=article_id,
            version=1,
            state=State.DRAFT,
            unit_id=who.unit_id,
            commune=commune,
            sector=sector,
            draft=text,
            published=None,
            writers=(author(who),),
            created_at=now,
            updated_at=now,
        )
        await articles.insert(tx, article)
        await kept.keep(tx, once, {"id": article.id}, now)
        await audit.accepted(tx, who, "article.write", article_id)
        return article

    async with audit.attempt(db, who, "article.write", article_id):
        return await transact(db, work)


async def edit(
    article_id: str, text: Text, *, version: int, who: Principal, now: datetime, db: Database
) -> Article:
    async def change(tx: Tx, before: Article) -> Article:
        await _check_media(tx, text, article_id, who)
        return before.edit(text, version=version, by=author(who), now=now)

    return await _step(article_id, change, "article.write", "article.write", who=who, db=db)


async def submit(
    article_id: str, *, version: int, who: Principal, now: datetime, db: Database
) -> Article:
    async def change(_: Tx, before: Article) -> Article:
        return before.submit(version=version, by=author(who), now=now)

    return await _step(article_id, change, "article.write", "article.submit", who=who, db=db)


async def publish(
    article_id: str, *, version: int, who: Principal, now: datetime, db: Database
) -> Article:
    """Everybody reads it from now on; its pictures and recordings become public with it."""

    async def change(tx: Tx, before: Article) -> Article:
        after = before.publish(version=version, by=author(who), now=now)
        await media.show_only(tx, _pictures(after.published), owner_of(article_id))
        await _show_recordings(tx, before, after)
        return after

    return await _step(article_id, change, "article.publish", "article.publish", who=who, db=db)


async def reject(
    article_id: str, *, version: int, reason: str, who: Principal, now: datetime, db: Database
) -> Article:
    async def change(_: Tx, before: Article) -> Article:
        return before.reject(version=version, by=author(who), reason=reason, now=now)

    return await _step(
        article_id, change, "article.publish", "article.reject", reason, who=who, db=db
    )


async def take_down(
    article_id: str, *, reason: str, who: Principal, now: datetime, db: Database
) -> Article:
    async def change(tx: Tx, before: Article) -> Article:
        after = before.take_down(by=author(who), reason=reason, now=now)
        await media.show_only(tx, (), owner_of(article_id))
        await _show_recordings(tx, before, after)
        return after

    return await _step(
        article_id, change, "article.publish", "article.take_down", reason, who=who, db=db
    )


async def read(article_id: str, *, who: Principal, db: Database) -> Article:
    """For those who write or publish in its area."""
    article = await articles.get(db, article_id)
    action = "article.write" if who.may("article.write") else "article.publish"
    require(who, action, article.scope())
    return article


async def require_room(article_id: str, more: int, *, db: Database) -> None:
    """Raises TooManyArticlePictures before pictures are drawn for nothing."""
    # The posters of its films are kept among them.
    room = MAX_PICTURES * 2 + MAX_OF_ARTICLE
    if await media.count_of(db, owner_of(article_id)) + more > room:
        raise TooManyArticlePictures("photos", limit=MAX_PICTURES)


def area_of(who: Principal) -> tuple[str, str]:
    """Commune and sector of what an official writes; the whole where the unit has no one of it."""
    whole = not who.communes or EVERYWHERE in who.communes
    return EVERYWHERE if whole else commune_of_today(who.communes[0]), who.sector


def _pictures(text: Text | None) -> tuple[str, ...]:
    return tuple(figure.picture for figure in text.figures) if text is not None else ()


def _recordings(text: Text | None) -> tuple[str, ...]:
    return text.recordings if text is not None else ()


async def _show_recordings(tx: Tx, before: Article, after: Article) -> None:
    """Those it carries become public; those it dropped, where nothing else shows them, no longer
    are."""
    named = (*_recordings(before.published), *_recordings(after.published))
    found = await films.in_order(tx, tuple(dict.fromkeys(named)))
    for facility_id in sorted({one.facility_id for one in found}):
        await recordings.follow(tx, facility_id, _recordings(after.published), but=after.id)


async def _check_media(tx: Tx, text: Text, article_id: str, who: Principal) -> None:
    """Its pictures are its own; its recordings too, or of facilities that the writer answers
    for."""
    if len(text.recordings) > MAX_RECORDINGS:
        raise TooManyArticleRecordings("recordings", limit=MAX_RECORDINGS)
    found = await films.in_order(tx, text.recordings)
    owners = {one.facility_id for one in found} - {owner_of(article_id)}
    facilities = await records.find_many(tx, Aggregate.FACILITY, tuple(owners))
    reached = [one for one in facilities.values() if may(who, "product.read", one)]
    if len(found) < len(set(text.recordings)) or len(reached) < len(owners):
        raise ArticleRecordingUnknown("recordings")
    pictures = _pictures(text)
    if len(pictures) > MAX_PICTURES:
        raise TooManyArticlePictures("figures", limit=MAX_PICTURES)
    if pictures and not await media.all_belong(tx, pictures, owner_of(article_id)):
        raise ArticlePictureUnknown("figures")


async def _step(
    article_id: str,
    change: Callable[[Tx, Article], Awaitable[Article]],
    right: str,
    action: str,
    reason: str = "",
    *,
    who: Principal,
    db: Database,
) -> Article:
    async def work(tx: Tx) -> Article:
        before = await articles.get(tx, article_id)
        require(who, right, before.scope())
        after = await change(tx, before)
        if after is not before:
            await articles.put(tx, before, after)
            await audit.accepted(tx, who, action, article_id, reason, version=after.version)
        return after

    async with audit.attempt(db, who, action, article_id):
        return await transact(db, work)
