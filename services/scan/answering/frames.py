"""What answers share, drawn once, and what is drawn for each lot that is met.

To draw a page takes longer than everything else that is done for a scan, and the pages of a maker's
lots differ in little. A frame is drawn without being given the lot, so it tells nothing of one.
"""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any, Final, NamedTuple

import msgspec

from services.scan.answering import facts
from services.scan.answering.marks import Variant, of_frame
from services.scan.answering.spoken import Heard, address_of
from services.scan.answering.trust import GROUNDS
from services.scan.answering.words import (
    CERTIFICATES,
    DETAILS,
    DOUBTS,
    ENDINGS,
    NOTICE_KINDS,
    ROLES,
    STATES,
    TEST_DETAILS,
    TEST_VERDICTS,
    VERDICTS,
)
from services.scan.domain.grounds import of_certificate, of_stage
from services.scan.domain.verdict import Case, Judgement
from services.scan.knowing.cache import Bounded

# What every page may name.
VOCABULARY: Final[dict[str, Any]] = {
    "NOTICE_KINDS": NOTICE_KINDS,
    "CERTIFICATES": CERTIFICATES,
    "DETAILS": DETAILS,
    "TEST_DETAILS": TEST_DETAILS,
    "TEST_VERDICTS": TEST_VERDICTS,
    "ROLES": ROLES,
    "GROUNDS": GROUNDS,
    "of_stage": of_stage,
    "of_certificate": of_certificate,
}


class Frame(NamedTuple):
    """An answer without its lot: the pieces around time, number of scans and code. Between those of
    `middle`, then between those of `tail`, comes what is told of the lot; `between` as in `Form`.
    `plays`: there is something to be heard or seen."""

    head: bytes
    after_time: bytes
    middle: Sequence[bytes]
    between: tuple[bytes, ...]
    tail: Sequence[bytes]
    plays: bool

    def filled(self, of_lot: Sequence[bytes]) -> tuple[bytes, bytes, bytes, bytes]:
        """The four pieces around the three holes, with all that is told of the lot in them."""
        early = len(self.middle) - 1
        middle = _joined(self.middle, of_lot[:early])
        return self.head, self.after_time, middle, _joined(self.tail, of_lot[early:])


def _joined(pieces: Sequence[bytes], between: Sequence[bytes]) -> bytes:
    first, *others = pieces
    return b"".join([first, *chain.from_iterable(zip(between, others, strict=True))])


class Frames:
    """Draws them; `kept` of them are kept. `page` renders a template in a language, `say`
    translates a text."""

    def __init__(
        self, kept: int, page: Callable[..., bytes], say: Callable[[str, str], str]
    ) -> None:
        self._kept: Bounded[Frame] = Bounded(kept)
        self._page = page
        self._say = say
        # Where the holes are: no text of a passport can contain these.
        *self._holes, self._of_lot = [f"hole{secrets.token_hex(12)}" for _ in range(5)]

    def of(
        self,
        case: Case | None,
        judgement: Judgement,
        confirmed: bool,
        variant: Variant,
        heard: Heard,
    ) -> Frame:
        key = of_frame(case, judgement, confirmed, variant, heard)
        frame = self._kept.get(key)
        if frame is None:

            def say(text: str) -> str:
                return self._say(text, variant.lang)

            held = facts.holds(case, say) if case else []
            of_no_lot = replace(case, lot={}) if case else None
            if variant.json:
                told = facts.facts(of_no_lot, judgement, confirmed, say, held)
                frame = _json(msgspec.json.encode(told), with_lot=case is not None)
            else:
                frame = self._drawn(of_no_lot, judgement, confirmed, variant.lang, heard, held)
            self._kept.put(key, frame)
        return frame

    def of_lot(self, case: Case | None, variant: Variant, heard: Heard) -> list[bytes]:
        """What is told of the lot, in the order of its places in the frame."""
        if variant.json:
            return [msgspec.json.encode(facts.of_lot(case.published_lot))] if case else []
        html = self._page(
            "of_lot.html",
            variant.lang,
            lot=case.published_lot if case else None,
            product=case.published_product if case else None,
            facility=case.published_facility if case else None,
            heard=heard,
            of_lot=self._of_lot,
        )
        return html.split(self._of_lot.encode())

    def _drawn(
        self,
        case: Case | None,
        judgement: Judgement,
        confirmed: bool,
        lang: str,
        heard: Heard,
        held: list[facts.Facts],
    ) -> Frame:
        speech = address_of(judgement.verdict, lang)
        product = case.published_product if case else None
        html = self._page(
            "verdict.html",
            lang,
            verdict=judgement.verdict,
            words=VERDICTS[judgement.verdict],
            doubt=DOUBTS.get(judgement.because, ""),
            speech=speech,
            heard=heard._replace(lot=""),
            confirmed=confirmed,
            case=case,
            product=product,
            facility=case.published_facility if case else None,
            area=case.published_area if case else None,
            ending=ENDINGS.get(case.state, "") if case else "",
            state=STATES.get(case.state, "") if case else "",
            holds=held,
            ended=case.ended_certificates if case else frozenset(),
            holes=self._holes,
            of_lot=self._of_lot,
        )
        pieces = []
        for hole in self._holes[:3]:
            piece, _, html = html.partition(hole.encode())
            pieces.append(piece)
        head, after_time, middle = pieces
        *between, tail = html.split(self._holes[3].encode())
        plays = bool(speech or heard.product or heard.notices or (product and product.recordings))
        of_lot = self._of_lot.encode()
        around_lot = middle.split(of_lot), tail.split(of_lot)
        return Frame(head, after_time, around_lot[0], tuple(between), around_lot[1], plays)


def _json(told: bytes, *, with_lot: bool) -> Frame:
    """`told` is an object, and so is what is told of the lot, which comes last in it."""
    tail = (b'",%b,"lot":' % told[1:-1], b"}") if with_lot else (b'",%b' % told[1:],)
    return Frame(b'{"as_of":', b',"scans":', (b',"code":"',), (), tail, plays=False)
