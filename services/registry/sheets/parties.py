"""The chain of a product in sheets: a column for each role, a party a line."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from services.registry.domain.chain import ROLES, Party
from services.registry.sheets.given import lines_of

PARTED: Final = "|"


def field_of(role: str) -> str:
    """The name of a role's column."""
    return f"chain.{role}"


def parties(cells: Mapping[str, Any], known: Iterable[Party]) -> list[tuple[str, Party]] | None:
    """What a row says of the chain, with the column of each; None if it has no such column.

    A line is a facility's code, or `name | address`. Roles without a column stay as they are known.
    """
    told = [role for role in ROLES if field_of(role) in cells]
    if not told:
        return None
    found = [(field_of(one.role), one) for one in known if one.role not in told]
    for role in told:
        for line in lines_of(str(cells[field_of(role)] or "")):
            name, bar, address = (part.strip() for part in line.partition(PARTED))
            party = Party(role, name=name, address=address) if bar else Party(role, code=name)
            found.append((field_of(role), party))
    return found


def cells_of(chain: Iterable[Party]) -> dict[str, tuple[str, ...]]:
    """The cells that tell of a chain; `parties` reads them back."""
    lines: dict[str, list[str]] = {field_of(role): [] for role in ROLES}
    for one in chain:
        text = one.code if one.facility_id else f"{one.name} {PARTED} {one.address}"
        lines[field_of(one.role)].append(text)
    return {name: tuple(rows) for name, rows in lines.items()}
