"""Units of communes that are merged, as identity tells of them."""

from typing import Any

from services.registry.domain.communes import communes
from services.registry.domain.merging import CommuneUnit, Merged, merged
from shared.contracts.identity import UnitPublished
from shared.ids import now
from tests.registry import builders

A, B, C = builders.COMMUNE, builders.OTHER_COMMUNE, "06862"


def unit(place: str, *codes: str, into: str = "", version: int = 1, **more: Any) -> UnitPublished:
    told: dict[str, Any] = {"name": f"Ủy ban nhân dân {place}", "tier": "commune", **more}
    return UnitPublished(
        subject=f"xa-{place}", version=version, time=now(), path=("tinh", f"xa-{place}"),
        communes=codes, active=not into, successor_id=f"xa-{into}" if into else None, **told,
    )  # fmt: skip


# A is merged into B, which gets a new name, and B into C, which keeps its.
BEFORE = [unit("A", A), unit("B", B), unit("C", C)]
FIRST = [unit("A", A, into="B", version=2), unit("B", B, A, version=2, name="UBND phường Hạ Mới")]
THEN = [
    unit("B", B, A, into="C", version=3),
    unit("C", C, B, A, version=2, name=f"UBND {communes()[C].name.lower()}"),
]


def known(*events: UnitPublished) -> Merged:
    newest: dict[str, UnitPublished] = {}
    for one in events:
        if one.subject not in newest or newest[one.subject].version < one.version:
            newest[one.subject] = one
    return merged(
        (
            CommuneUnit(one.subject, one.name, one.communes, one.successor_id or "")
            for one in newest.values()
        ),
        communes(),
    )
