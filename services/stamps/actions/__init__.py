"""The acts of stamps, one function each: read, decide, write state and events together."""
