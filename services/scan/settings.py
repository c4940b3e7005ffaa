"""What a scan process is told beside what every process is told."""

from pydantic import Field

from shared.settings import Settings


class ScanSettings(Settings):
    """Bounds of a replica's memory, and of how many invalid codes it answers in earnest."""

    scan_segments_megabytes: int = Field(128, gt=0, description="cached interval maps")
    scan_passports: int = Field(50_000, gt=0, description="cached passports of each kind")
    scan_pages: int = Field(4_000, gt=0, description="pages kept ready but for code and time")
    scan_invalid_per_prefix: int = Field(300, gt=0, description="invalid codes a minute per /24")
    scan_invalid_in_all: int = Field(60_000, gt=0, description="invalid codes a minute, everybody")
    complaint_private_days: int = Field(
        180, ge=1, le=3650, description="days until a reporter's phone number and photo are deleted"
    )
    complaint_days: int = Field(730, ge=1, le=3650, description="days until a report is deleted")
