"""The only place where identity speaks to MongoDB: a module per concept, and their indexes."""

from services.identity.store import (
    accesses,
    accounts,
    applications,
    carried,
    claims,
    clients,
    credentials,
    erasing,
    facilities,
    factors,
    papers,
    readers,
    sessions,
    throttle,
    tickets,
    units,
)
from shared import once
from shared.mongo import Database

_STORES = (
    accesses,
    accounts,
    applications,
    carried,
    claims,
    clients,
    credentials,
    erasing,
    facilities,
    factors,
    papers,
    readers,
    sessions,
    throttle,
    tickets,
    units,
    once,
)


async def prepare(db: Database) -> None:
    """Create the indexes of all stores."""
    for store in _STORES:
        await store.prepare(db)
