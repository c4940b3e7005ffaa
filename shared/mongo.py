"""The one door to MongoDB: connections, transactions and collections that carry the session."""

import asyncio
import random
import re
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, TypeVar

from pymongo import AsyncMongoClient, ReadPreference
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import (
    AutoReconnect,
    ConnectionFailure,
    ExecutionTimeout,
    NetworkTimeout,
    NotPrimaryError,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
    WTimeoutError,
)
from pymongo.monitoring import CommandListener
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from shared.turns import TurnNotReached

Document = dict[str, Any]
T = TypeVar("T")

CLOSE_SECONDS = 1.0
# How long anything that a service asks may take.
ANSWER_MILLISECONDS = 30_000
# How soon a database that is away is said to be away, unless its address asks for more patience.
REACHING_MILLISECONDS: Mapping[str, Any] = {
    "serverSelectionTimeoutMS": 5_000,
    "connectTimeoutMS": 3_000,
}


class Unasked(str):
    """The name of a collection whose contents are no trace of what anybody asked for.

    The service writes there by itself (its outbox, its turns and leases, what it has told of), or
    about a request that it refused. Who judges a service by what it keeps leaves these out
    (tests/unasked.py): a name that is made elsewhere is missing there, so it is made as this.
    """

    __slots__ = ()


_OUTAGES = (
    AutoReconnect,
    ConnectionFailure,
    ExecutionTimeout,
    NetworkTimeout,
    NotPrimaryError,
    ServerSelectionTimeoutError,
    TurnNotReached,
    WTimeoutError,
)


def containing(text: str, *, any_case: bool = False) -> Document:
    """The condition that a field holds this very text, whatever signs it has.

    A NUL would end the pattern on its way to the server, so it is written as an escape; the text
    is cut, since the server takes patterns up to 32 kB and nobody types so much.
    """
    pattern = re.escape(text[:200]).replace("\0", r"\x00")
    return {"$regex": pattern, "$options": "i"} if any_case else {"$regex": pattern}


MOST_URGENT = 1_000
# The server's codes of NoSuchTransaction and TransactionExceededLifetimeLimitSeconds.
_CUT_OFF = frozenset((251, 290))


def is_outage(error: BaseException) -> bool:
    """True if the database did not answer (try again later), false if it refused the request."""
    return isinstance(error, _OUTAGES) or (
        isinstance(error, PyMongoError) and error.has_error_label("TransientTransactionError")
    )


def is_cut_off(error: BaseException) -> bool:
    """Whether the server ended a transaction that it began and that took too long. It looks like
    an outage, which also ends transactions, but comes again however often it is tried."""
    return isinstance(error, OperationFailure) and error.code in _CUT_OFF


