"""What the stamps process is told besides what all are."""

from datetime import timedelta

from pydantic import Field

from shared.settings import Settings


class StampsSettings(Settings):
    """`TXNG_PRINT_LEASE_SECONDS`: a print job unheard of for so long is taken up by another."""

    print_lease_seconds: float = Field(30.0, gt=0)

    @property
    def print_lease(self) -> timedelta:
        return timedelta(seconds=self.print_lease_seconds)
