"""The drawing process as the print worker has it: begun, asked for parts, ended."""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from services.stamps import drawing
from services.stamps.domain.printing import Failure
from services.stamps.drawing import Answer, Wanted
from services.stamps.printing.pdf import Fragment

_ROOT = Path(__file__).resolve().parents[2]
# A line holds the offsets of all pages of a file.
_LONGEST_LINE = 64 * 1024 * 1024
_FAILURES: dict[int, Failure] = {
    drawing.IMPOSSIBLE: "impossible",
    drawing.UNREADABLE: "unreadable",
}


class CannotDraw(Exception):
    """The order can never be drawn, or what was drawn cannot be read: `failure` says which."""

    def __init__(self, failure: Failure, why: str) -> None:
        super().__init__(why)
        self.failure: Failure = failure


class Drawer:
    """A process at work on one order; `parts` are the stamps of each part of its file."""

    def __init__(self, process: Process, folder: Path) -> None:
        self.recipe = ""
        self.parts: list[int] = []
        self._process = process
        self._folder = folder

    async def begin(self, order: drawing.Order) -> None:
        await self._send(msgspec.json.encode(order))
        first = await self._answer()
        self.recipe, self.parts = first.recipe, first.parts

    async def part(self, number: int, tell: Callable[[int], None]) -> tuple[Path, Fragment]:
        """The file of one part, good until the next is asked for, and what is known of it."""
        path = self._folder / "part"
        await self._send(msgspec.json.encode(Wanted(str(path), number)))
        while True:
            answer = await self._answer()
            if answer.fragment is not None:
                written = path.stat().st_size
                if written != answer.fragment.length:
                    raise RuntimeError(f"{written} bytes of {answer.fragment.length} were written")
                return path, answer.fragment
            tell(answer.done)

    async def ends(self, fragments: Sequence[Fragment]) -> tuple[bytes, bytes]:
        """What stands before and behind all parts."""
        path = self._folder / "ends"
        await self._send(msgspec.json.encode(Wanted(str(path), fragments=list(fragments))))
        told = await self._answer()
        both = path.read_bytes()
        if len(both) != told.before + told.behind:
            raise RuntimeError(f"{len(both)} bytes of {told.before} and {told.behind} were written")
        return both[: told.before], both[told.before :]

    async def _send(self, line: bytes) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + b"\n")
        try:
            await self._process.stdin.drain()
        except ConnectionError:
            await self._ended()

    async def _answer(self) -> Answer:
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        if not line:
            await self._ended()
        return msgspec.json.decode(line, type=Answer)

    async def _ended(self) -> None:
        """It ended before its time: raise what it said."""
        assert self._process.stderr is not None
        said = (await self._process.stderr.read()).decode(errors="replace")
        status = await self._process.wait()
        if failure := _FAILURES.get(status):
            raise CannotDraw(failure, said.strip())
        raise RuntimeError(f"drawing ended with {status}: {said}")


@asynccontextmanager
async def drawer(order: drawing.Order, folder: Path) -> AsyncIterator[Drawer]:
    """The process, ended at the latest when the block is left. Raises CannotDraw."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", drawing.__name__),
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
        cwd=_ROOT,
        limit=_LONGEST_LINE,
    )
    try:
        found = Drawer(process, folder)
        await found.begin(order)
        yield found
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
