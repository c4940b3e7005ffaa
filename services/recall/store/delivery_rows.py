"""Messages as rows, and back: of what a newer version of the program kept, what this one knows."""

from dataclasses import asdict, fields
from typing import Final

from services.recall.domain.contact import Channel
from services.recall.domain.delivery import KEPT, OPEN, Delivery, Message, State
from shared.mongo import Document

_NAMES: Final = frozenset(one.name for one in fields(Delivery))
_MESSAGES: Final = frozenset(str(one) for one in Message)
# What this version can send; the rest is left to the one that wrote it.
SENT_HERE: Final = sorted(_MESSAGES - {str(Message.UNKNOWN)})


def document_of(one: Delivery) -> Document:
    body = asdict(one)
    del body["id"]
    return {
        **body,
        "message": str(one.message),
        "channel": str(one.channel),
        "state": str(one.state),
        "facilities": list(one.facilities),
        "joined": list(one.joined),
        "open": one.state in OPEN,
        "kept_until": one.created_at + KEPT,
    }


def delivery_of(row: Document) -> Delivery:
    """While programs of two versions run, lists show also what only the newer one can send."""
    given = {name: value for name, value in row.items() if name in _NAMES}
    message = row["message"] if row["message"] in _MESSAGES else Message.UNKNOWN
    return Delivery(
        **{
            **given,
            "id": row["_id"],
            "message": Message(message),
            "channel": Channel(row["channel"]),
            "state": State(row["state"]),
            "facilities": tuple(row["facilities"]),
            "joined": tuple(row.get("joined", ())),
        }
    )
