"""What a replica holds: interval maps, passports, notices, holds; nothing older than it heard."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import structlog

from services.scan.domain import aggregates, segments
from services.scan.domain.aggregates import (
    BOARD,
    NAMES,
    PARTS,
    PASSPORTS,
    PUBLISHERS,
    SEGMENTS,
    Aggregate,
    Part,
)
from services.scan.domain.segments import Segment
from services.scan.hearing.envelope import Envelope
from services.scan.knowing.board import Board
from services.scan.knowing.cache import Bounded
from services.scan.knowing.speeches import Speeches
from services.scan.knowing.suspects import Suspects
from services.scan.settings import ScanSettings
from shared.contracts.recall import NoticePublished
from shared.contracts.stamps import HoldPublished, SegmentPublished
from shared.messaging.progress import Taken

log = structlog.get_logger()

# More versions than this to remember at once means that the projection has stopped.
MOST_TOLD = 200_000
MOST_ABSENT = 10_000

Key = tuple[str, str]
Applied = Callable[[NoticePublished, str], None]


@dataclass(frozen=True, slots=True)
class Told:
    """A version that was heard of, and the feed number that the projection must pass."""

    version: int
    number: int


class Memory:
    """Everything in it is applied synchronously, so a reader never meets a half-applied event.

    `generation` changes whenever anything that an answer was made from may have changed.
    """

    def __init__(self, settings: ScanSettings, applied: Applied = lambda notice, by: None) -> None:
        self.generation = 0
        self.board = Board()
        self.suspects = Suspects()
        self.speeches = Speeches()
        self.segments: Bounded[Segment] = Bounded(
            settings.scan_segments_megabytes * 2**20, segments.weight, self._void
        )
        self.passports: dict[str, Bounded[Aggregate]] = {
            collection: Bounded(settings.scan_passports, forgot=self._void)
            for collection in PASSPORTS
        }
        # Passports that an answer was made without: when one comes, the answer is made anew.
        self.absent: set[Key] = set()
        self.taken = {publisher: Taken() for publisher in PUBLISHERS}
        # Up to which number of each feed the database holds everything, as last read.
        self.projected = dict.fromkeys(PUBLISHERS, 0)
        self.told: dict[tuple[str, str, str], Told] = {}
        self._loading: Counter[Key] = Counter()
        self.floor = dict.fromkeys(PUBLISHERS, 0)
        self._applied = applied

    def apply(self, envelope: Envelope, by: str) -> None:
        """Take one event in; raises Undecodable, and then does not count it as taken in.

        One without a number was sent ahead: of those only what stands on the board is heeded.
        """
        publisher = envelope.publisher
        if publisher not in self.taken:
            return
        part = PARTS.get(envelope.type)
        if not envelope.number:
            if part is not None and part.collection in BOARD:
                self._change_board(envelope, by)
            return
        if part is not None:
            if part.collection == SEGMENTS:
                self._tell(envelope, part)
                self._change_segment(envelope)
            elif part.collection in self.passports:
                self._tell(envelope, part)
                self._change_passport(envelope, part)
            elif part.collection in BOARD:
                self._change_board(envelope, by)
        self.taken[publisher].add(envelope.number)

    def start_from(
        self, projected: dict[str, int], standing: list[NoticePublished | HoldPublished]
    ) -> None:
        """Take in what the database held, all of it read in one snapshot."""
        for event in standing:
            self.board.put(event)
        for publisher in PUBLISHERS:
            self.taken[publisher].fill_to(projected.get(publisher, 0))
        self.generation += 1
        self.projection_reached(projected)

    def projection_reached(self, projected: dict[str, int]) -> None:
        """Forget the versions that the database holds by now."""
        for publisher in PUBLISHERS:
            self.projected[publisher] = max(self.projected[publisher], projected.get(publisher, 0))
        self.told = {
            key: told
            for key, told in self.told.items()
            if key[:2] in self._loading or told.number > self.projected[_publisher(key[0])]
        }

    @contextmanager
    def reading(self, key: Key) -> Iterator[None]:
        """A read of the database, up to and including what is admitted of it.

        What is told about its key meanwhile must not be forgotten before: the read may have seen
        the database before the projection passed it.
        """
        self._loading[key] += 1
        try:
            yield
        finally:
            self._loading[key] -= 1
            if not self._loading[key]:
                del self._loading[key]

    def admit(self, collection: str, key: str, document: dict[str, Any] | None) -> bool:
        """Keep what was read of the database; False if it is not there or not the newest.

        A passport without its published part is as good as not there.
        """
        if document is None or "published" not in document:
            return False
        if not self._is_newest(collection, key, document):
            return False
        if collection == SEGMENTS:
            self.segments.put(key, segments.from_document(document["published"]))
        else:
            passport = aggregates.from_document(collection, document)
            self.passports[collection].put(key, passport)
        return True

    def note_absent(self, key: Key) -> None:
        """A growing area that was never told, as was read: answers are made without it."""
        if len(self.absent) >= MOST_ABSENT:
            self.absent.clear()
            self.generation += 1
        self.absent.add(key)

    def is_told(self, collection: str, key: str) -> bool:
        """Whether something was heard of that the database may not hold yet."""
        return self._behind_floor(collection) or any(
            (collection, key, name) in self.told for name in NAMES[collection]
        )

    def _is_newest(self, collection: str, key: str, document: dict[str, Any]) -> bool:
        if self._behind_floor(collection):
            return False
        for name in NAMES[collection]:
            told = self.told.get((collection, key, name))
            if told and (name not in document or document[name]["version"] < told.version):
                return False
        return True

    def _behind_floor(self, collection: str) -> bool:
        publisher = _publisher(collection)
        return self.projected[publisher] < self.floor[publisher]

    def _void(self) -> None:
        """What is not cached does not learn of changes, so no answer made from it may stay."""
        self.generation += 1

    def _tell(self, envelope: Envelope, part: Part) -> None:
        publisher = envelope.publisher
        key = (part.collection, envelope.subject, part.name)
        before = self.told.get(key)
        if before is not None and before.version >= envelope.version:
            return
        if envelope.number <= self.projected[publisher] and key[:2] not in self._loading:
            return
        self.told[key] = Told(envelope.version, envelope.number)
        if len(self.told) > MOST_TOLD:
            self._forget_singly()

    def _forget_singly(self) -> None:
        """Too many to remember each: nothing is read until the projection has passed them all."""
        log.warning("the projection is far behind", told=len(self.told))
        for (collection, _, _), told in self.told.items():
            publisher = _publisher(collection)
            self.floor[publisher] = max(self.floor[publisher], told.number)
        self.told = {}

    def _change_segment(self, envelope: Envelope) -> None:
        cached = self.segments.get(envelope.subject)
        if cached is None or cached.version >= envelope.version:
            return
        event = envelope.event()
        assert isinstance(event, SegmentPublished)
        self.segments.put(envelope.subject, segments.from_event(event))
        self.generation += 1

    def _change_passport(self, envelope: Envelope, part: Part) -> None:
        key = (part.collection, envelope.subject)
        if key in self.absent:
            self.absent.discard(key)
            self.generation += 1
        cached = self.passports[part.collection].get(envelope.subject)
        if cached is None:
            return
        known = cached.get(part.name)
        if known is not None and known.version >= envelope.version:
            return
        changed = {**cached, part.name: envelope.event()}
        self.passports[part.collection].put(envelope.subject, changed)
        self.generation += 1

    def _change_board(self, envelope: Envelope, by: str) -> None:
        event = envelope.event()
        assert isinstance(event, NoticePublished | HoldPublished)
        if not self.board.put(event):
            return
        self.generation += 1
        if isinstance(event, NoticePublished):
            self._applied(event, by)


def _publisher(collection: str) -> str:
    """Interval maps are told by stamps, passports by registry."""
    return "stamps" if collection == SEGMENTS else "registry"
