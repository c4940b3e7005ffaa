"""What growing areas bear in a season, against the lots and stamps said to be from them."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

# A season's yield is an estimate: nobody is warned within a fifth above it. The same as registry
# begins with in its own check of lots against areas (`too_much`); what a province makes of it in
# its catalogue is not told to stamps.
TOLERANCE: Final = Decimal("1.2")


@dataclass(frozen=True, slots=True)
class Season:
    """The days `first`…`last`, both included; without a name it is a calendar year."""

    name: str
    first: date
    last: date

    def holds(self, day: date) -> bool:
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class Area:
    """A growing or farming area as registry told of it; `bears` at most so many kilograms in a
    season, None where that is not known."""

    id: str
    code: str = ""
    name: str = ""
    bears: Decimal | None = None
    seasons: tuple[Season, ...] = ()

    def season_of(self, day: date) -> Season:
        """The season that holds a day, the latest begun of several; else the year (registry's own
        check of lots against areas counts alike)."""
        found = [one for one in self.seasons if one.holds(day)]
        if found:
            return max(found, key=lambda one: one.first)
        return Season("", day.replace(month=1, day=1), day.replace(month=12, day=31))


@dataclass(frozen=True, slots=True)
class Goods:
    """A lot of a product, made of the lots `inputs` or, without any, harvested; without
    `kilograms` nobody knows what it weighs."""

    lot_id: str
    kilograms: Decimal | None = None
    product_id: str = ""
    inputs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Claimed:
    """What goods under `stamps` weigh by their packages; `unweighed` of the stamps are of products
    of which nobody told what a package weighs, and add nothing."""

    stamps: int = 0
    kilograms: Decimal = Decimal()
    unweighed: int = 0

    def plus(self, stamps: int, package: Decimal | None) -> "Claimed":
        """With so many stamps more on packages of `package` kilograms."""
        if package is None:
            return Claimed(self.stamps + stamps, self.kilograms, self.unweighed + stamps)
        return Claimed(self.stamps + stamps, self.kilograms + stamps * package, self.unweighed)


@dataclass(frozen=True, slots=True)
class Yield:
    """An area in one season: what its lots weigh together, how many of them nobody can weigh, and
    what is claimed by the stamps of these and of what was made of them, be it of others too.

    `cut`: there are more lots than were read, so all of it is the least.
    """

    area: Area
    season: Season
    harvested: Decimal
    unweighed: int
    claimed: Claimed
    cut: bool = False

    @property
    def harvest_exceeded(self) -> bool:
        return self.area.bears is not None and self.harvested > self.area.bears * TOLERANCE


@dataclass(frozen=True, slots=True)
class Yields:
    """The areas that the goods of a request are from, compared with stamps as a whole: goods mixed
    from several areas are no single one's.

    `claimed` is by all stamps of lots from these areas, each lot once; `loose` stamps of the
    request's product are on no lot and were issued for none, so any of them may yet be for these.
    `asked` are the request's, for packages of `package` kilograms. `mixed` of the lots are also
    made of goods from elsewhere. `named`: the request says for which lot.

    `cut`: there are more lots or requests than were read, so what is claimed is the least.
    `more_areas`: not all areas are here, so nobody knows what they bear together.
    `late`: it took too long to count, and nothing here is true.
    """

    areas: tuple[Yield, ...] = ()
    claimed: Claimed = Claimed()
    loose: int = 0
    asked: int = 0
    package: Decimal | None = None
    named: bool = True
    mixed: int = 0
    cut: bool = False
    more_areas: bool = False
    late: bool = False

    @property
    def bears(self) -> Decimal | None:
        """What the areas bear together at most, where that is known of all of them."""
        known = [one.area.bears for one in self.areas if one.area.bears is not None]
        if self.more_areas or not known or len(known) < len(self.areas):
            return None
        return sum(known, Decimal())

    @property
    def packages(self) -> int | None:
        """How many packages of the product the areas bear enough for."""
        return int(self.bears / self.package) if self.bears is not None and self.package else None

    @property
    def after(self) -> Claimed:
        """What would be claimed if all were granted."""
        return self.claimed.plus(self.loose + self.asked, self.package)

    @property
    def tolerance(self) -> Decimal:
        """The share by which more than the areas bear is not warned of."""
        return TOLERANCE - 1

    @property
    def exceeded(self) -> bool:
        """Whether, all granted, more would be claimed than the areas can bear. Without a lot nobody
        knows which of the areas the goods are from."""
        if not self.named or self.bears is None:
            return False
        return self.after.kilograms > self.bears * TOLERANCE


def weighed(lots: Iterable[Goods]) -> tuple[Decimal, int]:
    """What lots weigh together, and how many are left out because nobody knows."""
    total, unknown = Decimal(), 0
    for one in lots:
        if one.kilograms is None:
            unknown += 1
        else:
            total += one.kilograms
    return total, unknown


def reached(lots: Iterable[str], known: Mapping[str, Goods]) -> set[str]:
    """These lots and, of those `known`, all that were made of them."""
    found, before = set(lots), -1
    while len(found) != before:
        before = len(found)
        found |= {key for key, one in known.items() if not found.isdisjoint(one.inputs)}
    return found


def mixed(known: Mapping[str, Goods]) -> int:
    """How many of these lots are also made of others than these."""
    return sum(not known.keys() >= set(one.inputs) for one in known.values())


def claimed(
    lots: Collection[str],
    known: Mapping[str, Goods],
    stamps: Mapping[str, int],
    packages: Mapping[str, Decimal],
) -> Claimed:
    """By the stamps of these lots, each lot's by the weight of a package of its product."""
    found = Claimed()
    for key in lots:
        if number := stamps.get(key, 0):
            found = found.plus(number, packages.get(known[key].product_id))
    return found
