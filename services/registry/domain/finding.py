"""What a check of truth found amiss in a lot (R21)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from services.registry.domain.catalogues import Catalogue, all_rows


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing amiss. `check` is its row in the catalogue of checks."""

    check: str
    message: str
    remedy: str
    params: Mapping[str, object] = field(default_factory=dict, hash=False)

    @property
    def effect(self) -> str:
        return all_rows(Catalogue.CHECKS)[self.check].values["effect"]

    @property
    def blocks(self) -> bool:
        return self.effect == "block"


def limit_of(check: str) -> Decimal | None:
    """The figure that the catalogue gives for a check, None without one."""
    return all_rows(Catalogue.CHECKS)[check].number("limit")
