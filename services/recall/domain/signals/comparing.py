"""Whether an input is found where tests failed more than where they passed, or only everywhere."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from math import comb
from typing import Final

from services.recall.domain.signals.fact import Fact
from services.recall.domain.signals.finding import Finding

# As rare as this by chance, the difference is believed.
RARE: Final = 0.05


@dataclass(frozen=True, slots=True)
class Compared:
    """Facilities that were tested for one parameter: of those that used an input so many failed and
    so many passed, and of those that did not."""

    users_failed: int
    users_passed: int
    others_failed: int
    others_passed: int

    @property
    def stands_out(self) -> bool:
        """Half of the users failed, and of the others a smaller share; or so many users among those
        that failed would seldom come by chance (Fisher's exact test, one-sided)."""
        users = self.users_failed + self.users_passed
        others = self.others_failed + self.others_passed
        half = 2 * self.users_failed >= users
        # Shares of both, multiplied out.
        more = not others or self.users_failed * others > self.others_failed * users
        return more and (half or self.chance <= RARE)

    @property
    def chance(self) -> float:
        """Of as many or more users among those that failed, were the input of no matter."""
        users = self.users_failed + self.users_passed
        failed = self.users_failed + self.others_failed
        every = users + self.others_failed + self.others_passed
        ways = sum(
            comb(users, n) * comb(every - users, failed - n)
            for n in range(self.users_failed, min(users, failed) + 1)
        )
        return ways / comb(every, failed)


def compared(name: str, tests: Iterable[Fact]) -> Compared:
    """Tests of one parameter, of lots whose inputs are known; a facility of which one failed has
    failed, and one that used it on any tested lot is a user."""
    failed, users, every = set(), set(), set()
    for one in tests:
        if not one.product_id:  # Of its lot nobody knows yet what was used on it.
            continue
        every.add(one.facility_id)
        if one.active:
            failed.add(one.facility_id)
        if name in one.inputs:
            users.add(one.facility_id)
    others = every - users
    return Compared(
        len(users & failed), len(users - failed), len(others & failed), len(others - failed)
    )


def that_stand_out(found: Iterable[Finding], name: str, tests: Collection[Fact]) -> list[Finding]:
    """Without findings about what is as common where tests passed, in the rule's days before and
    after."""
    return [one for one in found if compared(name, _around(one, tests)).stands_out]


def _around(found: Finding, tests: Iterable[Fact]) -> list[Fact]:
    span = timedelta(days=found.rule.days)
    first, last = found.facts[0].at - span, found.facts[-1].at + span
    return [one for one in tests if first <= one.at <= last]
