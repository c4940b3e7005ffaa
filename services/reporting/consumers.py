"""What reporting hears: everything for the ledger, and the facts its figures are made of."""

import os
from collections.abc import Sequence
from typing import Any

import msgspec

from services.reporting.domain.ledger import Link, link
from services.reporting.store import ledger, statistics
from shared.access import access_queue
from shared.contracts.event import as_instant
from shared.contracts.identity import AccountPublished, UnitPublished
from shared.contracts.recall import NoticePublished, RecallClosed, RecallLifted, RecallOrdered
from shared.contracts.registry import (
    FacilityPublished,
    LotPublished,
    ProductPublished,
    ProductWithdrawn,
)
from shared.contracts.scan import ScansRecorded
from shared.contracts.stamps import BatchIssued, IntervalsChanged, RequestDecided
from shared.messaging.consumer import Queue, on
from shared.mongo import Tx

SALT_BYTES = 16


async def chain(tx: Tx, envelopes: Sequence[dict[str, Any]]) -> None:
    """Append events to the ledger in the order in which they came."""
    if not envelopes:
        return
    head = await ledger.head(tx)
    links: list[tuple[Link, dict[str, Any]]] = []
    for envelope in envelopes:
        one = link(
            after=head,
            event_id=envelope["id"],
            source=envelope["type"].split(".", 1)[0],
            type_=envelope["type"],
            number=envelope.get("number"),
            body=msgspec.json.encode(envelope).decode(),
            salt=os.urandom(SALT_BYTES).hex(),
        )
        head = (one.seq, one.hash)
        links.append((one, shown(envelope)))
    await ledger.append(tx, links)


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
            "who": actor.get("name", ""),
            "account_id": actor.get("account_id", ""),
            "unit_id": actor.get("unit_id", ""),
            "action": data.get("action", ""),
            "outcome": data.get("outcome", ""),
            "reason": data.get("reason", ""),
        }
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
)
