"""One pass over all records that computes their quality anew: where it stands (R32)."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from services.registry.domain.records import Aggregate

KINDS: Final = (Aggregate.FACILITY, Aggregate.PRODUCT, Aggregate.GROWING_AREA, Aggregate.LOT)
# So long a process that died keeps the pass from going on in another.
LEASE: Final = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Pass:
    """`basis` is what the scores follow from; `kind` and `after` say up to where they are done.

    `seen`, `changed` and `total` count records; `finished_at` is None while it runs.
    """

    basis: str
    by: str
    lease_until: datetime
    started_at: datetime
    total: int = 0
    kind: int = 0
    after: str = ""
    seen: int = 0
    changed: int = 0
    finished_at: datetime | None = None

    @property
    def aggregate(self) -> Aggregate:
        return KINDS[self.kind]

    def advanced(self, *, last: str, seen: int, changed: int, now: datetime) -> "Pass":
        """After a chunk; `last` is its last id, "" where the kind has no more."""
        on = replace(
            self,
            seen=self.seen + seen,
            changed=self.changed + changed,
            after=last,
            lease_until=now + LEASE,
        )
        if last:
            return on
        if self.kind + 1 < len(KINDS):
            return replace(on, kind=self.kind + 1)
        return replace(on, finished_at=now)
