"""What recall hears from the others, and what it does about it."""

from collections.abc import Sequence

from services.recall.actions import (
    completion,
    growth,
    signal_goods,
    signal_hearing,
    signals,
    suspicions,
    timing,
)
from services.recall.courier import hearing
from services.recall.store import (
    areas,
    asking,
    authorities,
    certificates,
    complaints,
    drill_duties,
    facts,
    genealogy,
    propagation,
    scans,
    stamps,
    ways,
)
from services.recall.store import suspicions as found
from shared.access import access_queue
from shared.contracts.acts import RecallActRecorded
from shared.contracts.identity import UnitPublished
from shared.contracts.recall import (
    ComplaintAnswered,
    GoodsAccounted,
    RecallAcknowledged,
    RecallClosed,
    RecallCorrected,
    RecallLifted,
    RecallOrdered,
    ScopeChanged,
)
from shared.contracts.registry import (
    FacilityPublished,
    GrowingAreaPublished,
    InspectionRecorded,
    LotPublished,
    LotTested,
    ProductPublished,
    ShipmentPublished,
    TemperatureMeasured,
)
from shared.contracts.scan import (
    ComplaintFiled,
    NoticeApplied,
    ReporterReplied,
    ScansRecorded,
    SuspicionPublished,
)
from shared.contracts.stamps import BatchIssued, IntervalsChanged, SegmentPublished
from shared.messaging.wiring import CUT_OFFS_OF_RECALLS, Queue, on, on_many

# These are heard by a program of their own (services/recall/courier/worker.py).
COURIER: Sequence[Queue] = hearing.QUEUES

# Read models compare versions, so they need no claim; only the scans are added up and claimed.
QUEUES: Sequence[Queue] = (
    access_queue("recall"),
    Queue("recall.units", on_many(UnitPublished, facts.note_units), claims=False),
    Queue(
        genealogy.QUEUE,
        on_many(FacilityPublished, growth.take_in_facilities),
        on_many(ProductPublished, facts.note_products),
        on_many(LotPublished, growth.take_in),
        on_many(ShipmentPublished, growth.take_in_moves),
        ticks=(genealogy.REGISTRY,),
        claims=False,
        cut_offs=CUT_OFFS_OF_RECALLS,
    ),
    Queue(
        "recall.stamps",
        on_many(BatchIssued, stamps.note_batches),
        on_many(SegmentPublished, stamps.note_segments),
        ticks=("stamps",),
        claims=False,
        prefetch=100,
        cut_offs=CUT_OFFS_OF_RECALLS,
    ),
    # Programs of before take from the queue of the genealogy too, and keep less of a lot.
    Queue(
        "recall.lots-whole",
        on_many(LotPublished, growth.take_in_whole),
        claims=False,
        cut_offs=CUT_OFFS_OF_RECALLS,
    ),
    Queue("recall.weights", on_many(LotPublished, growth.take_in_weights), claims=False),
    # The newest of each is kept, so it fills itself from the first event when it is new.
    Queue(
        "recall.sources",
        on_many(GrowingAreaPublished, areas.note_areas),
        on_many(FacilityPublished, certificates.note_certificates),
        claims=False,
    ),
    Queue("recall.receipts", on_many(NoticeApplied, propagation.note_receipts), claims=False),
    Queue("recall.complaints", on_many(ComplaintFiled, complaints.note_filed), claims=False),
    Queue("recall.replies", on_many(ReporterReplied, asking.note_replies), claims=False),
    # What recall itself told, and whom a deadline is told to.
    Queue(
        "recall.deadlines",
        on_many(RecallActRecorded, timing.follow_acts),
        on_many(RecallOrdered, timing.follow),
        on_many(RecallLifted, timing.follow),
        on_many(RecallClosed, timing.follow),
        on_many(RecallAcknowledged, timing.follow_acknowledged),
        claims=False,
    ),
    # What a case asks of its owner and of authorities follows its kind.
    Queue("recall.deadlines-corrected", on_many(RecallCorrected, timing.follow), claims=False),
    # When all goods are accounted for, by what recall itself told of rows and of officials' words.
    Queue(
        "recall.completion",
        on_many(GoodsAccounted, completion.follow_rows),
        on_many(RecallActRecorded, completion.follow_words),
        claims=False,
    ),
    Queue(
        "recall.completion-scope",
        on_many(ScopeChanged, completion.follow_scope),
        on_many(RecallCorrected, completion.follow_scope),
        claims=False,
    ),
    Queue(
        "recall.drill-duties",
        on_many(FacilityPublished, drill_duties.note_facilities),
        claims=False,
    ),
    # All facilities once more: an older program kept them without saying whether they run.
    Queue(
        "recall.drill-states",
        on_many(FacilityPublished, drill_duties.note_facilities),
        claims=False,
    ),
    Queue("recall.ways", on_many(FacilityPublished, ways.note_facilities), claims=False),
    # What became of suspected goods: cases ordered on them and ended, and what others found.
    Queue(
        "recall.suspicions",
        on(RecallOrdered, suspicions.follow_order),
        on(RecallClosed, suspicions.follow_end),
        on(RecallLifted, suspicions.follow_end),
        claims=False,
    ),
    Queue(
        "recall.findings",
        on_many(InspectionRecorded, found.note_inspections),
        on_many(LotTested, found.note_tests),
        on_many(SuspicionPublished, found.note_copies),
        claims=False,
    ),
    # Early warning: facts of one thing each, and what tells what they have in common.
    Queue(
        "recall.signals",
        on_many(LotTested, signal_hearing.hear_tests),
        on_many(ComplaintFiled, signal_hearing.hear_complaints),
        on_many(SuspicionPublished, signal_hearing.hear_copies),
        on_many(LotPublished, signal_hearing.hear_lots),
        on_many(FacilityPublished, signal_hearing.hear_facilities),
        on(RecallOrdered, signals.follow_order),
        claims=False,
    ),
    # Of what recall itself told: reports that were about nothing, and cases that are over.
    Queue(
        "recall.signals-ends",
        on_many(ComplaintAnswered, signal_hearing.hear_answers),
        on_many(RecallClosed, signals.follow_ends),
        on_many(RecallLifted, signals.follow_ends),
        claims=False,
    ),
    # Temperatures, and how much there is of lots: a queue that fills itself when it is new.
    Queue(
        "recall.signals-goods",
        on_many(LotPublished, signal_goods.hear_lots),
        on_many(ProductPublished, signal_goods.hear_products),
        on_many(ShipmentPublished, signal_goods.hear_shipments),
        on_many(TemperatureMeasured, signal_goods.hear_temperatures),
        on_many(IntervalsChanged, signal_goods.hear_stamps),
        claims=False,
    ),
    Queue("recall.authorities", on_many(UnitPublished, authorities.note_units), claims=False),
    Queue("recall.scans", on_many(ScansRecorded, scans.note_scans)),
    *COURIER,
)
