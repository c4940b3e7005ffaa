"""Everything recall keeps; these modules alone speak to its database."""

from services.recall.store import (
    cases,
    complaints,
    entries,
    facts,
    genealogy,
    propagation,
    scans,
    shipments,
    stamps,
)
from shared import once
from shared.mongo import Database


async def prepare(db: Database) -> None:
    """Create every index."""
    for part in (
        *(facts, genealogy, stamps, scans, cases, entries, propagation, shipments, complaints),
        once,
    ):
        await part.prepare(db)
