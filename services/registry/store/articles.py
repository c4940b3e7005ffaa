"""Articles in MongoDB: those in an official's area, and those that everybody reads."""

import re

from pydantic import TypeAdapter
from pymongo.errors import DuplicateKeyError

from services.registry.domain.article import Article, State
from services.registry.domain.words import MAX_ASKED, fold
from services.registry.store.codec import plain
from services.registry.store.lists import PAGE_SIZE
from shared.auth import Principal, area_filter
from shared.errors import EditConflict, NotFound
from shared.mongo import Database, Document, Tx

ARTICLES = "articles"
_reader = TypeAdapter(Article)
_PUBLIC: Document = {"published": {"$ne": None}}
_NEWEST = [("first_published_at", -1), ("_id", 1)]


async def prepare(db: Database) -> None:
    rows = db.collection(ARTICLES)
    await rows.create_index([("commune", 1), ("state", 1), ("updated_at", -1)])
    await rows.create_index([("first_published_at", -1)])
    for where in ("draft", "published"):
        await rows.create_index(f"{where}.recordings", sparse=True)


async def insert(tx: Tx, article: Article) -> None:
    """Raises EditConflict where the id is taken: forms bring it with them."""
    try:
        await tx.collection(ARTICLES).insert_one(_document(article))
    except DuplicateKeyError as error:
        raise EditConflict() from error


async def put(tx: Tx, before: Article, article: Article) -> None:
    result = await tx.collection(ARTICLES).replace_one(
        {"_id": article.id, "version": before.version}, _document(article)
    )
    if result.matched_count != 1:
        raise EditConflict()


async def remove(tx: Tx, article: Article) -> None:
    """Away with it if it is still as it was read; raises EditConflict."""
    found = {"_id": article.id, "version": article.version}
    if (await tx.collection(ARTICLES).delete_one(found)).deleted_count != 1:
        raise EditConflict()


async def get(source: Database | Tx, article_id: str) -> Article:
    row = await source.collection(ARTICLES).find_one({"_id": article_id})
    if row is None:
        raise NotFound()
    return _article(row)


async def listed(
    db: Database, who: Principal, *, state: str, page: int
) -> tuple[list[Article], int]:
    """One page of those in the asker's area, newest change first, and how many there are."""
    query = area_filter(who)
    if state:
        query["state"] = state
    rows = db.collection(ARTICLES)
    order = [("updated_at", -1), ("_id", 1)]
    cursor = rows.find(query).sort(order).skip((page - 1) * PAGE_SIZE).limit(PAGE_SIZE)
    return [_article(row) async for row in cursor], await rows.count_documents(query)


async def count_waiting(db: Database, who: Principal) -> int:
    """Submitted, and not by oneself."""
    query = {
        **area_filter(who),
        "state": State.SUBMITTED.value,
        "writers.account_id": {"$ne": who.account_id},
    }
    return await db.collection(ARTICLES).count_documents(query)


async def public(
    db: Database, *, section: str = "", q: str = "", page: int = 1, size: int = PAGE_SIZE
) -> tuple[list[Article], int]:
    """What everybody reads, newest first, and how many there are."""
    query: Document = dict(_PUBLIC)
    if section:
        query["published.section"] = section
    if asked_for := fold(q[:200]).split()[:MAX_ASKED]:
        query["$and"] = [{"found_by": {"$regex": re.escape(word)}} for word in asked_for]
    rows = db.collection(ARTICLES)
    cursor = rows.find(query).sort(_NEWEST).skip((page - 1) * size).limit(size)
    return [_article(row) async for row in cursor], await rows.count_documents(query)


async def user_of(tx: Tx, recording_id: str) -> str:
    """The title of an article whose draft or published text carries it, "" if none does."""
    named = [{f"{where}.recordings": recording_id} for where in ("draft", "published")]
    row = await tx.collection(ARTICLES).find_one({"$or": named})
    return _article(row).text.title if row is not None else ""


def _document(article: Article) -> Document:
    body: Document = plain(article)
    body["_id"] = body.pop("id")
    text = article.published
    # Folded, so that words are found with and without diacritics.
    spoken = (text.title, text.summary, text.title_en, text.summary_en) if text else ()
    return {**body, "found_by": fold(" ".join(spoken))}


def _article(row: Document) -> Article:
    body = {key: value for key, value in row.items() if key not in ("_id", "found_by")}
    return _reader.validate_python({**body, "id": row["_id"]})
