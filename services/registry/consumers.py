"""What registry hears: names of units, notices that touch its records, how cases ended."""

from services.registry.store.facts import note_closing, note_notice, note_unit
from shared.access import access_queue
from shared.contracts.identity import UnitPublished
from shared.contracts.recall import NoticePublished, RecallClosed
from shared.messaging.consumer import Queue, on

QUEUES = (
    access_queue("registry"),
    Queue(
        "registry.facts",
        on(UnitPublished, note_unit),
        on(NoticePublished, note_notice),
        on(RecallClosed, note_closing),
    ),
)
