"""Notices and holds, all of them in memory: what stands against a stamp, its lot or its maker."""

from collections import defaultdict
from typing import TypeVar

from shared.contracts.recall import NoticePublished
from shared.contracts.stamps import HoldPublished

Standing = NoticePublished | HoldPublished
S = TypeVar("S", NoticePublished, HoldPublished)

# A place on the board: ("lot", id), ("product", id), ("facility", id), ("batch", number), or
# ("stamps", number of the batch) for what names only some serials of it.
Place = tuple[str, str]


class Board:
    """Keeps the newest version of each, lifted ones too, so that a late repeat changes nothing."""

    def __init__(self) -> None:
        self._versions: dict[tuple[str, str], int] = {}
        self._notices: dict[Place, dict[str, NoticePublished]] = defaultdict(dict)
        self._holds: dict[Place, dict[str, HoldPublished]] = defaultdict(dict)
        self._standing: dict[tuple[str, str], Standing] = {}

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
            if isinstance(event, NoticePublished):
                for place in _places_of_notice(event):
                    self._notices[place][event.subject] = event
            else:
                self._holds[event.scope, event.target][event.subject] = event
        return True

    def touches(self, batch: int) -> bool:
        """Whether anything names this batch, or serials of it."""
        whole, some = ("batch", str(batch)), ("stamps", str(batch))
        return whole in self._notices or some in self._notices or whole in self._holds

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

    def _take_down(self, event: Standing) -> None:
        if isinstance(event, HoldPublished):
            _drop(self._holds, (event.scope, event.target), event.subject)
            return
        for place in _places_of_notice(event):
            _drop(self._notices, place, event.subject)


def _drop(board: dict[Place, dict[str, S]], place: Place, subject: str) -> None:
    board[place].pop(subject, None)
    if not board[place]:
        del board[place]


def _places_of_notice(notice: NoticePublished) -> set[Place]:
    return {
        *(("lot", lot) for lot in notice.lots),
        *(("product", product) for product in notice.products),
        *(("facility", facility) for facility in notice.facilities),
        *(("batch", str(batch)) for batch in notice.batches),
        *(("stamps", str(stamps.batch)) for stamps in notice.stamps),
    }
