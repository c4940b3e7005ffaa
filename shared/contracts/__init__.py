"""Every event that crosses a service border, defined once: a module or folder per publisher."""

from shared.contracts.event import Event, decode, encode, event_type_of

__all__ = ["Event", "decode", "encode", "event_type_of"]
