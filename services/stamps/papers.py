"""What a print job is printed on: its layout, and the sheets of it."""

from services.stamps.domain.printing import PrintJob, Span
from services.stamps.printing.formats import FORMATS
from services.stamps.printing.layouts import Layout, layout
from services.stamps.printing.templates import TEMPLATES


def layout_of(job: PrintJob) -> Layout:
    """Raises KeyError or DoesNotFit where the size or the paper is no more."""
    return layout(TEMPLATES[job.size], FORMATS[job.format])


def sheets_of(job: PrintJob) -> int:
    return layout_of(job).sheets(job.total, job.used)


def serials_on(job: PrintJob, first_sheet: int, last_sheet: int) -> Span:
    """The serials on these sheets of a job, which it has."""
    count = layout_of(job).places.count
    first = max(0, (first_sheet - 1) * count - job.used)
    end = min(job.total, last_sheet * count - job.used)
    return job.first + first, job.first + end - 1
