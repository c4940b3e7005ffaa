"""Documents that cannot be read while scans are counted: each costs what hangs on it alone.

Whole spool files are counted in one transaction. Were it to fail for one document that a damaged
disk or another release has left in another form, everybody's scans would wait for that one.
"""

from collections.abc import Callable
from typing import TypeVar

import structlog
from prometheus_client import Counter

from shared.mongo import Document

T = TypeVar("T")

log = structlog.get_logger()
unreadable = Counter(
    "txng_scan_unreadable_documents_total",
    "Documents that could not be read while scans were counted, each time",
    ["collection"],
)


def read(collection: str, document: Document, reading: Callable[[Document], T]) -> T | None:
    """What `reading`, which only computes, makes of a document; None, told in log and figure,
    where it cannot."""
    try:
        return reading(document)
    except Exception as error:
        tell(collection, document, type(error).__name__)
        return None


def tell(collection: str, document: Document, error: str) -> None:
    """That a document cannot be read, in log and figure; never what stands in it."""
    unreadable.labels(collection).inc()
    log.error(
        "a document cannot be read",
        collection=collection,
        id=str(document.get("_id", "")),
        error=error,
    )
