"""Notices and holds, all of them in memory: what stands against a stamp, its lot or its maker."""

from collections import Counter, defaultdict
from typing import TypeVar

from shared.contracts.recall import NoticePublished
from shared.contracts.stamps import HoldPublished

Standing = NoticePublished | HoldPublished
S = TypeVar("S", NoticePublished, HoldPublished)

# A place on the board: ("lot", id), ("product", id), ("facility", id), ("batch", number), or
# ("stamps", number of the batch) for what names only some serials of it.
Place = tuple[str, str]
_OF_BATCHES = frozenset({"batch", "stamps"})


class Board:
    """Keeps the newest version of each, lifted ones too, so that a late repeat changes nothing."""

    def __init__(self) -> None:
        self._versions: dict[tuple[str, str], int] = {}
        self._notices: dict[Place, dict[str, NoticePublished]] = defaultdict(dict)
        self._holds: dict[Place, dict[str, HoldPublished]] = defaultdict(dict)
        self._standing: dict[tuple[str, str], Standing] = {}
        # How often each batch is named, by itself or by serials of it: asked at every scan.
        self._batches: Counter[str] = Counter()

    def put(self, event: Standing) -> bool:
        """Show or clear it; False if this version, or a newer one, is here already."""
        key = (type(event).__name__, event.subject)
        if self._versions.get(key, 0) >= event.version:
            return False
        self._versions[key] = event.version
        if (before := self._standing.pop(key, None)) is not None:
            self._take_down(before)
        if event.active:
            self._standing[key] = event
            self._put_up(event)
        return True

    def touches(self, batch: int) -> bool:
        """Whether anything names this batch, or serials of it."""
        return bool(self._batches) and str(batch) in self._batches

    def notices(
        self, batch: int, serial: int, lot: str, products: set[str], facilities: set[str]
    ) -> tuple[NoticePublished, ...]:
        """All notices that touch a stamp, in the order they were made."""
        places = [("lot", lot), ("batch", str(batch))]
        places += [("product", product) for product in products]
        places += [("facility", facility) for facility in facilities]
        found: dict[str, NoticePublished] = {}
        for place in places:
            found.update(self._notices.get(place, {}))
        for notice in self._notices.get(("stamps", str(batch)), {}).values():
            if any(s.batch == batch and s.first <= serial <= s.last for s in notice.stamps):
                found[notice.subject] = notice
        return tuple(sorted(found.values(), key=lambda n: (n.ordered_at, n.subject)))

    def holds(self, batch: int, facilities: set[str]) -> tuple[HoldPublished, ...]:
        """All holds on a batch or its facility."""
        found = dict(self._holds.get(("batch", str(batch)), {}))
        for facility in facilities:
            found.update(self._holds.get(("facility", facility), {}))
        return tuple(sorted(found.values(), key=lambda hold: (hold.time, hold.subject)))

    def versions(self) -> dict[tuple[str, str], int]:
        return dict(self._versions)

    def standing(self) -> dict[tuple[str, str], Standing]:
        return dict(self._standing)

    def _put_up(self, event: Standing) -> None:
        for place in _places(event):
            if isinstance(event, NoticePublished):
                self._notices[place][event.subject] = event
            else:
                self._holds[place][event.subject] = event
            if place[0] in _OF_BATCHES:
                self._batches[place[1]] += 1

    def _take_down(self, event: Standing) -> None:
        for place in _places(event):
            if isinstance(event, NoticePublished):
                _drop(self._notices, place, event.subject)
            else:
                _drop(self._holds, place, event.subject)
            if place[0] in _OF_BATCHES:
                self._batches[place[1]] -= 1
                if not self._batches[place[1]]:
                    del self._batches[place[1]]


def _drop(board: dict[Place, dict[str, S]], place: Place, subject: str) -> None:
    board[place].pop(subject, None)
    if not board[place]:
        del board[place]


def _places(event: Standing) -> set[Place]:
    if isinstance(event, HoldPublished):
        return {(event.scope, event.target)}
    return {
        *(("lot", lot) for lot in event.lots),
        *(("product", product) for product in event.products),
        *(("facility", facility) for facility in event.facilities),
        *(("batch", str(batch)) for batch in event.batches),
        *(("stamps", str(stamps.batch)) for stamps in event.stamps),
    }
