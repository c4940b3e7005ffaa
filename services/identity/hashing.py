"""Passwords as argon2id hashes, computed by few threads so that a flood of sign-ins stays outside.

19 MiB, two passes: OWASP's password storage cheat sheet (ASVS 5.0, 11.4.2).
"""

import asyncio
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from shared.errors import Kind, Refusal

T = TypeVar("T")

MEMORY_KIB = 19 * 1024
PASSES = 2
NICENESS = 10


class TooManySignIns(Refusal):
    code = "too_many_sign_ins"
    kind = Kind.UNAVAILABLE
    message = "Đang có quá nhiều người đăng nhập cùng lúc. Hãy thử lại sau vài giây."


class Hasher:
    """Hashes and checks passwords. `waiting` bounds how many may stand in line."""

    def __init__(self, *, threads: int = 1, waiting: int = 64) -> None:
        self._argon2 = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=1)
        self._pool = ThreadPoolExecutor(threads, "password", initializer=_step_back)
        self._longest = threads + waiting
        self._line = 0
        # Checked where there is no account or no password, so that both take as long.
        self._nobody = self._argon2.hash(os.urandom(16).hex())

    async def hash(self, password: str) -> str:
        """The PHC string to keep; raises TooManySignIns."""
        return await self._run(lambda: self._argon2.hash(password))

    async def matches(self, password_hash: str, password: str) -> bool:
        """Whether it is the password; without a hash it takes as long and is not."""
        return await self._run(lambda: self._matches(password_hash or self._nobody, password))

    def outdated(self, password_hash: str) -> bool:
        """Whether the hash was made at another cost than today's."""
        return self._argon2.check_needs_rehash(password_hash)

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _matches(self, password_hash: str, password: str) -> bool:
        try:
            return self._argon2.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, work: Callable[[], T]) -> T:
        if self._line >= self._longest:
            raise TooManySignIns(retry_after=2)
        self._line += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._line -= 1


def _step_back() -> None:
    """On Linux a thread has a niceness of its own: pages and scans go first."""
    with suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
