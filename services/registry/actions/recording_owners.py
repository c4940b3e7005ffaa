"""Whose a film, a sound or a document is: a facility's, for its products, or an article's own."""

from services.registry.actions.rights import require_for
from services.registry.domain.article import MAX_RECORDINGS, TooManyArticleRecordings, owning
from services.registry.domain.recording import MAX_OF_FACILITY, TooManyRecordings
from services.registry.domain.records import Aggregate
from services.registry.store import articles, conversions, recordings, records, shown
from shared.auth import Principal, require
from shared.mongo import Database, Tx

# An article carries MAX_RECORDINGS; while some are replaced there may be twice as many.
MAX_OF_ARTICLE = MAX_RECORDINGS * 2


async def require_to_enter(source: Database | Tx, owner: str, who: Principal) -> None:
    """Raises NotFound or Forbidden for who may not add to these, nor take away from them."""
    if article_id := owning(owner):
        article = await articles.get(source, article_id)
        require(who, "article.write", article.scope())
        return
    require_for(who, "product.enter", await records.get(source, Aggregate.FACILITY, owner))


async def require_to_read(source: Database | Tx, owner: str, who: Principal) -> None:
    """Raises NotFound or Forbidden for who may not see those that are not public."""
    if article_id := owning(owner):
        article = await articles.get(source, article_id)
        action = "article.write" if who.may("article.write") else "article.publish"
        require(who, action, article.scope())
        return
    require_for(who, "product.read", await records.get(source, Aggregate.FACILITY, owner))


async def require_room(tx: Tx, owner: str, who: Principal) -> None:
    """In the transaction that keeps one more, for what was true before its bytes were read need not
    be any more: raises NotFound, Forbidden, and where the owner can keep no further one. Those that
    are still to be converted count too."""
    await shown.take_turns(tx, owner)
    await require_to_enter(tx, owner, who)
    number = await recordings.count(tx, owner) + await conversions.count_open(tx, owner)
    if owning(owner):
        if number >= MAX_OF_ARTICLE:
            raise TooManyArticleRecordings("file", limit=MAX_RECORDINGS)
    elif number >= MAX_OF_FACILITY:
        raise TooManyRecordings("file", limit=MAX_OF_FACILITY)
