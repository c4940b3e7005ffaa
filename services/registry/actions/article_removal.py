"""A draft of news is thrown away, with the pictures and recordings that are its own (R28, R73)."""

from services.registry.domain.article import owner_of
from services.registry.store import articles, conversions, media, recordings, shown
from shared import audit
from shared.auth import Principal, require
from shared.mongo import Database, Tx, transact


async def remove(article_id: str, *, version: int, who: Principal, db: Database) -> None:
    """Raises ArticleNotDiscarded while anybody reads it or is to decide on it."""

    async def work(tx: Tx) -> list[str]:
        article = await articles.get(tx, article_id)
        require(who, "article.write", article.scope())
        article.check_discarded(version=version)
        owner = owner_of(article_id)
        await shown.take_turns(tx, owner)
        files = [
            *await recordings.remove_all(tx, owner),
            *await conversions.remove_all(tx, owner),
            *await media.remove_all(tx, owner),
        ]
        await articles.remove(tx, article)
        await shown.end_turns(tx, owner)
        await audit.accepted(tx, who, "article.remove", article_id)
        return files

    async with audit.attempt(db, who, "article.remove", article_id):
        files = await transact(db, work)
    # Bytes take part in no transaction: what is left behind by a failure here, no row names.
    await media.drop_files(db, {file: file for file in files})
