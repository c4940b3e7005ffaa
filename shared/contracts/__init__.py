"""Every event that crosses a service border, one module per publisher: the only definition."""

from shared.contracts.event import Event, decode, encode, event_type_of

__all__ = ["Event", "decode", "encode", "event_type_of"]
