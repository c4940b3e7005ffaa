"""What identity hears: facilities from registry, and its own facts like every other service."""

from services.identity.actions.facilities import (
    note_entered,
    note_facility,
    note_resumed,
    note_stopped,
)
from shared.access import access_queue
from shared.contracts.registry import (
    FacilityEntered,
    FacilityPublished,
    FacilityResumed,
    FacilityStopped,
)
from shared.messaging.wiring import Queue, on

FACILITIES = Queue(
    "identity.facilities",
    on(FacilityEntered, note_entered),
    on(FacilityPublished, note_facility),
    on(FacilityStopped, note_stopped),
    on(FacilityResumed, note_resumed),
)
QUEUES = (access_queue("identity"), FACILITIES)
