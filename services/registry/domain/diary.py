"""The diary of a lot: what was done, when and where (R20).

Circular 17/2021/TT-BNNPTNT, Art. 6: each stage is recorded with time and place.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from services.registry.domain.catalogues import Catalogue, all_rows
from services.registry.domain.diary_refusals import (
    DateInFuture,
    DateTooEarly,
    FieldNotOfStep,
    StepUnknown,
    SupplyIncomplete,
    TooManyLabels,
    TooManyPhotos,
)
from shared.days import local_day, spoken

MAX_ENTRIES = 500
MAX_PHOTOS = 3
# Front and back of what was used, and the leaflet.
MAX_LABELS = 3
# Clocks of phones differ a little from ours.
CLOCK_TOLERANCE = timedelta(minutes=10)
# An old tree may have been planted long ago, but not before this.
EARLIEST = date(1950, 1, 1)


class Step(StrEnum):
    PLANTING = "planting"
    STOCKING = "stocking"
    INPUT = "input"
    HARVESTING = "harvesting"
    CATCHING = "catching"
    SLAUGHTERING = "slaughtering"
    COLLECTING = "collecting"
    PRE_PROCESSING = "pre_processing"
    PROCESSING = "processing"
    PACKING = "packing"
    STORING = "storing"
    TRANSPORTING = "transporting"


SUPPLY_KINDS: Final = ("fertiliser", "feed", "pesticide", "veterinary_drug", "chemical")

# What is asked for at each step beside time, place and note; nothing else is taken.
FIELDS: Final[dict[Step, tuple[str, ...]]] = {
    Step.PLANTING: ("material", "source", "quantity", "unit"),
    Step.STOCKING: ("material", "source", "quantity", "unit"),
    Step.INPUT: (
        "kind",
        "name",
        "active_substance",
        "dose",
        "withdrawal_days",
        "supply",
        "supply_lot",
        "lot_number",
        "quantity",
        "unit",
        "labels",
    ),
    Step.HARVESTING: ("quantity", "unit"),
    Step.CATCHING: ("vehicle", "quantity", "unit"),
    Step.SLAUGHTERING: ("quantity", "unit"),
    Step.COLLECTING: ("source", "quantity", "unit"),
    Step.PRE_PROCESSING: ("method", "quantity", "unit"),
    Step.PROCESSING: ("method", "quantity", "unit"),
    Step.PACKING: ("method", "quantity", "unit"),
    Step.STORING: ("method",),
    Step.TRANSPORTING: ("vehicle", "destination"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One step. `kind` … `withdrawal_days` describe what was used at an `input` step.

    `place_code` is a growing-area code, GLN or facility code; `vehicle` also a fishing boat.
    `supply` is the row of the catalogue it was filled from, `label_confirmed` that the interval
    was read on the label of the very product. `variant` is the row of the catalogue of steps where
    the step was added to it; `step` then is the one that it is done like.

    `supply_lot` is the id of a lot kept here, and `taken` how much of it was counted off what the
    facility has, in the base unit; `lot_number` is what the package says. `photos` are ids of
    pictures, which consumers see once they are approved; `labels` those of the label of what was
    used, which only the facility and officials see.
    """

    id: str
    step: Step
    at: datetime
    place: str
    place_code: str = ""
    note: str = ""
    kind: str = ""
    name: str = ""
    active_substance: str = ""
    dose: str = ""
    withdrawal_days: int | None = None
    material: str = ""
    source: str = ""
    destination: str = ""
    vehicle: str = ""
    method: str = ""
    quantity: Decimal | None = None
    unit: str = ""
    supply: str = ""
    label_confirmed: bool = False
    variant: str = ""
    supply_lot: str = ""
    lot_number: str = ""
    taken: Decimal | None = None
    photos: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()

    @property
    def day(self) -> date:
        """The calendar day in Vietnam."""
        return local_day(self.at)

    def checked(self, now: datetime) -> "Entry":
        """The same; raises where a field is not of its step, is missing, or its date cannot be."""
        allowed = FIELDS[self.step]
        for names in FIELDS.values():
            for name in names:
                if name not in allowed and getattr(self, name) not in ("", None, ()):
                    raise FieldNotOfStep(name)
        if self.step is Step.INPUT:
            _check_supply(self)
        if self.variant and not _is_like(self.variant, self.step):
            raise StepUnknown("variant")
        if len(self.photos) > MAX_PHOTOS:
            raise TooManyPhotos("photos", limit=MAX_PHOTOS)
        if len(self.labels) > MAX_LABELS:
            raise TooManyLabels("labels", limit=MAX_LABELS)
        if self.at > now + CLOCK_TOLERANCE:
            raise DateInFuture("at", date=spoken(self.day))
        if self.day < EARLIEST:
            raise DateTooEarly("at", date=spoken(self.day))
        return self


def _is_like(variant: str, step: Step) -> bool:
    row = all_rows(Catalogue.STEPS).get(variant)
    return row is not None and row.values.get("like") == step


def same(one: Entry, other: Entry) -> bool:
    """Whether two entries tell the same; what was counted off follows from that."""
    return replace(one, taken=None) == replace(other, taken=None)


def in_order(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """As a diary is read: by time; what has the same time in the order in which work is done."""
    steps = list(Step)
    return tuple(sorted(entries, key=lambda e: (e.at, steps.index(e.step))))


def _check_supply(entry: Entry) -> None:
    if entry.kind not in SUPPLY_KINDS:
        raise SupplyIncomplete("kind")
    if not entry.name:
        raise SupplyIncomplete("name")
    needs_interval = entry.kind in ("pesticide", "veterinary_drug", "chemical")
    if needs_interval and entry.withdrawal_days is None:
        raise SupplyIncomplete("withdrawal_days")
