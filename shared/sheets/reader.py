"""Runs the reading of a file in its own limited process, and hands on what it says."""

import sys
from asyncio.subprocess import PIPE, create_subprocess_exec
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import msgspec

from shared.sheets.limits import REFUSALS, FileUnreadable

ROOT = Path(__file__).resolve().parents[2]
_LINE = 20_000_000


async def lines(file: Path, *beside: str) -> AsyncGenerator[Any]:
    """The lines of `reading`, with those of sheets named `beside`; raises its refusals.

    A reader that died could not read the file.
    """
    process = await create_subprocess_exec(
        sys.executable,
        "-m",
        "shared.sheets.reading",
        str(file),
        *beside,
        stdout=PIPE,
        cwd=ROOT,
        limit=_LINE,
    )
    assert process.stdout is not None
    try:
        async for line in process.stdout:
            found = msgspec.json.decode(line)
            if isinstance(found, dict) and "refused" in found:
                raise REFUSALS[found["refused"]]("file", **found["params"])
            yield found
        if await process.wait() != 0:
            raise FileUnreadable("file")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
