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
    snapshot_seconds: int = Field(
        60, ge=1, le=86_400, description="from one snapshot for offline checks to the next"
    )
    snapshot_megabytes: int = Field(
        4, ge=1, le=12, description="what a snapshot for offline checks may take at most"
    )
    snapshot_hours: int = Field(
        24, ge=1, le=720, description="hours after which a snapshot is too old to rely on"
    )
