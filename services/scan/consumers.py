"""What scan hears, and which process does what with it."""

from services.scan.counting.judging import USES
from services.scan.counting.recording import RECORDER
from services.scan.hearing.projection import PROJECTION
from services.scan.speech.wanting import SPEECHES
from services.scan.store import complaints, pins
from shared.access import access_queue
from shared.contracts.recall import ComplaintAnswered
from shared.contracts.stamps import PinsOrdered
from shared.messaging.wiring import Queue, on

# Whose tokens the desk believes.
ACCESS = access_queue("scan")
# What officials say of reported problems; versions are compared, so it needs no claim.
ANSWERS = Queue("scan.answers", on(ComplaintAnswered, complaints.note_answer), claims=False)
# On which stamps hidden numbers are printed: versions are compared, so it needs no claim.
PINS = Queue("scan.pins", on(PinsOrdered, pins.note_ordered), claims=False)
# The projector runs the first, the recorder the next two, the desk the three after them, the
# speaking worker the last; replicas have queues of their own.
QUEUES = (PROJECTION, RECORDER, USES, ACCESS, ANSWERS, PINS, SPEECHES)
