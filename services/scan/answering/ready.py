"""Answers made of what is known of a stamp, held ready by their address."""

from datetime import datetime

import msgspec

from services.scan.answering.forms import Form, Forms
from services.scan.answering.negotiate import Negotiator, Voice
from services.scan.domain.often import UNTOLD, Scanned
from services.scan.domain.records import PLACES
from services.scan.domain.verdict import NO_LINK, Link
from services.scan.knowing.confirm import Confirmer
from services.scan.knowing.memory import Memory
from services.scan.knowing.often import OftenScanned
from services.scan.knowing.scanner import Known, Scanner
from services.scan.store.counts import stamp_key

# In all languages and forms together, so that a further language costs no more memory.
MOST_READY = 40_000


class Ready(msgspec.Struct, gc=False):
    """An answer but for the time and the request's id: good as long as what is known of its stamp
    is the same. `generation` is that of the memory for which this was last found to be so.
    """

    generation: int
    known: Known
    link: Link
    form: Form
    code: bytes
    place: int
    batch: int
    serial: int
    stamp: int
    scanned: Scanned
    scans: bytes


class Answers:
    """Makes answers and keeps them. What is confirmed alone is kept, and only the time of the last
    confirmation, in `Voice.time`, makes it an answer."""

    def __init__(
        self,
        memory: Memory,
        confirmer: Confirmer,
        scanner: Scanner,
        often: OftenScanned,
        forms: Forms,
        negotiator: Negotiator,
    ) -> None:
        self._memory = memory
        self._confirmer = confirmer
        self._scanner = scanner
        self._often = often
        self._forms = forms
        self._negotiator = negotiator
        self._as_of: datetime | None = None
        self.say_times()

    def ready(self, voice: Voice, path: bytes) -> Ready | None:
        """What was made before for an address, as of now; None if that is not certain."""
        found: Ready | None = voice.ready.get(path)
        if found is None:
            found = voice.older.get(path)
            if found is None:
                return None
            self._negotiator.keep(voice, path, found, MOST_READY)
        if found.generation != self._memory.generation and not self._is_still_true(found):
            return None
        scanned = self._often.of(found.stamp)
        if scanned is not found.scanned:
            found.scans = self._forms.scans_text(scanned, voice.variant)
            found.scanned = scanned
        return found

    def make(
        self,
        known: Known,
        confirmed: bool,
        voice: Voice,
        code: str,
        batch: int,
        serial: int,
        link: Link = NO_LINK,
    ) -> Ready:
        """The answer for a code in canonical spelling."""
        form = self._forms.of(known, confirmed, voice.variant, bool(link.gtin))
        verdict = (known.confirmed if confirmed else known.unconfirmed).verdict
        filled = self._forms.code_text(code, voice.variant, form.between)
        stamp = stamp_key((batch, serial))
        scanned = UNTOLD if known.case is None else self._often.of(stamp)
        scans = self._forms.scans_text(scanned, voice.variant)
        place, generation = PLACES[verdict], known.generation
        return Ready(
            generation, known, link, form, filled, place, batch, serial, stamp, scanned, scans
        )

    def keep(self, voice: Voice, path: bytes, made: Ready) -> None:
        """Hold it ready, if what it was made from is kept as well."""
        if made.known.kept:
            self._negotiator.keep(voice, path, made, MOST_READY)

    def say_times(self) -> None:
        """Put the time of the last confirmation into words, once for all answers until the next."""
        if self._as_of is self._confirmer.as_of is not None:
            return
        self._as_of = self._confirmer.as_of
        for variant, voice in self._negotiator.voices.items():
            voice.time = self._forms.time_text(self._as_of, variant)

    def _is_still_true(self, ready: Ready) -> bool:
        """Something has changed; whether it concerns this stamp, memory tells at once."""
        if self._scanner.peek(ready.batch, ready.serial, ready.link) is not ready.known:
            return False
        ready.generation = ready.known.generation
        return True


def whole(ready: Ready, time_text: bytes, shown: bytes) -> bytes:
    """All of the answer as it is sent; `shown` is the request's id."""
    form, scans, code = ready.form, ready.scans, ready.code
    size = form.size + len(time_text) + len(scans) + len(code)
    start = b"%bcontent-length: %d\r\nx-request-id: %b\r\n\r\n" % (form.start, size, shown)
    return b"".join(
        (start, form.head, time_text, form.after_time, scans, form.middle, code, form.tail)
    )


def body(form: Form, time_text: bytes, scans: bytes, code: bytes) -> bytes:
    return b"".join((form.head, time_text, form.after_time, scans, form.middle, code, form.tail))
