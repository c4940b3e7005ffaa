"""What sealed spool segments come to, counted once: pure arithmetic over records."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from services.scan.domain.records import Scan
from services.scan.domain.sightings import Sighting, sighting_of
from shared.contracts.scan import ScanCount
from shared.days import local_day

# What a stamp is of: facility, product and lot, each "" where it is not known.
Belongs = tuple[str, str, str]
NOWHERE: Belongs = ("", "", "")
Stamp = tuple[int, int]

_HOUR = 3_600_000


@dataclass(slots=True)
class StampScans:
    """The scans of one stamp in some segments: milliseconds since 1970; the others by day."""

    first: int
    last: int
    count: int = 0
    users: dict[str, set[bytes]] = field(default_factory=lambda: defaultdict(set))
    sightings: dict[str, list[Sighting]] = field(default_factory=lambda: defaultdict(list))


@dataclass(slots=True)
class Tally:
    """Counts of one or more segments, duplicates left out.

    `seen` are request ids counted before, and `met` users met before on their day: both grow.
    `people` are who scanned what on which day, whether they were met before or not. `on_lots` are
    stamps that were scanned before on the lot they stand on: a stamp never leaves it.
    """

    seen: set[bytes]
    met: set[tuple[str, bytes]]
    on_lots: set[Stamp]
    requests: list[bytes] = field(default_factory=list)
    newly_met: list[tuple[str, bytes]] = field(default_factory=list)
    newly_on_lots: set[Stamp] = field(default_factory=set)
    stamps: dict[Stamp, StampScans] = field(default_factory=dict)
    people: dict[tuple[str, Belongs], set[bytes]] = field(default_factory=lambda: defaultdict(set))
    repeated: int = 0

    def segment(
        self, scans: Iterable[Scan], belongs: Mapping[Stamp, Belongs]
    ) -> tuple[ScanCount, ...]:
        """Count one segment; what it adds, per hour, verdict, place and thing."""
        counts: dict[tuple[datetime, str, Belongs, str], list[int]] = defaultdict(lambda: [0, 0, 0])
        for scan in scans:
            if scan.request in self.seen:
                self.repeated += 1
                continue
            self.seen.add(scan.request)
            self.requests.append(scan.request)
            hour, day = hour_and_day(scan.milliseconds // _HOUR)
            stamp = scan.batch, scan.serial
            whose = belongs.get(stamp, NOWHERE)
            commune = f"{scan.commune:05d}" if scan.commune else ""
            count = counts[hour, scan.verdict, whose, commune]
            count[0] += 1
            count[1] += self._meet(day, scan.user)
            count[2] += self._meet_on_lot(stamp, whose)
            self.people[day, whose].add(scan.user)
            if scan.serial >= 0:
                self._note_stamp(scan, day)
        return tuple(_count(key, *value) for key, value in sorted(counts.items()))

    def _meet(self, day: str, user: bytes) -> int:
        if (day, user) in self.met:
            return 0
        self.met.add((day, user))
        self.newly_met.append((day, user))
        return 1

    def _meet_on_lot(self, stamp: Stamp, whose: Belongs) -> int:
        if not whose[2] or stamp in self.on_lots:
            return 0
        self.on_lots.add(stamp)
        self.newly_on_lots.add(stamp)
        return 1

    def _note_stamp(self, scan: Scan, day: str) -> None:
        stamp = self.stamps.get((scan.batch, scan.serial))
        if stamp is None:
            stamp = StampScans(scan.milliseconds, scan.milliseconds)
            self.stamps[scan.batch, scan.serial] = stamp
        stamp.first = min(stamp.first, scan.milliseconds)
        stamp.last = max(stamp.last, scan.milliseconds)
        stamp.count += 1
        stamp.users[day].add(scan.user)
        stamp.sightings[day].append(sighting_of(scan))


@lru_cache(maxsize=1_000)
def hour_and_day(hours: int) -> tuple[datetime, str]:
    """The hour that began so many hours after 1970, and the day in Vietnam that it belongs to.

    Vietnam's days begin with a whole hour, so scans of one hour are of one day.
    """
    hour = moment(hours * _HOUR)
    return hour, day_of(hour)


def moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def day_of(at: datetime) -> str:
    """The day in Vietnam, as the daily key of users is changed by."""
    return local_day(at).isoformat()


def days_of(scans: Iterable[Scan]) -> set[tuple[str, bytes]]:
    """Which users to look up, each with the day."""
    return {(hour_and_day(scan.milliseconds // _HOUR)[1], scan.user) for scan in scans}


def span_of(scans: Iterable[Scan], slack: timedelta) -> tuple[datetime, datetime]:
    """From the first scan to the last, wider by `slack` at both ends."""
    times = [scan.milliseconds for scan in scans]
    return moment(min(times)) - slack, moment(max(times)) + slack


def _count(
    key: tuple[datetime, str, Belongs, str], scans: int, first_of_user: int, first_of_stamp: int
) -> ScanCount:
    hour, verdict, (facility, product, lot), commune = key
    return ScanCount(
        hour=hour,
        verdict=verdict,
        facility_id=facility,
        product_id=product,
        lot_id=lot,
        commune=commune,
        scans=scans,
        first_of_user=first_of_user,
        first_of_stamp=first_of_stamp,
    )
