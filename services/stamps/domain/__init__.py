"""Rules of stamps, without any input or output."""
