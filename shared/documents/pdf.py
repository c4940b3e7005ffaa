"""An official document as PDF, drawn by Typst in a confined process of its own.

`python -m shared.documents.pdf` reads its data from stdin and writes the PDF to stdout: without
network or privileges, within little memory and time. What people wrote comes as data, never as
markup; the template can open no file. The letters are Libertinus Serif, which Typst brings along
(OFL): of the kind of Times, with every Vietnamese letter.
"""

import asyncio
import json
import sys
import tempfile
from pathlib import Path
from typing import Final

from shared.documents.official import Official
from shared.errors import Kind, Refusal

ROOT: Final = Path(__file__).resolve().parents[2]
TEMPLATE: Final = Path(__file__).with_name("official.typ")
SECONDS: Final = 60
NO_TIME: Final = 946_684_800
# One at a time in a process of ours: each takes a core.
_drawing = asyncio.Semaphore(1)


class DocumentNotDrawn(Refusal):
    code = "document_not_drawn"
    kind = Kind.UNAVAILABLE
    message = "Chưa tạo được tệp PDF lúc này. Hãy thử lại, hoặc tải tệp Word (DOCX)."


async def pdf(document: Official, *, seconds: float = SECONDS) -> bytes:
    """The file. Raises DocumentNotDrawn where that takes too long or fails."""
    told = json.dumps(document.told(), ensure_ascii=False).encode()
    async with _drawing:
        # Nothing lies below the root that the process is given, so that no path leads anywhere.
        with tempfile.TemporaryDirectory(prefix="txng-document-") as empty:
            code, made = await _drawn(told, empty, seconds)
    if code or not made.startswith(b"%PDF-"):
        raise DocumentNotDrawn()
    return made


async def _drawn(told: bytes, empty: str, seconds: float) -> tuple[int | None, bytes]:
    drawing = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "shared.documents.pdf", empty),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        cwd=ROOT,
    )
    try:
        made, _ = await asyncio.wait_for(drawing.communicate(told), seconds)
    except TimeoutError as error:
        raise DocumentNotDrawn() from error
    finally:
        if drawing.returncode is None:
            drawing.kill()
            await drawing.wait()
    return drawing.returncode, made


def main() -> None:
    # All of it is loaded before the confinement: afterwards the environment may be out of reach.
    import typst  # noqa: PLC0415 - a large library that only this process needs

    from shared.pictures.confining import confine  # noqa: PLC0415

    told, empty = sys.stdin.buffer.read().decode(), sys.argv[1]
    source = TEMPLATE.read_bytes()
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)
    confine()
    # The same document is the same bytes, whenever it is drawn.
    made: bytes = typst.compile(  # type: ignore[type-var]  # takes bytes, says sequences
        source, root=empty, font_paths=fonts, sys_inputs={"document": told}, timestamp=NO_TIME
    )
    sys.stdout.buffer.write(made)


if __name__ == "__main__":
    main()
