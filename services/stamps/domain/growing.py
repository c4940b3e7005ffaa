"""What growing areas bear in a season, against the lots and stamps said to be from them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal


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
class Harvest:
    """A lot harvested in the area; without `kilograms` nobody knows what it weighs."""

    lot_id: str
    kilograms: Decimal | None


@dataclass(frozen=True, slots=True)
class Yield:
    """An area in one season: what its lots weigh together, how many of them nobody can weigh, the
    `stamps` issued or activated for them and for what was made of them, and (`asked`) the request.

    `package` is what one package of the product asked for weighs, in kilograms.
    """

    area: Area
    season: Season
    harvested: Decimal
    unweighed: int
    stamps: int
    asked: int
    package: Decimal | None

    @property
    def packages(self) -> int | None:
        """How many packages of the product the area bears enough for."""
        if self.area.bears is None or not self.package:
            return None
        return int(self.area.bears / self.package)

    @property
    def harvest_exceeded(self) -> bool:
        return self.area.bears is not None and self.harvested > self.area.bears

    @property
    def stamps_exceeded(self) -> bool:
        """Whether, all granted, there would be more stamps than packages."""
        return self.packages is not None and self.stamps + self.asked > self.packages


def weighed(lots: Iterable[Harvest]) -> tuple[Decimal, int]:
    """What lots weigh together, and how many are left out because nobody knows."""
    total, unknown = Decimal(), 0
    for one in lots:
        if one.kilograms is None:
            unknown += 1
        else:
            total += one.kilograms
    return total, unknown
