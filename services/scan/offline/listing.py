"""What is matched by the words on a label: products, lots, facilities, and why they are listed."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

import msgspec

from services.scan.domain.offline import (
    LOTS_OF_LISTED,
    OF_LISTED,
    Ground,
    ListedFacility,
    ListedLot,
    ListedProduct,
    Listing,
    Missing,
)
from services.scan.offline.gathering import Entry, Gathered, gathered
from services.scan.store.offline import Standing
from shared.mongo import Database

# `,"codes":false` in an entry whose stamps' codes are not in the filter.
CODES_BYTES = 14

E = TypeVar("E", ListedLot, ListedProduct, ListedFacility)


@dataclass(frozen=True, slots=True)
class Fitted:
    """A listing, with the ids of its lots, products and facilities in the order of its entries."""

    listing: Listing
    lots: tuple[str, ...]
    products: tuple[str, ...]
    facilities: tuple[str, ...]

    @property
    def bytes(self) -> int:
        """The most it may take as JSON, with a word at each entry that its codes are left out."""
        entries = len(self.lots) + len(self.products) + len(self.facilities)
        return len(msgspec.json.encode(self.listing)) + CODES_BYTES * entries

    def without_codes(self, left: frozenset[str]) -> Listing:
        """The listing, telling of which entries the filter has no codes; a product that nothing
        stands against is there for that alone."""
        listing = self.listing
        products = map(_told_of(left), self.products, listing.products)
        return replace(
            listing,
            lots=tuple(map(_told_of(left), self.lots, listing.lots)),
            products=tuple(one for one in products if one.why or not one.codes),
            facilities=tuple(map(_told_of(left), self.facilities, listing.facilities)),
        )


class _Fitting:
    """Takes entries with the grounds they name as long as there is room."""

    def __init__(self, room: int) -> None:
        self.left = room
        self.grounds: list[Ground] = []
        self._places: dict[Ground, int] = {}

    def take(self, entry: Entry, why: list[Ground]) -> Entry | None:
        """The entry with the places of its grounds; None if it does not fit any more."""
        new = [ground for ground in why if ground not in self._places]
        cost = sum(_bytes(ground) for ground in new) + _bytes(entry) + 12 * len(why)
        if cost > self.left:
            return None
        self.left -= cost
        for ground in new:
            self._places[ground] = len(self.grounds)
            self.grounds.append(ground)
        return msgspec.structs.replace(entry, why=tuple(self._places[one] for one in why))


async def listing(stands: Standing, room: int, *, db: Database) -> Listing:
    """At most `room` bytes of it as JSON."""
    return fitted(await gathered(stands, db=db), room).without_codes(frozenset())


def fitted(found: Gathered, room: int) -> Fitted:
    """What fits of it, in the order of its rows, and how much of each does not."""
    fitting = _Fitting(room)
    taken: dict[str, list[tuple[str, Entry]]] = {}
    incomplete = []
    for what, entries in found.rows:
        fit = [(key, fitting.take(entry, why)) for key, entry, why in entries if entry is not None]
        taken[what] = [(key, entry) for key, entry in fit if entry is not None]
        unread = found.uncounted.get(what, 0)
        left = len(entries) - len(taken[what]) + max(unread, 0)
        if left or unread:
            incomplete.append(Missing(what, -1 if unread < 0 else left))
    products = (*taken["products"], *taken[OF_LISTED])
    lots = (*taken["lots"], *taken[LOTS_OF_LISTED])
    return Fitted(
        Listing(
            grounds=tuple(fitting.grounds),
            lots=tuple(one for _, one in lots if isinstance(one, ListedLot)),
            products=tuple(one for _, one in products if isinstance(one, ListedProduct)),
            facilities=tuple(
                one for _, one in taken["facilities"] if isinstance(one, ListedFacility)
            ),
            incomplete=tuple(incomplete),
        ),
        lots=tuple(key for key, _ in lots),
        products=tuple(key for key, _ in products),
        facilities=tuple(key for key, _ in taken["facilities"]),
    )


def _told_of(left: frozenset[str]) -> Callable[[str, E], E]:
    def told(key: str, entry: E) -> E:
        return msgspec.structs.replace(entry, codes=False) if key in left else entry

    return told


def _bytes(one: Entry | Ground) -> int:
    return len(msgspec.json.encode(one)) + 1
