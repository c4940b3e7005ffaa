"""Several queries of one database as of one time."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pymongo.asynchronous.client_session import AsyncClientSession

from shared.mongo import Database, TxCollection


class AsOf:
    """A database as it stood when something was first read of it here: for what must not slip
    through between two queries. Nothing can be written."""

    def __init__(self, db: Database, session: AsyncClientSession) -> None:
        self._db = db
        self._session = session

    def collection(self, name: str) -> TxCollection:
        return TxCollection(self._db.collection(name), self._session)


@asynccontextmanager
async def as_of_one_time(db: Database) -> AsyncIterator[AsOf]:
    """It holds what a majority had when it was first read. The server forgets what was, by default
    after five minutes (`minSnapshotHistoryWindowInSeconds`): later readings raise OperationFailure
    (SnapshotTooOld), and all is to be read anew."""
    async with db.client.start_session(snapshot=True) as session:
        yield AsOf(db, session)
