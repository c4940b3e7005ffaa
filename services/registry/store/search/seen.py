"""Searches of the catalogue as it now is: what is found, how much, a page of it, its facets."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from services.registry.domain.categories import groups
from services.registry.domain.records import Aggregate
from services.registry.domain.words import words
from services.registry.store.codec import AnyRecord
from services.registry.store.lists import PAGE_SIZE, console_filter, in_order, public_filter
from services.registry.store.search.catalogue import Catalogue, StillLoading, Tables
from services.registry.store.search.table import Sort, Table
from services.registry.store.search.word_rows import CONSOLE, PUBLIC, Mask
from shared.auth import Principal
from shared.mongo import Database, Document

BY_NAME: Sort = (("derived.public_name", 1),)
NEWEST: Sort = (("updated_at", -1),)
OLDEST_FIRST: Sort = (("updated_at", 1),)
BEST_FIRST: Sort = (("published.ocop_stars", -1), *BY_NAME)
JUST_PUBLISHED: Sort = (("published_at", -1),)
STEADY: Sort = (("_id", 1),)
WORST: Sort = (("derived.quality", 1), ("updated_at", -1))
# Of each facet its field, and the filter chosen in it.
Chosen = Mapping[str, tuple[str, Document]]


@dataclass(frozen=True, slots=True)
class Hits:
    """What was found. `allowed` is asked of the database once more when records are read."""

    table: Table
    mask: Mask
    allowed: Document
    db: Database

    @property
    def total(self) -> int:
        return int(self.mask.sum())

    def ids(self, sort: Sort, *, page: int = 1, size: int = PAGE_SIZE) -> list[str]:
        return self.table.ids(self.mask, sort, skip=(page - 1) * size, size=size)

    def counts(self, path: str) -> dict[Any, int]:
        """How many have each value of a field; what has none is not counted."""
        found = self.table.counts(path, self.mask)
        return {value: number for value, number in found.items() if value is not None}

    def narrowed(self, chosen: Chosen) -> tuple["Hits", dict[str, dict[str, int]]]:
        """What meets all chosen filters; and for each facet how many records each value has.

        Of a facet the filters of all others hold, and not its own: so one sees what else there is.
        """
        masks = {name: self.table.select(wanted) for name, (_, wanted) in chosen.items()}
        counts: dict[str, dict[str, int]] = {}
        for name, (path, _) in chosen.items():
            others = [mask for other, mask in masks.items() if other != name]
            found = self._and(others).counts(path)
            counts[name] = {str(value): number for value, number in found.items()}
        return self._and(masks.values()), counts

    def _and(self, masks: Iterable[Mask]) -> "Hits":
        mask = self.mask.copy()
        for other in masks:
            mask &= other
        return replace(self, mask=mask)

    async def page(self, sort: Sort, *, page: int = 1, size: int = PAGE_SIZE) -> list[AnyRecord]:
        """The records of one page; one that was taken away this moment is left out."""
        ids = self.ids(sort, page=page, size=size)
        return await in_order(self.db, self.table.kind, ids, self.allowed)


class Seen:
    """Everything that was committed when it was asked for. Find first, then read: it changes."""

    def __init__(self, tables: Tables, db: Database) -> None:
        self._tables = tables
        self._db = db

    @classmethod
    async def now(cls, catalogue: Catalogue) -> "Seen":
        return cls(await catalogue.tables(), catalogue.db)

    @classmethod
    async def if_loaded(cls, catalogue: Catalogue) -> "Seen | None":
        """For pages that are shown without it too, soon after a start."""
        try:
            return await cls.now(catalogue) if catalogue.loaded else None
        except StillLoading:
            return None

    def public(self, kind: Aggregate, q: str = "", wanted: Document | None = None) -> Hits:
        """What the catalogue lists: every word of `q` must begin one of the record's, of its
        facility's name, or, of a product, one of the name of its category or group."""
        table, allowed = self._tables[kind], public_filter()
        also = _named_so if kind is Aggregate.PRODUCT else None
        mask = table.called(q, PUBLIC, also=also) & table.select(allowed)
        if wanted:
            mask &= table.select(wanted)
        return Hits(table, mask, allowed, self._db)

    def console(
        self,
        kind: Aggregate,
        who: Principal,
        *,
        q: str = "",
        state: str = "",
        facility_id: str = "",
        wanted: Document | None = None,
    ) -> Hits:
        """What the account may read, and of that what is asked for."""
        table = self._tables[kind]
        allowed = console_filter(who, state=state, facility_id=facility_id, wanted=wanted)
        return Hits(table, table.called(q, CONSOLE) & table.select(allowed), allowed, self._db)


def _named_so(word: str) -> Document:
    """The products of categories with a word that begins so."""
    keys = [
        one.key
        for group in groups().values()
        for one in group.categories
        if any(
            known.startswith(word)
            for known in _spelt(one.name, one.name_en, group.name, group.name_en)
        )
    ]
    return {"published.category": {"$in": keys}} if keys else {}


# The same few names are asked for with every search, and are changed once in months.
_spelt = lru_cache(1_000)(words)
