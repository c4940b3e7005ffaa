"""Communes by name, and who receives applications there."""

from services.identity.store import units
from shared.mongo import Database


async def communes(db: Database) -> list[tuple[str, str]]:
    """Codes with names, of all communes that a unit answers for."""
    found = await units.of_tier(db, "commune")
    return [(code, unit.name) for unit in found for code in unit.reach.communes]


async def desks_of(db: Database, commune: str) -> list[str]:
    """Names of the units that answer for a commune."""
    found = await units.of_tier(db, "commune")
    return [unit.name for unit in found if commune in unit.reach.communes]
