"""How the story is told: each step with what it took, each claim with whether it held."""

import sys
import time
from collections.abc import Awaitable
from typing import TypeVar

T = TypeVar("T")


class ClaimFailed(Exception):
    """Something did not come about as told."""


class Stage:
    """Prints as the story goes on; `claims` counts those that held."""

    def __init__(self) -> None:
        self.claims = 0

    def scene(self, title: str) -> None:
        _print(f"\n{title}")

    async def step(self, what: str, doing: Awaitable[T]) -> T:
        """Do something and tell how long the answer took."""
        began = time.perf_counter()
        done = await doing
        self.took(what, 1000 * (time.perf_counter() - began))
        return done

    def took(self, what: str, milliseconds: float) -> None:
        _print(f"  {milliseconds:7.1f} ms  {what}")

    def claim(self, holds: object, what: str, instead: object = "") -> None:
        """Raises ClaimFailed unless it holds; `instead` is what was found."""
        if not holds:
            raise ClaimFailed(f"{what}: NOT SO{f', but {instead}' if instead else ''}")
        self.claims += 1
        _print(f"           ✓  {what}")

    def note(self, what: str) -> None:
        _print(f"              {what}")


def _print(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
