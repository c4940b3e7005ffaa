"""Everything recall keeps; these modules alone speak to its database."""

from services.recall.store import (
    areas,
    asking,
    authorities,
    cases,
    certificates,
    clocks,
    complaints,
    completions,
    contacts,
    corrections,
    decision_drafts,
    decisions,
    deliveries,
    drill_duties,
    drill_places,
    drills,
    drills_of_before,
    entries,
    evidence,
    explanations,
    facts,
    feeds,
    genealogy,
    inputs,
    owner_requests,
    propagation,
    recoveries,
    recoveries_of_before,
    rows_files,
    scans,
    shipments,
    signal_facts,
    signal_goods,
    signals,
    stamps,
    suspicions,
    tellings,
    violations,
    watches,
)
from shared import once
from shared.mongo import Database


async def prepare(db: Database) -> None:
    """Create every index."""
    for part in (
        *(facts, genealogy, stamps, scans, cases, entries, propagation, shipments, complaints),
        *(contacts, corrections, deliveries, tellings, feeds, areas, certificates, inputs),
        *(asking, decision_drafts),
        *(
            authorities,
            clocks,
            completions,
            watches,
            recoveries,
            recoveries_of_before,
            evidence,
            explanations,
            suspicions,
        ),
        *(violations, owner_requests, decisions, signal_facts, signal_goods, signals),
        *(drills, drill_places, drills_of_before, drill_duties, once, rows_files),
    ):
        await part.prepare(db)
