"""Files lie in GridFS before a row names them: GridFS takes part in no transaction."""

from collections.abc import Awaitable
from typing import Protocol, TypeVar

from services.registry.store import media
from shared.errors import Refusal
from shared.mongo import Database


class _Row(Protocol):
    @property
    def id(self) -> str: ...


Row = TypeVar("Row", bound=_Row)


async def named(row: Row, entering: Awaitable[Row], files: dict[str, str], db: Database) -> Row:
    """The row that was entered, or that was there before under the same key.

    The files are dropped if it was refused or another one is there. After any other failure they
    stay: whether the row was entered is not known then.
    """
    try:
        found = await entering
    except Refusal:
        await media.drop_files(db, files)
        raise
    if found.id != row.id:
        await media.drop_files(db, files)
    return found
