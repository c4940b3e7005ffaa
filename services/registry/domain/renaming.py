"""Names of shared catalogues that passports carry: which were corrected since they were told (R32).

What was published says "kg" by its name of that day. A corrected name is told with the passports
that carry it, without another approval: the key, which people approved, stays the same.
"""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Final

from services.registry.domain.catalogues import Catalogue, Row, all_rows, seed

# The catalogues whose names stand in passports: a product's category, a lot's unit and stages.
TOLD: Final = (Catalogue.CATEGORIES, Catalogue.UNITS, Catalogue.STEPS)
# (catalogue, key) → Vietnamese and English name.
Names = Mapping[tuple[str, str], tuple[str, str]]


def present() -> Names:
    """The names that hold today."""
    return {
        (which.value, key): (row.name, row.name_en)
        for which in TOLD
        for key, row in all_rows(which).items()
    }


def first(approved: Iterable[Row]) -> Names:
    """The names under which keys were told first: those of the seeds, else as first approved."""
    found = {
        (which.value, key): (row.name, row.name_en)
        for which in TOLD
        for key, row in seed(which).items()
    }
    for row in approved:
        if row.catalogue in TOLD:
            found.setdefault((row.catalogue.value, row.key), (row.name, row.name_en))
    return found


def corrected(before: Names, after: Names) -> dict[Catalogue, set[str]]:
    """The keys whose names are others now; a key that is new was told by no passport yet."""
    found: dict[Catalogue, set[str]] = {which: set() for which in TOLD}
    for (which, key), name in after.items():
        if before.get((which, key), name) != name:
            found[Catalogue(which)].add(key)
    return found


def digest(names: Names) -> str:
    """What a pass over all passports follows from."""
    text = "\n".join(f"{pair}{name}" for pair, name in sorted(names.items()))
    return sha256(text.encode()).hexdigest()
