"""A certificate that a facility claims, and which of its goods were made under it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from services.recall.domain.refusals import PeriodOutsideCertificate
from services.recall.domain.target import Target
from shared.days import spoken


@dataclass(frozen=True, slots=True)
class Certificate:
    """As its facility told it last, in the facility's `version`.

    It holds from `issued_on` to `ends_on`, None without an end; `first_issued_on` is the earliest
    day that it was ever told with. `claimed_to` is the last day on which the facility claimed it,
    None while it does.
    """

    facility_id: str
    number: str
    kind: str
    title: str
    issuer: str
    issued_on: date
    ends_on: date | None
    first_issued_on: date
    claimed_to: date | None
    version: int

    def settle(self, target: Target) -> Target:
        """The target with the days that it means: those given, else those for which the certificate
        was given, and in either case none after the facility claimed it no longer.

        Raises PeriodOutsideCertificate.
        """
        was_given_later = target.until is not None and target.until < self.issued_on
        start = self.first_issued_on if was_given_later else self.issued_on
        since = max(target.since or start, self.first_issued_on)
        # Whoever asks for goods made after its end means the time in which it was claimed still.
        is_over = self.ends_on is not None and self.ends_on < since
        until = earliest(target.until or (None if is_over else self.ends_on), self.claimed_to)
        if until is not None and until < since:
            raise PeriodOutsideCertificate(
                "to" if target.until else "from",
                since=spoken(self.first_issued_on),
                until=spoken(self.claimed_to or self.ends_on or until),
            )
        return replace(target, number=self.number, since=since, until=until)


def earliest(*days: date | None) -> date | None:
    """The earliest of some days, None being after all of them."""
    known = [day for day in days if day is not None]
    return min(known, default=None)


def claimed_to(version: int, tellings: Sequence[tuple[int, date]]) -> date | None:
    """The last day of a claim that a facility made last in its `version`: when the next version
    came, without it; None where there is none. `tellings` are in any order."""
    after = min(((v, day) for v, day in tellings if v > version), default=None)
    return after[1] if after else None
