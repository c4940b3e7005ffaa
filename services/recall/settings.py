"""What the recall process is told besides what all are."""

from pydantic import Field

from services.recall.domain.terms import Cap
from shared.settings import Settings


class RecallSettings(Settings):
    """`TXNG_RECALL_CAP_STAMPS`, `TXNG_RECALL_CAP_LOTS`: above either, two people must agree."""

    recall_cap_stamps: int = Field(100_000, ge=0)
    recall_cap_lots: int = Field(500, ge=0)

    @property
    def cap(self) -> Cap:
        return Cap(stamps=self.recall_cap_stamps, lots=self.recall_cap_lots)
