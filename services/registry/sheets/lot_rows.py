"""What the row of a sheet makes of a lot, beside the fields that every kind of record shares."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final

from services.registry.domain.diary import Entry, Step, local_midnight
from services.registry.domain.lot import Lot
from services.registry.domain.using import Used, same_uses
from services.registry.inputs import LotFields

# The one entry that a row brings has an id of its own, so that the same row brings it once.
ENTRY: Final = "imported"


def made(
    sent: LotFields, meant: Mapping[str, Any], before: Any, facility_id: str, today: date
) -> Lot:
    """The lot of the row; the diary that is there already stays, with the row's entry in it."""
    entries: tuple[Entry, ...] = getattr(before, "entries", ())
    if (step := meant.get("entries")) is not None and not _has(entries, step):
        entries = (*(one for one in entries if one.id != ENTRY), step)
    used: tuple[Used, ...] = meant.get("used", getattr(before, "used", ()))
    lot = sent.lot(facility_id, _named(before), entries, used)
    # What is dated today was done by the end of the day.
    return lot.checked(local_midnight(today) + timedelta(days=1))


def entry_of(step: str, day: date, place: str) -> Entry:
    return Entry(ENTRY, Step(step), local_midnight(day), place)


def kept(made: Lot, before: Lot, held: set[str]) -> set[str]:
    """The fields that the row really changes: what follows from others is no change."""
    if made.expires_on is None:
        held = held - {"expires_on"}
    if "used" in held:
        held = held - {"used"} if same_uses(made.used, before.used) else held | {"inputs"}
    return held


def _named(before: Any) -> tuple[str, ...]:
    """Inputs that nobody counted stay named; those that were counted follow from `used`."""
    if before is None:
        return ()
    counted = {one.lot_id for one in before.used}
    return tuple(one for one in before.inputs if one not in counted)


def _has(entries: tuple[Entry, ...], wanted: Entry) -> bool:
    """Whether the diary tells of that step on that day already, however exactly."""
    return any(
        one.step is wanted.step and one.day == wanted.day and one.id != ENTRY for one in entries
    ) or any(replace(one, taken=None) == wanted for one in entries)
