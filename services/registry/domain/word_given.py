"""How far back a chain is open: as far as whoever gave goods said so (ADR 19).

A receiver may record what it says it received. Until the sender has said so too, that opens
nothing of the sender's: neither to the receiver, nor to whoever receives what was made of it or the
goods themselves. So each link of a chain is asked for the word of its sender, back to the maker.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

# A lot and a facility that has, or had, goods of it.
Holding = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Link:
    """A lot of a chain: whose it is, and the lots that it names as what it was made with."""

    facility_id: str
    made_from: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Open:
    """`steps`: the lots that may be read, with the number of steps back, from 1. `leaves` are
    lots that are only named, beyond which nothing is read; `gaps` the lots whose own step back
    is not confirmed by whoever is said to have given the goods."""

    steps: Mapping[str, int]
    leaves: Mapping[str, int]
    gaps: frozenset[str]


def holders(maker: str, moves: Iterable[tuple[str, str]]) -> frozenset[str]:
    """The facilities to which goods of a lot came by words of their senders, back to its maker.

    `moves`: sender and receiver of each delivery that its sender told.
    """
    found = {maker}
    rest = list(moves)
    while new := {to for sender, to in rest if sender in found} - found:
        found |= new
    return frozenset(found)


def chain_of(
    lot_id: str,
    links: Mapping[str, Link],
    confirmed: Collection[Holding],
    *,
    bought: Collection[tuple[str, str]] = (),
    reader: str = "",
) -> Open:
    """What went into a lot, as far as it is open.

    `bought`: (lot made, lot given) of collections, where the maker bought from whoever grew it.
    `reader`: a facility that knows what it named itself in its own lots, if nothing beyond it.
    """
    steps: dict[str, int] = {}
    leaves: dict[str, int] = {}
    gaps: set[str] = set()
    here, step = [lot_id], 0
    while here:
        step += 1
        further: list[str] = []
        for made in here:
            maker = links[made].facility_id
            for key in links[made].made_from:
                link = links.get(key)
                if link is None or key == lot_id:
                    continue
                own = link.facility_id == maker
                if own or (key, maker) in confirmed or (made, key) in bought:
                    if key not in steps:
                        steps[key] = step
                        further.append(key)
                    continue
                gaps.add(made)
                if maker == reader:
                    leaves.setdefault(key, step)
        here = further
    return Open(steps, {k: n for k, n in leaves.items() if k not in steps}, frozenset(gaps))
