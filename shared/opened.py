"""Which facilities' records a request opens: noted where the right to them is decided (auth.py).

The place of a record says whose it is, so whoever asks "who looked at what this facility has?" is
answered for its lots and papers too, and no page has to say it a second time.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_OPENED: ContextVar[set[str] | None] = ContextVar("opened", default=None)


def note(facility_id: str) -> None:
    """Of a record that the asker may see; does nothing outside `noting`."""
    found = _OPENED.get()
    if found is not None:
        found.add(facility_id)


@contextmanager
def noting() -> Iterator[set[str]]:
    """The facilities whose records are opened until the end of the block."""
    found: set[str] = set()
    token = _OPENED.set(found)
    try:
        yield found
    finally:
        _OPENED.reset(token)
