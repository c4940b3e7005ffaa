"""What registry hears: names of units, notices that touch its records, how cases ended, figures."""

from services.registry.store import circulation, communes, wanted
from services.registry.store.facts import note_closing, note_notice, note_unit
from shared.access import access_queue
from shared.contracts.identity import UnitPublished
from shared.contracts.recall import InspectionWanted, NoticePublished, RecallClosed
from shared.contracts.scan import ScansRecorded
from shared.contracts.stamps import BatchIssued, IntervalsChanged, SegmentPublished
from shared.messaging.wiring import Queue, on, on_many

QUEUES = (
    access_queue("registry"),
    Queue(
        "registry.facts",
        on(UnitPublished, note_unit),
        on(NoticePublished, note_notice),
        on(RecallClosed, note_closing),
    ),
    # Inspections that officials ask for because of what was reported: versions are compared.
    Queue("registry.inspections_wanted", on_many(InspectionWanted, wanted.note), claims=False),
    # The newest of each is kept: a queue that is new hears all units there ever were.
    Queue("registry.communes", on(UnitPublished, communes.note_unit), claims=False),
    # Counters add up, so each event is claimed; segments are whole and compare versions.
    Queue(
        "registry.circulation",
        on(BatchIssued, circulation.note_issue),
        on(IntervalsChanged, circulation.note_change),
        on_many(ScansRecorded, circulation.note_scans),
    ),
    Queue("registry.stamps", on_many(SegmentPublished, circulation.note_segments), claims=False),
)
