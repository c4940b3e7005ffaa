"""What is gone through in a round of a sweep."""

from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class Turn:
    """Where the last round ended, so that the next goes on from there: what stays to be looked at
    keeps nothing else from its turn. `after` is an id, "" for the beginning."""

    after: str = ""

    def took(self, ids: Sequence[str], at_once: int) -> None:
        """A round went through these, in the order of ids; fewer than `at_once` were the last."""
        self.after = ids[-1] if len(ids) == at_once else ""


async def each_by_itself(looks: Sequence[Coroutine[Any, Any, object]]) -> None:
    """Do them one after the other. One that fails keeps none of the others from being done; its
    error is raised at the end."""
    first: Exception | None = None
    for look in looks:
        try:
            await look
        except Exception as error:
            first = first or error
    if first is not None:
        raise first
