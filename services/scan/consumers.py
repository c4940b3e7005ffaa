"""What scan hears, and which process does what with it."""

from services.scan.counting.judging import USES
from services.scan.counting.recording import RECORDER
from services.scan.hearing.projection import PROJECTION
from services.scan.speech.wanting import SPEECHES
from services.scan.store import complaints, pins, sought
from shared.access import access_queue
from shared.contracts.recall import ComplaintAnswered, ReporterAsked
from shared.contracts.registry import FacilityPublished, ProductPublished
from shared.contracts.stamps import PinsOrdered
from shared.messaging.wiring import Queue, on, on_many

# Whose tokens the desk believes.
ACCESS = access_queue("scan")
# What officials say of reported problems; versions are compared, so it needs no claim.
ANSWERS = Queue("scan.answers", on(ComplaintAnswered, complaints.note_answer), claims=False)
# What they ask the reporter: each question is kept once. A queue of its own: an older program that
# takes from the other knows no questions and would lose them.
QUESTIONS = Queue("scan.questions", on(ReporterAsked, complaints.note_question), claims=False)
# The names that goods are found by: the newest of each is kept, and it fills itself when it is new.
GOODS = Queue(
    "scan.goods_sought",
    on_many(FacilityPublished, sought.note_facilities),
    on_many(ProductPublished, sought.note_products),
    claims=False,
)
# On which stamps hidden numbers are printed: versions are compared, so it needs no claim.
PINS = Queue("scan.pins", on(PinsOrdered, pins.note_ordered), claims=False)
# The projector runs the first, the recorder the next two, the desk the five after them, the
# speaking worker the last; replicas have queues of their own.
QUEUES = (PROJECTION, RECORDER, USES, ACCESS, ANSWERS, QUESTIONS, GOODS, PINS, SPEECHES)
