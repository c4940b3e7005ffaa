"""How often a stamp was scanned, as far as its buyers are told."""

from datetime import datetime
from typing import Final, NamedTuple

# From so many scans on a stamp is known by its number; a replica cannot hold those of all stamps.
LEAST: Final = 5


class Scanned(NamedTuple):
    """Scans that were counted so far, and when the first of them was."""

    times: int
    first: datetime | None


# Of a stamp that is not among those scanned often; and where nobody can say.
FEW: Final = Scanned(0, None)
UNTOLD: Final = Scanned(-1, None)
