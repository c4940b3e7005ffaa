"""What the recall process is told besides what all are."""

from pathlib import Path

from pydantic import Field

from services.recall.courier.settings import WebhookSettings
from services.recall.domain.terms import Cap
from shared.working_days import Calendar, calendar_of


class RecallSettings(WebhookSettings):
    """`TXNG_RECALL_CAP_STAMPS`, `TXNG_RECALL_CAP_LOTS`: above either, two people must agree.

    `TXNG_WORKING_DAYS_FILE`: years of the working calendar beside, or in the place of, those that
    the program comes with (shared/working_days.toml).
    """

    recall_cap_stamps: int = Field(100_000, ge=0)
    recall_cap_lots: int = Field(500, ge=0)

    working_days_file: Path | None = None

    @property
    def calendar(self) -> Calendar:
        """Raises ValueError where the file is wrong."""
        return calendar_of(self.working_days_file)

    @property
    def cap(self) -> Cap:
        return Cap(stamps=self.recall_cap_stamps, lots=self.recall_cap_lots)
