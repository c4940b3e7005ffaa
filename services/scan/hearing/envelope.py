"""An event as it arrives, its data unread until somebody needs it: most are only ticked off."""

from typing import Any

import msgspec

from shared.contracts.event import Event, Undecodable, event_type_of


class Envelope(msgspec.Struct, gc=False):
    """The CloudEvents attributes a reader of feeds goes by.

    `number` is the place in the feed; 0 in a copy that was sent ahead of it.
    """

    id: str
    type: str
    subject: str
    version: int
    time: str
    data: msgspec.Raw
    number: int = 0
    traceparent: str | None = None

    @property
    def publisher(self) -> str:
        return self.type.split(".", 1)[0]

    def event(self) -> Event:
        """The typed event; raises Undecodable, also for a type this process does not know."""
        cls = event_type_of(self.type)
        if cls is None:
            raise Undecodable(f"unknown type {self.type}")
        value: dict[str, Any] = {
            "id": self.id,
            "subject": self.subject,
            "version": self.version,
            "time": self.time,
            "number": self.number,
            "traceparent": self.traceparent,
            "data": msgspec.json.decode(self.data),
        }
        return cls.read(value)


class FeedAnswer(msgspec.Struct):
    """One page of a publisher's feed. `taken_in` is recall's: what its genealogy holds."""

    publisher: str
    head: int
    events: list[Envelope]
    more: bool
    taken_in: dict[str, int] = {}


_envelopes = msgspec.json.Decoder(Envelope)
_answers = msgspec.json.Decoder(FeedAnswer)


def open_one(body: bytes) -> Envelope:
    """The envelope of a message; raises Undecodable."""
    try:
        return _envelopes.decode(body)
    except msgspec.MsgspecError as error:
        raise Undecodable(str(error)) from error


def open_answer(body: bytes) -> FeedAnswer:
    """The answer of a feed; raises Undecodable."""
    try:
        return _answers.decode(body)
    except msgspec.MsgspecError as error:
        raise Undecodable(str(error)) from error