class Database:
    """One service's own database. Writes are acknowledged by a majority, journal included."""

    def __init__(
        self,
        url: str,
        name: str,
        service: str,
        *,
        patient: bool = False,
        listeners: Sequence[CommandListener] = (),
    ) -> None:
        """`patient`: waits for an answer as long as it takes, which only preparing should."""
        self.service = service
        self.client: AsyncMongoClient[Document] = AsyncMongoClient(
            url,
            tz_aware=True,
            **{name: ms for name, ms in REACHING_MILLISECONDS.items() if f"{name}=" not in url},
            socketTimeoutMS=None if patient else ANSWER_MILLISECONDS,
            retryWrites=True,
            appname=name,
            event_listeners=list(listeners),
        )
        self.name = name
        self.handle: AsyncDatabase[Document] = self.client.get_database(
            name,
            write_concern=WriteConcern("majority", wtimeout=10_000),
            read_concern=ReadConcern("majority"),
            read_preference=ReadPreference.PRIMARY,
        )
        # Set after a commit that appended to the outbox; the relay waits on it.
        self.appended = asyncio.Event()
        # Bodies of urgent events just committed; the relay sends them ahead. What does not fit goes
        # in its turn alone.
        self.urgent: asyncio.Queue[Document] = asyncio.Queue(MOST_URGENT)
        # Making one costs as much as a tenth of a read; they have no state of their own.
        self._collections: dict[str, AsyncCollection[Document]] = {}

    def collection(self, name: str) -> AsyncCollection[Document]:
        known = self._collections.get(name)
        if known is None:
            known = self._collections[name] = self.handle.get_collection(name)
        return known

    async def changes(self, *names: str) -> Any:
        """What is written to some collections, from the first `try_next` on, by whomever.

        `try_next` gives one change (its collection and the key of the document) as soon as a
        majority has it, or None at once where there is none; everything that was acknowledged
        before it was called is told by then.
        """
        wanted = {"$match": {"ns.coll": {"$in": list(names)}}}
        told = {"$project": {"operationType": 1, "ns": 1, "documentKey": 1}}
        return await self.handle.watch([wanted, told], max_await_time_ms=1, batch_size=1_000)

    async def ping(self) -> None:
        """Raises where the server does not answer as a writable primary."""
        answer = await self.client.admin.command("hello")
        if not answer.get("isWritablePrimary"):
            raise NotPrimaryError("no writable primary")

    async def close(self) -> None:
        """Give the connections back. A server that is gone is not waited for: the driver would,
        to end its sessions there, which the server forgets by itself."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.client.close(), CLOSE_SECONDS)


class TxCollection:
    """A collection inside a transaction: the same calls, the session already given."""

    def __init__(self, inner: AsyncCollection[Document], session: AsyncClientSession) -> None:
        # The driver's own annotations do not know a session that comes before other keywords.
        self._inner: Any = inner
        self._session = session

    async def find_one(self, *args: Any, **kwargs: Any) -> Document | None:
        found: Document | None = await self._inner.find_one(*args, session=self._session, **kwargs)
        return found

    def find(self, *args: Any, **kwargs: Any) -> Any:
        return self._inner.find(*args, session=self._session, **kwargs)

    async def aggregate(self, *args: Any, **kwargs: Any) -> Any:
        return await self._inner.aggregate(*args, session=self._session, **kwargs)

    async def find_one_and_update(self, *args: Any, **kwargs: Any) -> Document | None:
        found: Document | None = await self._inner.find_one_and_update(
            *args, session=self._session, **kwargs
        )
        return found

    async def insert_one(self, *args: Any, **kwargs: Any) -> Any:
        return await self._inner.insert_one(*args, session=self._session, **kwargs)

    async def insert_many(self, *args: Any, **kwargs: Any) -> Any:
        return await self._inner.insert_many(*args, session=self._session, **kwargs)

    async def update_one(self, *args: Any, **kwargs: Any) -> Any:
        return await self._inner.update_one(*args, session=self._session, **kwargs)

    async def update_many(self, *args: Any, **kwargs: Any) -> Any:
        return await self._inner.update_many(*args, session=self._session, **kwargs)

    async def replace_one(self, *args: Any, **kwargs: Any) -> Any:
        return await self._inner.replace_one(*args, session=self._session, **kwargs)

    async def delete_one(self, *args: Any, **kwargs: Any) -> Any:
        return await self._inner.delete_one(*args, session=self._session, **kwargs)

    async def delete_many(self, *args: Any, **kwargs: Any) -> Any:
        return await self._inner.delete_many(*args, session=self._session, **kwargs)

    async def bulk_write(self, *args: Any, **kwargs: Any) -> Any:
        return await self._inner.bulk_write(*args, session=self._session, **kwargs)

    async def count_documents(self, *args: Any, **kwargs: Any) -> int:
        return int(await self._inner.count_documents(*args, session=self._session, **kwargs))


class Tx:
    """What is read and written together.

    `outgoing` are the rows of the outbox that the transaction adds, by collection: they are
    written in one go just before the commit, since nothing in the transaction reads them.
    `urgent` are the bodies of those that hurry ahead after it.
    """

    def __init__(self, db: Database, session: AsyncClientSession) -> None:
        self.db = db
        self.session = session
        self.outgoing: dict[str, list[Document]] = {}
        self.urgent: list[Document] = []

    def collection(self, name: str) -> TxCollection:
        return TxCollection(self.db.collection(name), self.session)

    async def write_outgoing(self) -> None:
        for name, rows in self.outgoing.items():
            await self.collection(name).insert_many(rows, ordered=False)


# How long a transaction is tried anew after conflicts and changes of primary: longer than the
# server keeps the locks of a process that died (transactionLifetimeLimitSeconds=8 as deployed).
RETRY_SECONDS = 20.0


async def transact(db: Database, work: Callable[[Tx], Awaitable[T]]) -> T:
    """Run `work` in one snapshot transaction, committed by a majority.

    May re-run `work` after a write conflict: it only reads, decides and writes. Two upserts of
    one key at once may raise DuplicateKeyError, which the store that declared the index
    translates. The driver's own with_transaction is not used: it tries for two minutes, which
    is longer than anybody waits.
    """
    deadline = time.monotonic() + RETRY_SECONDS
    pause = 0.001
    async with db.client.start_session() as session:
        while True:
            tx = Tx(db, session)
            await session.start_transaction(
                ReadConcern("snapshot"),
                WriteConcern("majority", wtimeout=10_000),
                ReadPreference.PRIMARY,
            )
            try:
                result = await work(tx)
                await tx.write_outgoing()
                await _commit(session, deadline)
                break
            except BaseException as error:
                if session.in_transaction:
                    with suppress(PyMongoError):
                        await session.abort_transaction()
                if not _try_again(error) or time.monotonic() > deadline:
                    raise
            await asyncio.sleep(pause * (0.5 + random.random()))  # noqa: S311 - spreads rivals
            pause = min(pause * 2, 0.1)
    with suppress(asyncio.QueueFull):
        for body in tx.urgent:
            db.urgent.put_nowait(body)
    if tx.outgoing:
        db.appended.set()
    return result


async def _commit(session: AsyncClientSession, deadline: float) -> None:
    """Commit, asking again while it is unknown whether the server did: it commits only once."""
    while True:
        try:
            await session.commit_transaction()
            return
        except PyMongoError as error:
            unknown = error.has_error_label("UnknownTransactionCommitResult")
            if not unknown or isinstance(error, ExecutionTimeout) or time.monotonic() > deadline:
                raise


def _try_again(error: BaseException) -> bool:
    return isinstance(error, PyMongoError) and error.has_error_label("TransientTransactionError")
