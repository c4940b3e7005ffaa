"""What scan hears, and which process does what with it."""

from services.scan.counting.judging import USES
from services.scan.counting.recording import RECORDER
from services.scan.hearing.projection import PROJECTION
from shared.access import access_queue

# Whose tokens the desk believes.
ACCESS = access_queue("scan")
# The projector runs the first, the recorder the second; replicas have queues of their own.
QUEUES = (PROJECTION, RECORDER, USES, ACCESS)
