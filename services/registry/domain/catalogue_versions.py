"""Versions of a shared catalogue: the seed is 0, each approved change makes the next (R32)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from services.registry.domain.catalogue_changes import Change
from services.registry.domain.catalogues import Catalogue, Row, seed
from shared.errors import Kind, Refusal

RETIRED: Final = "retired"


class NoSuchVersion(Refusal):
    code = "no_such_version"
    kind = Kind.INVALID
    message = "Danh mục có các phiên bản từ 0 đến {last}. Hãy chọn một phiên bản trong đó."


@dataclass(frozen=True, slots=True)
class Version:
    """`number` counts approvals; what the change says holds from its `valid_from` on."""

    number: int
    change: Change


@dataclass(frozen=True, slots=True)
class Difference:
    """One row that differs: a side is None where the row was not there. `fields` name what does."""

    key: str
    before: Row | None
    after: Row | None
    fields: tuple[str, ...] = field(default=())


def versions(approved: Sequence[Change]) -> list[Version]:
    """Of a catalogue's approved changes, in the order of their approval."""
    return [Version(number, change) for number, change in enumerate(approved, 1)]


def rows_of(catalogue: Catalogue, approved: Sequence[Change], number: int) -> dict[str, Row]:
    """The rows as version `number` says them, whether or not its day has come."""
    if not 0 <= number <= len(approved):
        raise NoSuchVersion("version", last=len(approved))
    return _over(catalogue, approved[:number])


def rows_on(catalogue: Catalogue, approved: Sequence[Change], day: date) -> dict[str, Row]:
    """The rows that hold on a day: what begins later comes over what began earlier."""
    begun = [one for one in approved if one.valid_from <= day]
    return _over(catalogue, sorted(begun, key=lambda one: one.valid_from))


def _over(catalogue: Catalogue, changes: Iterable[Change]) -> dict[str, Row]:
    found = dict(seed(catalogue))
    for change in changes:
        found[change.key] = change.row()
    return found


def difference(before: Mapping[str, Row], after: Mapping[str, Row]) -> list[Difference]:
    """Rows that came, went out of use or say something else, by key."""
    found = []
    for key in sorted({*before, *after}):
        old, new = before.get(key), after.get(key)
        names = _differing(old, new)
        if names:
            found.append(Difference(key, old, new, names))
    return found


def _differing(old: Row | None, new: Row | None) -> tuple[str, ...]:
    one, other = old.values if old else {}, new.values if new else {}
    names = [
        name for name in dict.fromkeys((*one, *other)) if one.get(name, "") != other.get(name, "")
    ]
    if (old is not None and old.retired) != (new is not None and new.retired):
        names.append(RETIRED)
    return tuple(names)
