"""How far a notice reaches, and how its reach is split into parts that fit an event each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from services.recall.domain.target import Target, TargetKind
from shared.contracts.recall import MAX_TARGETS, StampRange

# Lots that join later fill the last part up to this many only, so that one more lot does not
# send two thousand others again.
GROWING_PART = 200


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a case's notice as it now stands; its version only ever grows."""

    number: int
    version: int = 1
    active: bool = True
    lots: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    facilities: tuple[str, ...] = ()
    batches: tuple[int, ...] = ()
    stamps: tuple[StampRange, ...] = ()

    def cleared(self) -> "Part":
        return replace(self, active=False, version=self.version + 1)


def parts_of(target: Target, lots: Iterable[str]) -> tuple[Part, ...]:
    """The notice's parts: the target itself in the first, the lots spread over as many as needed.

    A product or facility as a whole is named by itself too, so that stamps not yet on any lot
    and lots registered later are touched without waiting for the genealogy.
    """
    chunks = _chunks(lots, MAX_TARGETS) or [()]
    parts = [Part(number=n, lots=chunk) for n, chunk in enumerate(chunks, start=1)]
    parts[0] = _named(parts[0], target)
    return tuple(parts)


def _named(part: Part, target: Target) -> Part:
    if target.kind is TargetKind.BATCH:
        return replace(part, batches=(target.batch,))
    if target.kind is TargetKind.STAMPS:
        assert target.first is not None
        assert target.last is not None
        serials = StampRange(batch=target.batch, first=target.first, last=target.last)
        return replace(part, stamps=(serials,))
    if target.kind is TargetKind.PRODUCT and not target.has_period:
        return replace(part, products=(target.id,))
    if target.kind is TargetKind.FACILITY and not target.has_period:
        return replace(part, facilities=(target.id,))
    return part


def grown(parts: Sequence[Part], lots: Sequence[str]) -> tuple[Part, ...]:
    """Only the parts that change when these further lots join."""
    last = parts[-1]
    room = max(0, GROWING_PART - len(last.lots))
    changed: list[Part] = []
    if room and lots:
        joined = (*last.lots, *lots[:room])
        changed.append(replace(last, lots=joined, version=last.version + 1))
    rest = _chunks(lots[room:], MAX_TARGETS)
    changed.extend(Part(number=n, lots=c) for n, c in enumerate(rest, start=last.number + 1))
    return tuple(changed)


def _chunks(items: Iterable[str], size: int) -> list[tuple[str, ...]]:
    source = iter(items)
    chunks = []
    while chunk := tuple(islice(source, size)):
        chunks.append(chunk)
    return chunks
