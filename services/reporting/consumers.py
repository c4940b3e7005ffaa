"""What reporting hears: everything for the ledger, and the facts its figures are made of."""

import os
from collections.abc import Sequence
from typing import Any

import msgspec

from services.reporting.domain import personal
from services.reporting.domain.ledger import Link, link
from services.reporting.store import (
    drills,
    erasing,
    field,
    ledger,
    people,
    reads,
    recalls,
    scope,
    statistics,
    waiting,
    worklist,
)
from shared.access import access_queue
from shared.contracts.event import as_instant
from shared.contracts.identity import AccountPublished, ApplicationPublished, UnitPublished
from shared.contracts.recall import (
    ClockChanged,
    NoticePublished,
    RecallClosed,
    RecallDrillEnded,
    RecallDrillStarted,
    RecallLifted,
    RecallOrdered,
    ReceiptsComplete,
    ReceiptsMissing,
    SignalRaised,
)
from shared.contracts.registry import (
    FacilityKnown,
    FacilityPublished,
    GrowingAreaPublished,
    InspectionRecorded,
    LotPublished,
    ProductPublished,
    ProductWithdrawn,
    ReviewsWaiting,
)
from shared.contracts.scan import ScansRecorded
from shared.contracts.schema import all_types
from shared.contracts.stamps import (
    BatchIssued,
    IntervalsChanged,
    RequestDecided,
    StockWaiting,
)
from shared.messaging.wiring import Queue, on, on_many
from shared.mongo import Tx

SALT_BYTES = 16
# Counts made anew of other facts: a ledger of acts leaves them out.
DERIVED = frozenset(name for name, cls in all_types().items() if cls.derived)


async def chain(tx: Tx, envelopes: Sequence[dict[str, Any]]) -> None:
    """Append events to the ledger in the order in which they came, but those that only count."""
    if not envelopes:
        return
    head = await ledger.head(tx)
    before = passed = await ledger.passed(tx)
    links: list[tuple[Link, dict[str, Any]]] = []
    for envelope in envelopes:
        if envelope["type"] in DERIVED:
            passed = _with(passed, envelope)
            continue
        body, names = personal.parted(envelope)
        one = link(
            after=head,
            event_id=envelope["id"],
            source=envelope["type"].split(".", 1)[0],
            type_=envelope["type"],
            number=envelope.get("number"),
            body=msgspec.json.encode(body).decode(),
            salt=os.urandom(SALT_BYTES).hex(),
            names=msgspec.json.encode(names).decode() if names else "",
            names_salt=os.urandom(SALT_BYTES).hex(),
            passed=passed,
        )
        passed = ""
        head = (one.seq, one.hash)
        links.append((one, shown(body)))
    if links:
        await ledger.append(tx, links)
    if passed != before:
        await ledger.keep_passed(tx, passed)
    # An erasure reaches back to the links before it, and forward to what comes late.
    await erasing.erase(tx, [e["subject"] for e in envelopes if personal.tells_erasure(e)])
    await erasing.forget_again(tx, {personal.person_of(e) for e in envelopes})


def _with(passed: str, envelope: dict[str, Any]) -> str:
    """What was left out, with this event too; one that has no number leaves no gap."""
    if envelope.get("number") is None:
        return passed
    told = f"{envelope['type'].split('.', 1)[0]}:{envelope['number']}"
    return f"{passed},{told}" if passed else told


def shown(envelope: dict[str, Any]) -> dict[str, Any]:
    """What lists show of an event: its subject and time and, of an act, who did what how."""
    row: dict[str, Any] = {
        "subject": envelope.get("subject", ""),
        "time": envelope.get("time", ""),
        "version": envelope.get("version"),
        "at": as_instant(envelope["time"]) if envelope.get("time") else None,
        "act": None,
    }
    if ".act_recorded." in envelope["type"]:
        data = envelope.get("data", {})
        actor = data.get("actor", {})
        row["act"] = {
            # Empty for people, whose names are looked up when read.
            "who": actor.get("name", ""),
            "account_id": actor.get("account_id", ""),
            "unit_id": actor.get("unit_id", ""),
            "action": data.get("action", ""),
            "outcome": data.get("outcome", ""),
            "reason": data.get("reason", ""),
        }
        if read := reads.records_of(envelope):
            row["records"] = read
    return row


QUEUES = (
    access_queue("reporting"),
    # The chain has one order, so one small batch at a time.
    Queue("reporting.ledger", raw=chain, patterns=("#",), prefetch=100),
    Queue(
        "reporting.statistics",
        on(UnitPublished, statistics.note_unit),
        on(AccountPublished, statistics.note_account),
        on(FacilityPublished, statistics.note_facility),
        on(ProductPublished, statistics.note_product),
        on(ProductWithdrawn, statistics.withdraw_product),
        on(LotPublished, statistics.note_lot),
        on(RequestDecided, statistics.count_decision),
        on(BatchIssued, statistics.count_issue),
        on(IntervalsChanged, statistics.count_change),
        on(RecallOrdered, statistics.note_recall),
        on(RecallLifted, statistics.lift_recall),
        on(RecallClosed, statistics.close_recall),
        on(NoticePublished, statistics.note_notice),
        on(ScansRecorded, statistics.count_scans),
    ),
    # The newest of each is kept, so it fills itself from the first event when it is new.
    Queue(
        "reporting.worklist",
        on(ApplicationPublished, worklist.note_application),
        on(ReviewsWaiting, worklist.note_reviews),
        on(StockWaiting, worklist.note_stamps),
        on(AccountPublished, people.note_account),
        claims=False,
    ),
    # Likewise: where units hang, for whose acts whom may see.
    Queue("reporting.scope", on(UnitPublished, scope.note_unit), claims=False),
    Queue(
        "reporting.waiting",
        on_many(FacilityKnown, waiting.note_known),
        on_many(FacilityPublished, waiting.note_papers),
        claims=False,
    ),
    Queue(
        "reporting.recalls",
        on_many(ClockChanged, recalls.note_clocks),
        on_many(ReceiptsMissing, recalls.note_missing),
        on_many(ReceiptsComplete, recalls.note_complete),
        on_many(SignalRaised, recalls.note_signals),
        claims=False,
    ),
    Queue(
        "reporting.drills",
        on_many(RecallDrillStarted, drills.note_started),
        on_many(RecallDrillEnded, drills.note_ended),
        claims=False,
    ),
    Queue(
        "reporting.field",
        on_many(InspectionRecorded, field.note_inspections),
        on_many(GrowingAreaPublished, field.note_markets),
        on_many(FacilityPublished, field.note_markets),
        claims=False,
    ),
)
