"""Decoders under the GPL: programs of their own that run confined."""
