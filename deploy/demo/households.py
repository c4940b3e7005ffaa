"""Households of the demo's areas by name: invented, always the same, none of them published."""

from itertools import product
from random import Random
from typing import Any

from deploy.demo.records import GrowingArea

FEWEST, MOST = 2, 60
SHARE = 0.94
FAMILIES = ("Nguyễn", "Trần", "Phạm", "Hoàng", "Vũ", "Bùi", "Đặng", "Lương", "Chíu", "Tằng")
MIDDLE = ("Văn", "Thị", "Đức", "Thúy", "Quang")
GIVEN = ("An", "Bình", "Cúc", "Dậu", "Hạnh", "Khởi", "Lan", "Mơ", "Sáu", "Thắm", "Tuyến", "Xuân")


def of(area: GrowingArea) -> list[dict[str, Any]]:
    """By name with their share of the land; none where they are very many, or fish at sea."""
    if area.kind == "fishing" or not FEWEST <= area.households <= MOST:
        return []
    chance = Random(area.code)  # noqa: S311 - chance for looks, not for secrets
    names = chance.sample([" ".join(parts) for parts in product(FAMILIES, MIDDLE, GIVEN)], MOST)
    parts = [chance.uniform(0.6, 1.4) for _ in range(area.households)]
    usual = area.area_ha * SHARE / sum(parts)
    return [
        {"name": f"Hộ {name}", "area_hectares": f"{max(part * usual, 0.01):.2f}"}
        for name, part in zip(names, parts, strict=False)
    ]
