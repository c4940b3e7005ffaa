"""Which lot went into which: edges that are walked both ways, cheap to hold and to change."""

from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Ends = npt.NDArray[np.int32]

# Lots whose inputs changed, or came, before the edges are laid out anew.
CHANGES: Final = 20_000


@dataclass(frozen=True, slots=True)
class Walk:
    """Lots by number, nearest first, with the fewest steps to each. `cut`: there were more."""

    lots: list[int]
    steps: list[int]
    cut: bool = False

    @property
    def deepest(self) -> int:
        return self.steps[-1] if self.steps else 0


class Side:
    """Edges laid out one way: of lot n those between two of `first`."""

    def __init__(self, come: Ends, go: Ends, count: int) -> None:
        order = np.argsort(come, kind="stable")
        first = np.searchsorted(come[order], np.arange(count + 1)).astype(np.int32)
        self._ends = array("i", go[order].tobytes())
        self._first = array("i", first.tobytes())
        self._count = count

    def of(self, lot: int) -> "array[int]":
        if lot >= self._count:
            return _NONE
        return self._ends[self._first[lot] : self._first[lot + 1]]

    def edges(self) -> tuple[Ends, Ends]:
        """Where each comes from, and where it goes."""
        first = np.frombuffer(self._first, np.int32)
        come = np.repeat(np.arange(self._count, dtype=np.int32), np.diff(first))
        return come, np.frombuffer(self._ends, np.int32).copy()

    @property
    def size(self) -> int:
        return self._count


_NONE = array("i")
_NO_ENDS = np.empty(0, np.int32)


class Links:
    """Edges as laid out last, and what changed since: a changed lot has the inputs told last."""

    def __init__(self) -> None:
        self._ups = self._downs = Side(_NO_ENDS, _NO_ENDS, 0)
        # Of a new or changed lot its inputs; of an input those that came to have it.
        self._changed: dict[int, tuple[int, ...]] = {}
        self._gained: dict[int, dict[int, None]] = {}
        # Edges that wait to be laid out; until then they cannot be walked.
        self._waiting = array("i"), array("i")

    def put(self, lot: int, inputs: tuple[int, ...]) -> None:
        self._changed[lot] = inputs
        for one in inputs:
            self._gained.setdefault(one, {})[lot] = None

    def load(self, lot: int, inputs: tuple[int, ...]) -> None:
        """Of a lot that nothing was put of; counts from the next `lay_out` on."""
        come, go = self._waiting
        come.extend(inputs)
        go.extend([lot] * len(inputs))

    @property
    def has_many_changes(self) -> bool:
        return len(self._changed) > max(CHANGES, self._downs.size // 20)

    def lay_out(self, count: int) -> None:
        """Take what changed up into what is laid out; `count` lots there are."""
        come, go = self._downs.edges()
        changed = np.zeros(count, np.bool_)
        changed[np.fromiter(self._changed, np.int64, len(self._changed))] = True
        stays = ~changed[go]
        new = [(one, lot) for lot, inputs in self._changed.items() for one in inputs]
        more = np.array(new, np.int32).reshape(len(new), 2)
        waiting = [np.array(one, np.int32) for one in self._waiting]
        come = np.concatenate([come[stays], more[:, 0], waiting[0]])
        go = np.concatenate([go[stays], more[:, 1], waiting[1]])
        self._downs, self._ups = Side(come, go, count), Side(go, come, count)
        self._changed, self._gained, self._waiting = {}, {}, (array("i"), array("i"))

    def inputs(self, lot: int) -> Iterable[int]:
        changed = self._changed.get(lot)
        return self._ups.of(lot) if changed is None else changed

    def made_from(self, lot: int) -> Iterator[int]:
        changed = self._changed
        for one in self._downs.of(lot):
            if one not in changed:
                yield one
        for one in self._gained.get(lot, ()):
            # It may have changed again since.
            if lot in changed[one]:
                yield one

    def down(self, roots: Iterable[int], count: int, most: int = 0) -> Walk:
        return _walk(roots, self.made_from, count, most)

    def up(
        self,
        roots: Iterable[int],
        count: int,
        most: int = 0,
        through: Callable[[int], bool] | None = None,
    ) -> Walk:
        """`through` says of which lots the inputs may be looked at."""

        def inputs(lot: int) -> Iterable[int]:
            return self.inputs(lot) if through is None or through(lot) else ()

        return _walk(roots, inputs, count, most)


def _walk(
    roots: Iterable[int], neighbours: Callable[[int], Iterable[int]], count: int, most: int
) -> Walk:
    """Step by step; a circle ends by itself. With `most`, no more lots than these."""
    seen = bytearray(count)
    lots: list[int] = []
    steps: list[int] = []
    frontier = list(dict.fromkeys(roots))
    for lot in frontier:
        seen[lot] = 1
    step = 0
    while frontier:
        lots += frontier
        steps += [step] * len(frontier)
        following: list[int] = []
        for lot in frontier:
            for one in neighbours(lot):
                if not seen[one]:
                    seen[one] = 1
                    following.append(one)
        if most and len(lots) + len(following) > most:
            room = most - len(lots)
            lots += following[:room]
            steps += [step + 1] * len(following[:room])
            return Walk(lots, steps, cut=True)
        frontier, step = following, step + 1
    return Walk(lots, steps)
