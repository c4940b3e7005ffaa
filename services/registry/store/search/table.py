"""One kind of record in memory: which are called so, meet a filter, and in which order."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

import numpy as np

from services.registry.domain.records import Aggregate
from services.registry.domain.words import asked
from services.registry.store.search.columns import LEAST, Growing, Numbers, Order, Values, every
from services.registry.store.search.word_rows import NOTHING as NO_WORDS
from services.registry.store.search.word_rows import Gathered, Mask, WordRows, marked, settled
from shared.mongo import Document

_AT_FIRST: Final = datetime(1970, 1, 1, tzinfo=UTC)
# By what lists are narrowed and counted, as fields of the documents.
_COMMON: Final = (
    "derived.listed",
    "derived.quality",
    "owner.active",
    "owner.commune",
    "owner.facility_id",
    "owner.sector",
    "state",
    "published",
    "reason",
    "editors.account_id",
    "checked_by.account_id",
)
_OF_KIND: Final[Mapping[Aggregate, tuple[str, ...]]] = {
    Aggregate.FACILITY: (
        "published.kinds",
        "status",
        "derived.facility.class",
        "derived.facility.kinds",
        "derived.facility.marks",
        "derived.facility.paper",
    ),
    Aggregate.PRODUCT: ("published.category", "published.ocop_stars", "published.key_product"),
    Aggregate.GROWING_AREA: ("published.kind", "published.commune"),
}
_TIMES: Final = ("updated_at", "published_at")
_NUMBERS: Final = ("derived.quality", "published.ocop_stars")
# The texts that rows are ordered by; the id makes every place in an order one of its own.
_NAME: Final = "derived.public_name"
_ID: Final = "_id"
# What is read of a document for all this.
FIELDS: Final[Document] = {
    **dict.fromkeys(("status", "derived.facility"), 1),
    **dict.fromkeys(("state", "reason", "editors.account_id", "checked_by.account_id"), 1),
    **dict.fromkeys(("owner", "updated_at", "published_at"), 1),
    **{f"derived.{name}": 1 for name in ("words", "public_words", "listed", "quality")},
    _NAME: 1,
    **{f"published.{name}": 1 for name in ("name", "kinds", "category", "ocop_stars")},
    **{f"published.{name}": 1 for name in ("key_product", "kind", "commune")},
}
Sort = Sequence[tuple[str, int]]


class Table:
    """Rows by number; a record keeps its number for as long as the process lives.

    A new table is filled first, which is far less work a row; `fill` ends that.
    """

    def __init__(self, kind: Aggregate) -> None:
        self.kind = kind
        self._row_of: dict[str, int] = {}
        self._ids: list[str] = []
        self._there = Growing()
        self._values = {path: Values() for path in (*_COMMON, *_OF_KIND[kind])}
        self._numbers = {path: Growing() for path in (*_TIMES, *_NUMBERS)}
        self._spelt = Growing()
        # Only while it is filled.
        self._gathered: Gathered | None = Gathered()
        self._texts: dict[str, dict[int, str]] = {_NAME: {}, _ID: {}}
        self._orders: dict[str, Order] = {}
        self.words = WordRows()

    def __len__(self) -> int:
        return len(self._ids)

    def put(self, document: Document) -> None:
        """The record as it now is."""
        if self._gathered is not None and document["_id"] in self._row_of:
            # It was changed while all were read; whoever fills the table is told and puts it again.
            return
        row = self._entered(document)
        words = _words(document)
        spelt = hash(tuple(sorted(words.items())))
        known, self._spelt[row] = self._spelt[row], spelt
        if self._gathered is not None:
            self._texts[_NAME][row], self._texts[_ID][row] = _name(document), document["_id"]
            self._gathered.add(row, words.items())
            return
        self._orders[_NAME].put(row, _name(document))
        self._orders[_ID].put(row, document["_id"])
        if spelt != known:
            self.words.put(row, words)

    def fill(self) -> None:
        """What was put so far, each record once, is all there is. Long work, good for a thread."""
        if self._gathered is not None:
            self._orders = {path: Order(texts) for path, texts in self._texts.items()}
            self.words = WordRows(settled(NO_WORDS, np.empty(0, np.int32), self._gathered))
            self._gathered, self._texts = None, {}

    def drop(self, record_id: str) -> None:
        """The record is gone."""
        row = self._row_of.get(record_id)
        if row is not None and self._there[row]:
            self._there[row] = 0
            for order in self._orders.values():
                order.put(row, None)
            self._spelt[row] = hash(())
            self.words.put(row, {})

    def select(self, condition: Document) -> Mask:
        """The rows that meet a filter; one on a field that no list is narrowed by is an error."""
        number = len(self)
        found = np.equal(self._there.first(number), 1)
        for path, wanted in every(condition):
            found &= self._values[path].that(wanted, number)
        return found

    def called(self, q: str, bits: int, *, also: Callable[[str], Document] | None = None) -> Mask:
        """The rows of which every word of `q` begins a word, or that `also` finds by that word."""
        number = len(self)
        found = np.ones(number, np.bool_)
        sought = asked(q)
        if q.strip() and not sought:
            # Nothing but signs was typed: nothing is named so.
            found[:] = False
        for word in sought:
            here = self.words.beginning(word, bits, number)
            if also is not None and (condition := also(word)):
                here |= self.select(condition)
            found &= here
        return found

    def counts(self, path: str, mask: Mask) -> dict[Any, int]:
        """How many of the rows have each value of a field."""
        return self._values[path].counts(mask)

    def ids(self, mask: Mask, sort: Sort, *, skip: int, size: int) -> list[str]:
        """The ids of one page; the id goes the way of the key before it, and decides at last."""
        rows = np.flatnonzero(mask)
        keys = [self._key(path, way)[rows] for path, way in (*sort, (_ID, sort[-1][1]))]
        last = min(skip + size, len(rows))
        if 0 < last < len(rows):
            near = keys[0] <= np.partition(keys[0], last - 1)[last - 1]
            rows, keys = rows[near], [key[near] for key in keys]
        return [self._ids[row] for row in rows[np.lexsort(keys[::-1])][skip:last]]

    def _key(self, path: str, way: int) -> Numbers:
        number = len(self)
        order = self._orders.get(path)
        key = order.ranks(number) if order is not None else self._numbers[path].first(number)
        return key * way

    def _entered(self, document: Document) -> int:
        """The number of the row, with all its values."""
        record_id = document["_id"]
        row = self._row_of.get(record_id)
        if row is None:
            row = self._row_of[record_id] = len(self._ids)
            self._ids.append(record_id)
        self._there[row] = 1
        for path, values in self._values.items():
            values.put(row, _READ.get(path, _at)(document, path))
        for path, numbers in self._numbers.items():
            value = _at(document, path)
            numbers[row] = _moment(value) if path in _TIMES else _or_least(value)
        return row


@cache
def _names(path: str) -> list[str]:
    return path.split(".")


def _at(document: Document, path: str) -> Any:
    found: Any = document
    for name in _names(path):
        found = found.get(name) if found is not None else None
    return tuple(found) if isinstance(found, list) else found


# What is kept of a field where that is less than its value.
_READ: Final[Mapping[str, Callable[[Document, str], Any]]] = {
    "published": lambda document, _: document.get("published") is not None or None,
    "reason": lambda document, _: "…" if document.get("reason") else "",
    "editors.account_id": lambda document, _: tuple(
        one["account_id"] for one in document.get("editors") or ()
    ),
}


def _name(document: Document) -> str:
    return f"{document['derived'].get('public_name', '')}\0{document['_id']}"


def _words(document: Document) -> dict[str, int]:
    derived, owner = document["derived"], document["owner"].get("words", [])
    return marked((*derived["public_words"], *owner), (*derived["words"], *owner))


def _moment(value: datetime | None) -> int:
    """Milliseconds, as the database keeps times."""
    return LEAST if value is None else round((value - _AT_FIRST).total_seconds() * 1_000)


def _or_least(value: int | None) -> int:
    return LEAST if value is None else value
