"""What is written to some collections, by whatever process: their keys, as the database tells."""

from typing import Any

from pymongo.errors import PyMongoError

from shared.mongo import Database, Document, is_outage


class Lost(Exception):
    """The changes can no longer be followed: all must be read again."""


class Following:
    """`written` holds the ids told and not yet read again, by collection; the reader clears it."""

    def __init__(self, db: Database, *names: str) -> None:
        self._db = db
        self._stream: Any = None
        self.written: dict[str, set[str]] = {name: set() for name in names}

    async def begin(self) -> None:
        """From here on: whoever now reads the collections and listens later misses nothing."""
        await self.close()
        self._stream = await self._db.changes(*self.written)
        await self.listen()

    async def listen(self) -> None:
        """Note what was written since this was done last; raises Lost."""
        if self._stream is None:
            raise Lost
        while change := await self._next():
            if "documentKey" not in change:
                # A collection was dropped or renamed; nobody does so in service.
                raise Lost
            self.written[change["ns"]["coll"]].add(change["documentKey"]["_id"])
        if not self._stream.alive:
            raise Lost

    async def close(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            await stream.close()

    async def _next(self) -> Document | None:
        try:
            found: Document | None = await self._stream.try_next()
        except PyMongoError as error:
            if is_outage(error):
                raise
            # What is asked for has left the database's log meanwhile, or the stream was ended.
            raise Lost from error
        return found
