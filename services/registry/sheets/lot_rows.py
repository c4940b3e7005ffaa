"""What the row of a sheet makes of a lot, beside the fields that every kind of record shares."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final

from services.registry import catalogue
from services.registry.domain.catalogues import Catalogue, all_rows
from services.registry.domain.diary import Entry, Step
from services.registry.domain.lot import Lot
from services.registry.domain.using import Used, same_uses
from services.registry.domain.words import fold
from services.registry.inputs import LotFields
from services.registry.sheets import diary_rows
from services.registry.sheets.days import day_in
from shared.days import local_midnight

# Entries that a row brings have ids of their own, so that the same row brings each once.
ENTRY: Final = "imported"
MIN_PLACE: Final = 2
_SUPPLIES: Final = {fold(label): kind for kind, label in catalogue.SUPPLIES.items()}
# Of a further step: what, day, place, and what the step asks for beside them.
PARTS: Final = 6


def made(sent: LotFields, meant: dict[str, Any], before: Any, facility_id: str, today: date) -> Lot:
    """The lot of the row; the diary that is there already stays, with the row's entries in it.

    What its sheet of the diary did is added to `meant`, for whoever tells of it.
    """
    # What is dated today was done by the end of the day.
    until = local_midnight(today) + timedelta(days=1)
    entries: tuple[Entry, ...] = getattr(before, "entries", ())
    for step in meant.get("entries", ()):
        if not _has(entries, step):
            entries = (*(one for one in entries if one.id != step.id), step)
    diary = meant["diary"] = diary_rows.applied(meant.get("rows", ()), entries, until)
    used: tuple[Used, ...] = meant.get("used", getattr(before, "used", ()))
    return sent.lot(facility_id, _named(before), diary.entries, used).checked(until)


def entry_of(step: str, day: date, place: str) -> Entry:
    return Entry(ENTRY, Step(step), local_midnight(day), place)


def further(lines: Sequence[str]) -> list[Entry | str]:
    """The entry of each line `what | day | place | more …`; the line itself where it is none.

    `what` is a step by its name, or what was used by its kind: then a name and, for a drug or a
    chemical, the days to wait follow, and the dose may. Of other steps a note may follow.
    """
    return [_further(number, line) or line for number, line in enumerate(lines, 2)]


def _further(number: int, line: str) -> Entry | None:
    parts = [part.strip() for part in line.split("|", PARTS - 1)]
    what, day_text, place, *more = (*parts, *[""] * (PARTS - len(parts)))
    day, kind = day_in(day_text), _SUPPLIES.get(fold(what), "")
    if day is None or len(place) < MIN_PLACE:
        return None
    at, key = local_midnight(day), f"{ENTRY}-{number}"
    if kind:
        name, days, dose = more
        if not name or (days and not days.isdecimal()):
            return None
        wait = int(days) if days else None
        return Entry(
            key, Step.INPUT, at, place, kind=kind, name=name, withdrawal_days=wait, dose=dose
        )
    step = _steps().get(fold(what))
    return Entry(key, step, at, place, note=" | ".join(filter(None, more))) if step else None


def _steps() -> Mapping[str, Step]:
    """The program's own steps by their names; what is used is named by its kind."""
    rows = all_rows(Catalogue.STEPS)
    names = {step: (step, rows[step].name, rows[step].name_en) for step in Step}
    return {
        fold(name): step
        for step, known in names.items()
        if step is not Step.INPUT
        for name in known
        if name
    }


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
        (one.step, one.day, one.name) == (wanted.step, wanted.day, wanted.name)
        and not one.id.startswith(ENTRY)
        for one in entries
    ) or any(replace(one, taken=None) == wanted for one in entries)
