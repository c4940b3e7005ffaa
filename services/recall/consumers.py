"""What recall hears from the others, and what it does about it."""

from collections.abc import Sequence

from services.recall.actions import growth
from services.recall.store import complaints, facts, genealogy, propagation, scans, stamps
from shared.access import access_queue
from shared.contracts.identity import UnitPublished
from shared.contracts.registry import (
    FacilityPublished,
    LotPublished,
    ProductPublished,
    ShipmentPublished,
)
from shared.contracts.scan import ComplaintFiled, NoticeApplied, ScansRecorded
from shared.contracts.stamps import BatchIssued, SegmentPublished
from shared.messaging.wiring import Queue, on_many

# Read models compare versions, so they need no claim; only the scans are added up and claimed.
QUEUES: Sequence[Queue] = (
    access_queue("recall"),
    Queue("recall.units", on_many(UnitPublished, facts.note_units), claims=False),
    Queue(
        genealogy.QUEUE,
        on_many(FacilityPublished, facts.note_facilities),
        on_many(ProductPublished, facts.note_products),
        on_many(LotPublished, growth.take_in),
        on_many(ShipmentPublished, growth.take_in_moves),
        ticks=(genealogy.REGISTRY,),
        claims=False,
    ),
    Queue(
        "recall.stamps",
        on_many(BatchIssued, stamps.note_batches),
        on_many(SegmentPublished, stamps.note_segments),
        ticks=("stamps",),
        claims=False,
        prefetch=100,
    ),
    Queue("recall.receipts", on_many(NoticeApplied, propagation.note_receipts), claims=False),
    Queue("recall.complaints", on_many(ComplaintFiled, complaints.note_filed), claims=False),
    Queue("recall.scans", on_many(ScansRecorded, scans.note_scans)),
)
