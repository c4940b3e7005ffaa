"""Walks the ledger's chain and says what was tampered with."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from services.reporting.domain import personal
from services.reporting.domain.ledger import GENESIS, Link, digest_of, hash_of, passed_numbers


@dataclass(slots=True)
class Findings:
    """What a verification saw: `faults` in words, empty if the ledger is sound."""

    links: int = 0
    checkpoints: int = 0
    head: str = GENESIS
    faults: list[str] = field(default_factory=list)
    missing: dict[str, list[tuple[int, int]]] = field(default_factory=dict)

    @property
    def sound(self) -> bool:
        return not self.faults


class ChainCheck:
    """Walks the chain link by link; feed it links in order, then `finish`.

    `checkpoints` maps a link's number to the hashes that were signed for it, signatures checked
    already. A link edited, removed, moved or added, a tail cut off after a checkpoint, and two
    signed histories all show.
    """

    MAX_FAULTS = 50

    def __init__(self, checkpoints: Mapping[int, set[str]]) -> None:
        self._checkpoints = checkpoints
        self._seq = 0
        self._prev = GENESIS
        self._events: set[str] = set()
        self._numbers: dict[str, list[int]] = {}
        # Whose names are gone, in which link; and whose erasure the chain tells of.
        self._gone: dict[str, int] = {}
        self._erased: set[str] = set()
        self._parted = False
        self.findings = Findings(checkpoints=len(checkpoints))

    def take(self, one: Link) -> None:
        expected = self._seq + 1
        if one.seq != expected:
            self._fault(f"link {one.seq} follows {self._seq}: {_gap(expected, one.seq)}")
        if one.prev != self._prev and one.seq == expected:
            self._fault(f"link {one.seq} does not continue the link before it")
        self._contents(one)
        if _hash(one) != one.hash:
            self._fault(f"link {one.seq}: the link itself was changed")
        if one.event_id in self._events:
            self._fault(f"link {one.seq} repeats event {one.event_id}")
        signed = self._checkpoints.get(one.seq)
        if signed is not None and signed != {one.hash}:
            self._fault(f"link {one.seq} is not the one that was signed")
        self._events.add(one.event_id)
        self._pass(one.passed)
        if one.number is not None:
            self._numbers.setdefault(one.source, []).append(one.number)
        self._seq, self._prev = one.seq, one.hash
        self.findings.links += 1

    def _pass(self, passed: str) -> None:
        for source, number in passed_numbers(passed):
            self._numbers.setdefault(source, []).append(number)

    def _contents(self, one: Link) -> None:
        self._parted = self._parted or bool(one.names_digest)
        if one.stale and not self._parted and _person(one) == one.stale:
            self._gone.setdefault(one.stale, one.seq)
            return
        if one.body is None or digest_of(one.salt, one.body) != one.digest:
            self._fault(f"link {one.seq}: the body of {one.type} was changed")
            return
        self.note_erasure(one)
        if one.names_digest and one.names is None:
            self._gone.setdefault(_person(one), one.seq)
        elif one.names_digest and digest_of(one.names_salt, one.names or "") != one.names_digest:
            self._fault(f"link {one.seq}: the names in {one.type} were changed")

    def note_erasure(self, one: Link) -> None:
        """Remember if it tells of an erasure; of links beyond the head only this is of interest:
        what was erased while the walk was under way is told there."""
        if one.type == personal.ACCOUNT and one.body is not None:
            envelope = json.loads(one.body)
            if personal.tells_erasure(envelope):
                self._erased.add(envelope["subject"])

    def finish(self, head: tuple[int, str], passed: str = "") -> Findings:
        """Compare with the recorded head and the last checkpoint; look for missing numbers.
        `passed`: what was left out since the head."""
        self._pass(passed)
        if head != (self._seq, self._prev):
            self._fault(f"the chain ends at link {self._seq}, the recorded head is {head[0]}")
        for account, seq in self._gone.items():
            if account not in self._erased:
                self._fault(f"link {seq}: names are gone though nobody was erased")
        last_signed = max(self._checkpoints, default=0)
        if last_signed > self._seq:
            self._fault(f"link {last_signed} was signed, but the chain ends at {self._seq}")
        self.findings.head = self._prev
        self.findings.missing = {
            source: gaps for source, n in self._numbers.items() if (gaps := list(_missing(n)))
        }
        return self.findings

    def _fault(self, text: str) -> None:
        if len(self.findings.faults) < self.MAX_FAULTS:
            self.findings.faults.append(text)


def _hash(one: Link) -> str:
    return hash_of(one.prev, one.seq, one.event_id, one.digest, one.names_digest, one.passed)


def _person(one: Link) -> str:
    return personal.person_of(json.loads(one.body or "{}"))


def _gap(expected: int, found: int) -> str:
    return f"{found - expected} missing" if found > expected else "out of order"


def _missing(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Ranges of feed numbers from 1 that never arrived (they may be under way)."""
    before = 0
    for number in sorted(numbers):
        if number > before + 1:
            yield before + 1, number - 1
        before = number
