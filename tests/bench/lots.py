"""Lots as the database has them, written without the act that publishes them."""

from datetime import datetime
from typing import Any

from services.registry.domain.lot import Lot
from services.registry.domain.records import Aggregate, Author, Owner, Record, State
from services.registry.store.codec import to_document


def published(lot_id: str, content: Lot, owner: Owner, at: datetime) -> dict[str, Any]:
    record = Record(
        id=lot_id,
        aggregate=Aggregate.LOT,
        version=1,
        state=State.PUBLISHED,
        code=content.code,
        owner=owner,
        draft=None,
        published=content,
        created_at=at,
        updated_at=at,
        editors=(Author("a", "A", "facility", "u"),),
    )
    return to_document(record)
