"""Feeds as they were written, for a moment: many readers ask at once for what did not change."""

import time
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from typing import Final

# What was kept while another change, begun before, was still on its way is written anew then.
SECONDS: Final = 2.0
MOST: Final = 64


@dataclass(frozen=True, slots=True)
class Body:
    """What a feed answers; `newest` is the last change of any case as it was read before."""

    content: bytes
    tag: str
    language: str
    newest: datetime | None
    written: float


class Bodies:
    """Of one process; the ones written last."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, ...], Body] = OrderedDict()

    def get(self, key: tuple[str, ...], newest: datetime | None) -> Body | None:
        """The kept one, unless a case changed since or it is too old."""
        found = self._kept.get(key)
        if found is None or found.newest != newest:
            return None
        return found if time.monotonic() - found.written < SECONDS else None

    def put(self, key: tuple[str, ...], body: Body) -> None:
        self._kept[key] = body
        self._kept.move_to_end(key)
        while len(self._kept) > MOST:
            self._kept.popitem(last=False)
