"""Documents that an earlier version wrote without what searches go by."""

from collections.abc import Iterable

from services.registry.domain.records import Aggregate
from services.registry.store.codec import COLLECTIONS, from_document, to_document
from shared.mongo import Database, Document


def is_complete(kind: Aggregate, document: Document) -> bool:
    """Whether a document has all that a table needs of it."""
    derived = document.get("derived", {})
    return (
        all(name in derived for name in ("words", "public_words", "listed", "public_name"))
        and "words" in document["owner"]
        and (kind is not Aggregate.FACILITY or "facility" in derived)
    )


async def derive(db: Database, kind: Aggregate, ids: Iterable[str]) -> None:
    """Write what is missing, as it follows from the rest; a change meanwhile writes it itself."""
    rows = db.collection(COLLECTIONS[kind])
    for record_id in ids:
        document = await rows.find_one({"_id": record_id})
        if document is not None:
            whole = to_document(from_document(kind, document))
            await rows.update_one(
                {"_id": record_id, "version": document["version"]},
                {"$set": {"derived": whole["derived"], "owner": whole["owner"]}},
            )
