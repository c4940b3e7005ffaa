"""The only code of registry that speaks to MongoDB."""

from services.registry.store import (
    area_diaries,
    areas,
    articles,
    catalogues,
    circulation,
    communes,
    conversions,
    datasets,
    documents,
    examinations,
    expiries,
    facts,
    genealogy,
    holdings,
    imports,
    inquiries,
    inspections,
    keepings,
    known,
    list_indexes,
    lot_checks,
    market_ends,
    markets,
    media,
    output,
    rates,
    recordings,
    records,
    shipments,
    testing,
    trace_events,
    transformations,
    wanted,
)
from shared import once
from shared.mongo import Database


async def prepare(db: Database) -> None:
    """Create all indexes; repeating it changes nothing."""
    await records.prepare(db)
    await list_indexes.prepare(db)
    await areas.prepare(db)
    await area_diaries.prepare(db)
    await lot_checks.prepare(db)
    await catalogues.prepare(db)
    await communes.prepare(db)
    await markets.prepare(db)
    await market_ends.prepare(db)
    await datasets.prepare(db)
    await media.prepare(db)
    await documents.prepare(db)
    await expiries.prepare(db)
    await known.prepare(db)
    await inspections.prepare(db)
    await wanted.prepare(db)
    await once.prepare(db)
    await facts.prepare(db)
    await holdings.prepare(db)
    await transformations.prepare(db)
    await shipments.prepare(db)
    await keepings.prepare(db)
    await testing.prepare(db)
    await examinations.prepare(db)
    await genealogy.prepare(db)
    await trace_events.prepare(db)
    await imports.prepare(db)
    await circulation.prepare(db)
    await output.prepare(db)
    await articles.prepare(db)
    await inquiries.prepare(db)
    await rates.prepare(db)
    await recordings.prepare(db)
    await conversions.prepare(db)
