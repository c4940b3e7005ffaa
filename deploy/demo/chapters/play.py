"""What the chapters of the story share."""

from collections.abc import Awaitable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from deploy.demo.acts import Cast
from deploy.demo.client import Api, Refused
from deploy.demo.stage import Stage

# Of the thousand stamps: for the lot, for another lot, for one made from the first.
FIRST, OTHER, DERIVED = (0, 499), (600, 699), (700, 749)
# Serials count from 0, so this is the five hundred and first.
NOT_ACTIVATED = 500
# Communes that phones tell, once each: An Sinh, Hạ Long, Vân Đồn.
PLACES = ("07090", "06688", "06994")


@dataclass
class Play:
    """Everything the chapters share."""

    stage: Stage
    api: Api
    cast: Cast
    replicas: dict[str, str]
    folder: Path
    today: date
    picture: bytes
    before: Any = None
    product_id: str = ""
    name: str = ""
    lot_id: str = ""
    other_lot_id: str = ""
    batch: int = 0
    codes: dict[str, str] = field(default_factory=dict)
    case_id: str = ""

    @property
    def ways(self) -> dict[str, str]:
        """Where a code is looked up: through nginx, and at each replica's own port."""
        return {"nginx": "", **self.replicas}


async def refusal(doing: Awaitable[Any]) -> Refused:
    """What an act was refused with; a Refused of status 0 if it was not refused at all."""
    try:
        await doing
    except Refused as refused:
        return refused
    return Refused("", 0, "", "it was allowed")
