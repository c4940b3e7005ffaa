"""The audit ledger: every event a link of a hash chain, its head signed at short intervals.

Link n holds `digest` = SHA-256(salt ‖ body) and `hash` = SHA-256(previous hash ‖ n ‖ event id ‖
digest), the integers as decimal text, parts joined by line feeds. The chain covers salted
digests, so personal data in a body can be erased (body and salt together) without breaking it.
A checkpoint is an Ed25519 signature over "txng-audit\\n<n>\\n<hash>\\n".
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Link:
    """One event in its place. `body` is the event's JSON as received, None once erased."""

    seq: int
    event_id: str
    source: str
    type: str
    number: int | None
    salt: str
    body: str | None
    digest: str
    prev: str
    hash: str


def digest_of(salt: str, body: str) -> str:
    return hashlib.sha256(bytes.fromhex(salt) + body.encode()).hexdigest()


def hash_of(prev: str, seq: int, event_id: str, digest: str) -> str:
    return hashlib.sha256(f"{prev}\n{seq}\n{event_id}\n{digest}".encode()).hexdigest()


def link(
    *,
    after: tuple[int, str],
    event_id: str,
    source: str,
    type_: str,
    number: int | None,
    body: str,
    salt: str,
) -> Link:
    """The next link after the head (its number and hash); the first follows (0, GENESIS)."""
    seq, prev = after[0] + 1, after[1]
    digest = digest_of(salt, body)
    return Link(
        seq=seq,
        event_id=event_id,
        source=source,
        type=type_,
        number=number,
        salt=salt,
        body=body,
        digest=digest,
        prev=prev,
        hash=hash_of(prev, seq, event_id, digest),
    )


def signed_text(seq: int, hash_: str) -> bytes:
    """What a checkpoint signs."""
    return f"txng-audit\n{seq}\n{hash_}\n".encode()


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
        self.findings = Findings(checkpoints=len(checkpoints))

    def take(self, one: Link) -> None:
        expected = self._seq + 1
        if one.seq != expected:
            self._fault(f"link {one.seq} follows {self._seq}: {_gap(expected, one.seq)}")
        if one.prev != self._prev and one.seq == expected:
            self._fault(f"link {one.seq} does not continue the link before it")
        if one.body is not None and digest_of(one.salt, one.body) != one.digest:
            self._fault(f"link {one.seq}: the body of {one.type} was changed")
        if hash_of(one.prev, one.seq, one.event_id, one.digest) != one.hash:
            self._fault(f"link {one.seq}: the link itself was changed")
        if one.event_id in self._events:
            self._fault(f"link {one.seq} repeats event {one.event_id}")
        signed = self._checkpoints.get(one.seq)
        if signed is not None and signed != {one.hash}:
            self._fault(f"link {one.seq} is not the one that was signed")
        self._events.add(one.event_id)
        if one.number is not None:
            self._numbers.setdefault(one.source, []).append(one.number)
        self._seq, self._prev = one.seq, one.hash
        self.findings.links += 1

    def finish(self, head: tuple[int, str]) -> Findings:
        """Compare with the recorded head and the last checkpoint; look for missing numbers."""
        if head != (self._seq, self._prev):
            self._fault(f"the chain ends at link {self._seq}, the recorded head is {head[0]}")
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


def _gap(expected: int, found: int) -> str:
    return f"{found - expected} missing" if found > expected else "out of order"


def _missing(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Ranges of feed numbers from 1 that never arrived (they may be under way)."""
    before = 0
    for number in sorted(numbers):
        if number > before + 1:
            yield before + 1, number - 1
        before = number


def from_document(document: Mapping[str, Any]) -> Link:
    return Link(
        seq=document["_id"],
        **{name: document[name] for name in Link.__slots__ if name != "seq"},
    )
