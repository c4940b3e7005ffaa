"""What a bench says while it measures."""

import sys


def say(line: str) -> None:
    """Line by line, whatever reads it: a measurement takes minutes."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
