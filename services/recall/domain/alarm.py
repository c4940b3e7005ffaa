"""An act whose receipts are waited for: when it is an alarm that some are missing."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from services.recall.domain.terms import Place
from shared.contracts.event import Event
from shared.contracts.recall import ReceiptsComplete, ReceiptsMissing

# A replica that has not caught up for this long calls nothing safe any more.
ALARM: Final = timedelta(seconds=5)
# A replica that has been silent for this long has been taken away; nobody scans there.
GONE: Final = timedelta(minutes=10)
NOBODY: Final = "-"


@dataclass(frozen=True, slots=True)
class Lacking:
    """Who lacks an act's receipts at an instant. `answers`: whether any replica answers at all;
    `gone` are those that were told of and count no more, though they never confirmed."""

    replicas: tuple[str, ...]
    answers: bool
    gone: tuple[str, ...] = ()

    @property
    def is_complete(self) -> bool:
        return self.answers and not self.replicas


@dataclass(frozen=True, slots=True)
class Watch:
    """One act. `seen_at` is since when who looks waits for it: an alarm does not hang on the clock
    of who decided. `raised` are the sets of replicas that were told of, `current` the one
    that lacks it now."""

    case_id: str
    case_version: int
    act: str
    since: datetime
    seen_at: datetime
    version: int = 1
    raised: tuple[str, ...] = ()
    complete_at: datetime | None = None
    current: str = ""

    @property
    def id(self) -> str:
        return f"{self.case_id}@{self.case_version}"

    @property
    def named(self) -> tuple[str, ...]:
        """Replicas that were told of so far."""
        told = {name for names in self.raised for name in names.split(",")}
        return tuple(sorted(told - {NOBODY}))

    def look(
        self, lacking: Lacking, owner: Place, at: datetime
    ) -> tuple["Watch", tuple[Event, ...]]:
        """The next state, the same one where nothing is new."""
        if lacking.is_complete:
            done = replace(self, version=self.version + 1, complete_at=at)
            return done, (done._complete(at, lacking.gone),) if self.raised else ()
        told = ",".join(lacking.replicas) or NOBODY
        if timedelta(0) <= at - self.seen_at < ALARM or told == self.current:
            return self, ()
        alarmed = replace(self, version=self.version + 1, current=told)
        if told in self.raised:
            return alarmed, ()
        alarmed = replace(alarmed, raised=(*self.raised, told))
        missing = ReceiptsMissing(
            subject=self.id,
            version=alarmed.version,
            time=at,
            case_id=self.case_id,
            case_version=self.case_version,
            act=self.act,
            replicas=lacking.replicas,
            since=self.since,
            facility_id=owner.facility_id,
            commune=owner.commune,
            sector=owner.sector,
        )
        return alarmed, (missing,)

    def _complete(self, at: datetime, gone: tuple[str, ...]) -> Event:
        return ReceiptsComplete(
            subject=self.id,
            version=self.version,
            time=at,
            case_id=self.case_id,
            case_version=self.case_version,
            act=self.act,
            since=self.since,
            gone=gone,
        )


def lacking(
    missing: Iterable[str], silent: Iterable[str], *, answers: bool, gone: Iterable[str] = ()
) -> Lacking:
    """`missing` answer and lack it; `silent` were there at the act, lack it and do not answer;
    `gone` were told of before."""
    left = {*missing, *silent}
    return Lacking(tuple(sorted(left)), answers, tuple(sorted({*gone} - left)))
