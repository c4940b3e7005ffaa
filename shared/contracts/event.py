"""The envelope all events share: CloudEvents 1.0 attributes, JSON, and the aggregate's version."""

from datetime import datetime
from typing import Any, ClassVar, Self

import msgspec
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.ids import new_id

SPEC_VERSION = "1.0"
_ENVELOPE = ("id", "subject", "version", "time", "traceparent", "number")
_types: dict[str, type["Event"]] = {}


class Fact(BaseModel):
    """A part of an event. Unknown fields are ignored on reading, so that additions stay `v1`."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Event(Fact):
    """A fact in the past tense. Its class is its type; its type is its routing key.

    `subject` is the aggregate's id and `version` the aggregate's version after the fact, starting
    at 1. `number` is the event's place in its publisher's feed, given by the relay after the
    commit; None only for events that pass by the outbox (a replica's receipts).
    """

    type: ClassVar[str] = ""
    publisher: ClassVar[str] = ""
    # A count made anew from other facts: nobody did it, so the ledger of acts leaves it out.
    derived: ClassVar[bool] = False

    id: str = Field(default_factory=new_id)
    subject: str
    version: int = Field(ge=1)
    time: AwareDatetime
    traceparent: str | None = None
    number: int | None = None

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if cls.type:
            if _types.setdefault(cls.type, cls) is not cls:
                raise TypeError(f"two event classes claim the type {cls.type}")
            cls.publisher = cls.type.split(".", 1)[0]

    @classmethod
    def read(cls, value: dict[str, Any]) -> Self:
        """The event of an opened envelope; raises Undecodable."""
        data = value.get("data")
        if not isinstance(data, dict):
            raise Undecodable("no data")
        attributes = {name: value[name] for name in _ENVELOPE if name in value}
        try:
            return cls.model_validate({**data, **attributes})
        except ValueError as error:
            raise Undecodable(str(error)) from error

    @property
    def urgent(self) -> bool:
        """Whether live readers are told at the commit, without waiting for the feed's number.

        Only for what may be applied alone and in any order, and does nothing but warn.
        """
        return False

    def data(self) -> dict[str, Any]:
        """The fact itself, without the envelope, in JSON types."""
        return self.model_dump(mode="json", exclude=set(_ENVELOPE))


def event_type_of(name: str) -> type[Event] | None:
    """The class of an event type, or None for one this process does not know."""
    return _types.get(name)


def known_types() -> dict[str, type[Event]]:
    """All event classes imported so far, by type."""
    return dict(_types)


def envelope(event: Event) -> dict[str, Any]:
    """The CloudEvents JSON object of an event (structured mode, without its feed number)."""
    attributes: dict[str, Any] = {
        "specversion": SPEC_VERSION,
        "id": event.id,
        "source": f"/{event.publisher}",
        "type": event.type,
        "subject": event.subject,
        "time": event.time.isoformat(),
        "datacontenttype": "application/json",
        "version": event.version,
        "data": event.data(),
    }
    if event.traceparent:
        attributes["traceparent"] = event.traceparent
    return attributes


def encode(event: Event) -> bytes:
    """The bytes that go on the bus."""
    body = envelope(event)
    if event.number is not None:
        body["number"] = event.number
    return msgspec.json.encode(body)


class Undecodable(ValueError):
    """The bytes are no event this system could ever understand: park them at once."""


def open_envelope(body: bytes) -> dict[str, Any]:
    """The envelope as a dictionary, its attributes checked; raises Undecodable."""
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Undecodable(f"not JSON: {error}") from error
    if not isinstance(value, dict) or value.get("specversion") != SPEC_VERSION:
        raise Undecodable("not a CloudEvents 1.0 object")
    if not isinstance(value.get("type"), str) or not isinstance(value.get("id"), str):
        raise Undecodable("no type or no id")
    return value


def from_envelope(value: dict[str, Any]) -> Event | None:
    """The typed event of an envelope; None for a type this process does not know."""
    cls = _types.get(value["type"])
    if cls is None:
        return None
    return cls.read(value)


def decode(body: bytes) -> Event | None:
    """The typed event of some bytes; None for an unknown type; raises Undecodable."""
    return from_envelope(open_envelope(body))


def as_instant(text: str) -> datetime:
    """An ISO 8601 time of an envelope as an aware instant."""
    return datetime.fromisoformat(text)
