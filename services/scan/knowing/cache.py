"""A bounded cache: what was not used for two turns of it goes."""

from collections.abc import Callable, Hashable, Iterator
from typing import Generic, TypeVar

V = TypeVar("V")


class Bounded(Generic[V]):
    """Two halves: what is used moves to the young one; when that is full, the old one goes.

    Nearly as good as strict least-recently-used order, at the price of one dictionary look-up.
    `forgot` is called whenever something has gone.
    """

    def __init__(
        self,
        limit: int,
        weigh: Callable[[V], int] = lambda _: 1,
        forgot: Callable[[], None] = lambda: None,
    ) -> None:
        self._half = max(1, limit // 2)
        self._weigh = weigh
        self._forgot = forgot
        self._young: dict[Hashable, V] = {}
        self._old: dict[Hashable, V] = {}
        self._weight = 0

    def get(self, key: Hashable) -> V | None:
        value = self._young.get(key)
        if value is None and (value := self._old.pop(key, None)) is not None:
            self.put(key, value)
        return value

    def put(self, key: Hashable, value: V) -> None:
        self._old.pop(key, None)
        before = self._young.get(key)
        self._weight += self._weigh(value) - (self._weigh(before) if before is not None else 0)
        self._young[key] = value
        if self._weight > self._half:
            forgetting = bool(self._old)
            self._old, self._young, self._weight = self._young, {}, 0
            if forgetting:
                self._forgot()

    def clear(self) -> None:
        self._young, self._old, self._weight = {}, {}, 0
        self._forgot()

    def __contains__(self, key: Hashable) -> bool:
        return key in self._young or key in self._old

    def __len__(self) -> int:
        return len(self._young) + len(self._old)

    def __iter__(self) -> Iterator[Hashable]:
        yield from self._young
        yield from self._old
