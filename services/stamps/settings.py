"""What the stamps process is told besides what all are."""

from datetime import timedelta
from pathlib import Path

from pydantic import Field

from shared.settings import Settings


class StampsSettings(Settings):
    """`TXNG_PRINT_LEASE_SECONDS`: a print job unheard of for so long is taken up by another.

    `TXNG_LOG_ORIGIN`: the name of the transparency log, else that of the public origin and "/log";
    `TXNG_LOG_CHECKPOINT_FILE`: its newest checkpoint outside the database.
    """

    print_lease_seconds: float = Field(30.0, gt=0)
    log_origin: str = Field("", pattern=r"^[!-*,-~]{0,100}$")
    log_checkpoint_file: Path | None = None

    @property
    def print_lease(self) -> timedelta:
        return timedelta(seconds=self.print_lease_seconds)
