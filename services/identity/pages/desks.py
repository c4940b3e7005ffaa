"""Communes by name, and who receives applications there."""

from typing import Final

from services.identity.store import units
from shared.mongo import Database

# Units of the commune tier are called by their committee, in either spelling; addresses name the
# place alone.
_COMMITTEES: Final = ("Ủy ban nhân dân ", "Uỷ ban nhân dân ", "UBND ")


async def communes(db: Database) -> list[tuple[str, str]]:
    """Codes with the names of the places, of all communes that a unit answers for; those that were
    merged into another bear its name."""
    found = await units.of_tier(db, "commune")
    return [(code, _place(unit.name)) for unit in found for code in unit.reach.communes]


async def communes_of_today(db: Database) -> list[tuple[str, str]]:
    """The same to choose from: without those that were merged into another."""
    gone = await units.merged_communes(db)
    found = await units.of_tier(db, "commune")
    return [
        (code, _place(unit.name))
        for unit in found
        for code in unit.reach.communes
        if code not in gone.get(unit.id, set())
    ]


async def communes_of_then(db: Database) -> list[tuple[str, str]]:
    """The same by their own names, also of those that are no more: for what is told of the past."""
    merged = await units.merged_into_others(db)
    gone = [(code, _place(unit.name)) for unit in merged for code in unit.reach.communes]
    return [*await communes(db), *gone]


async def desks_of(db: Database, commune: str) -> list[str]:
    """Names of the units that answer for a commune."""
    found = await units.of_tier(db, "commune")
    return [unit.name for unit in found if commune in unit.reach.communes]


def _place(unit: str) -> str:
    for committee in _COMMITTEES:
        if unit.casefold().startswith(committee.casefold()):
            unit = unit[len(committee) :]
    return unit[:1].upper() + unit[1:]
