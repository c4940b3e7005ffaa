"""The tiers of the administration as tiers.toml gives them, or the file that an installation names
by `TXNG_TIERS_FILE` (R1, R2): a copy of it with the district tier turned on, for instance."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DELIVERED = Path(__file__).parent / "tiers.toml"
VARIABLE = "TXNG_TIERS_FILE"


@dataclass(frozen=True, slots=True)
class Tier:
    """One tier; tiers.toml explains the fields."""

    name: str
    labels: Mapping[str, str]
    under: tuple[str, ...]
    kinds: tuple[str, ...]
    password: int
    document: bool
    second_factor: bool
    enabled: bool
    facility: bool

    def label(self, lang: str) -> str:
        """The tier's name in a language, Vietnamese where it has none."""
        return self.labels.get(lang, self.labels["vi"])


@cache
def tiers() -> Mapping[str, Tier]:
    """All tiers by name, from the top down; read once."""
    named = os.environ.get(VARIABLE, "")
    path = Path(named) if named else DELIVERED
    text = path.read_text(encoding="utf-8")
    return {name: _tier(name, given) for name, given in tomllib.loads(text).items()}


def _tier(name: str, given: Mapping[str, object]) -> Tier:
    labels = {
        key.removeprefix("label_"): str(text)
        for key, text in given.items()
        if key.startswith("label_")
    }
    under, kinds = given["under"], given["kinds"]
    assert isinstance(under, list)
    assert isinstance(kinds, list)
    return Tier(
        name=name,
        labels={**labels, "vi": str(given["label"])},
        under=tuple(under),
        kinds=tuple(kinds),
        password=int(str(given["password"])),
        document=bool(given["document"]),
        second_factor=bool(given["second_factor"]),
        enabled=bool(given["enabled"]),
        facility=bool(given.get("facility", False)),
    )
