"""What several of the pages show alike."""

from collections.abc import Sequence

from fastapi import Request

from services.stamps import queries
from services.stamps.domain.requests import Batch
from shared.auth import Principal, require
from shared.web.i18n import translate


async def batch_for(
    request: Request, who: Principal, number: int, action: str
) -> tuple[Batch, queries.BatchView]:
    """A batch the person may see and do `action` with."""
    db = request.app.state.db
    batch = await queries.batch_seen_by(who, number, db=db)
    require(who, action)
    return batch, await queries.batch_view(batch, db=db)


def translated(options: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Choices with their words in the reader's language; the first member is the value."""
    return [(value, *map(translate, words)) for value, *words in options]
