"""What was used on a lot, as part of the lot's document."""

from datetime import date

from services.recall.domain.target import Target
from services.recall.domain.used import InputUse, folded_number
from shared.contracts.registry import InputUsed
from shared.mongo import Document


def used_document(told: InputUsed) -> Document:
    """With the names that a target may mean it by, and its number as numbers are compared."""
    use = InputUse(
        key=told.key,
        kind=told.kind,
        name=told.name,
        active_substance=told.active_substance,
        lot_number=told.lot_number,
        first=told.first,
        last=told.last,
    )
    return {
        "key": use.key,
        "kind": use.kind,
        "name": use.name,
        "active_substance": use.active_substance,
        "lot_number": use.lot_number,
        "first": use.first.isoformat(),
        "last": use.last.isoformat(),
        "names": list(use.names),
        "number": use.number,
    }


def used_of(document: Document) -> InputUse:
    return InputUse(
        key=document["key"],
        kind=document["kind"],
        name=document["name"],
        active_substance=document["active_substance"],
        lot_number=document["lot_number"],
        first=date.fromisoformat(document["first"]),
        last=date.fromisoformat(document["last"]),
    )


def use_wanted(target: Target) -> Document:
    """The filter for one use of an input that a target means."""
    wanted: Document = {"names": target.id}
    if target.number:
        wanted["number"] = folded_number(target.number)
    if target.until is not None:
        wanted["first"] = {"$lte": target.until.isoformat()}
    if target.since is not None:
        wanted["last"] = {"$gte": target.since.isoformat()}
    return wanted
