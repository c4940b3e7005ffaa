"""Writes a PDF object by object to a file that need not be seekable, and keeps only offsets.

A print job may have thousands of sheets; libraries that draw PDFs hold all of them until the end.
Pages can be written apart, as fragments of the file, and adopted later: a page is always
`OF_PAGE` objects, so the number of every object is known before what stands before it is drawn.
"""

import hashlib
import zlib
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final

# Object numbers that everything refers to before they are written, at the end.
CATALOG, PAGES, INFO, RESOURCES = 1, 2, 3, 4
_FIRST_FREE = 5
OF_PAGE: Final = 2


@dataclass(frozen=True)
class Fragment:
    """Pages that were written apart: `length` bytes, and where in them every object begins."""

    length: int
    offsets: Sequence[int]
    digest: str


class FragmentWriter:
    """Writes pages whose objects are numbered from `first` on."""

    def __init__(self, out: BinaryIO, first: int) -> None:
        self._out = out
        self._first = first
        self._position = 0
        self._offsets = array("Q")
        self._digest = hashlib.blake2b(digest_size=16)

    def add(self, body: bytes) -> int:
        """Write one object; returns its number."""
        self._offsets.append(self._position)
        number = self._first + len(self._offsets) - 1
        self._write(_object(number, body))
        return number

    def add_page(self, content: bytes, width: float, height: float) -> None:
        """Write one page of `width` by `height` points that uses the shared resources."""
        stream = self.add(_stream(content))
        page = (
            f"<< /Type /Page /Parent {PAGES} 0 R /Resources {RESOURCES} 0 R"
            f" /MediaBox [0 0 {width:.4f} {height:.4f}] /Contents {stream} 0 R >>"
        )
        self.add(page.encode("ascii"))

    def finished(self) -> Fragment:
        return Fragment(self._position, list(self._offsets), self._digest.hexdigest())

    def _write(self, data: bytes) -> None:
        self._out.write(data)
        self._digest.update(data)
        self._position += len(data)


class PdfFile:
    """One PDF 1.7 document in the making. Call `finish` exactly once, at the end."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._position = 0
        self._offsets = array("Q", [0] * _FIRST_FREE)
        self._page_numbers = array("L")
        self._digest = hashlib.blake2b(digest_size=16)
        # The comment of four high bytes tells transfer programs that this is no text.
        self._write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")

    @property
    def next_number(self) -> int:
        return len(self._offsets)

    def add(self, body: bytes, number: int | None = None) -> int:
        """Write one object; returns its number, the next free one unless it was given."""
        if number is None:
            number = len(self._offsets)
            self._offsets.append(0)
        self._offsets[number] = self._position
        self._write(_object(number, body))
        return number

    def add_stream(self, content: bytes, entries: str = "") -> int:
        """Write one compressed stream with further dictionary entries; returns its number."""
        return self.add(_stream(content, entries))

    def write_to(self, out: BinaryIO) -> None:
        """From now on; what was written so far lies elsewhere."""
        self._out = out

    def leave_out(self, pages: int) -> None:
        """Let pages be, that would stand here: their numbers stay free."""
        self._offsets.extend([0] * OF_PAGE * pages)

    def adopt(self, part: Fragment) -> None:
        """Take in pages that were numbered from `next_number` on, and lie behind what there is."""
        first = self.next_number
        self._offsets.extend(self._position + offset for offset in part.offsets)
        self._page_numbers.extend(range(first + OF_PAGE - 1, self.next_number, OF_PAGE))
        self._digest.update(part.digest.encode("ascii"))
        self._position += part.length

    def finish(self, *, title: str, language: str, resources: str) -> None:
        """Write what the pages refer to and the table of offsets."""
        self.add(resources.encode("ascii"), RESOURCES)
        kids = " ".join(f"{number} 0 R" for number in self._page_numbers)
        pages = f"<< /Type /Pages /Count {len(self._page_numbers)} /Kids [{kids}] >>"
        self.add(pages.encode("ascii"), PAGES)
        # Symbols keep their size only if the print dialogue does not scale the page.
        catalog = (
            f"<< /Type /Catalog /Pages {PAGES} 0 R /Lang ({language})"
            " /ViewerPreferences << /PrintScaling /None /Duplex /Simplex >> >>"
        )
        self.add(catalog.encode("ascii"), CATALOG)
        self.add(b"<< /Title %b /Producer (TXNG) >>" % text_string(title), INFO)
        self._write_offsets()

    def _write_offsets(self) -> None:
        start = self._position
        count = len(self._offsets)
        self._write(b"xref\n0 %d\n0000000000 65535 f \n" % count)
        for offset in self._offsets[1:]:
            self._write(b"%010d 00000 n \n" % offset if offset else b"0000000000 65535 f \n")
        digest = self._digest.hexdigest()
        roots = f"/Root {CATALOG} 0 R /Info {INFO} 0 R"
        trailer = f"<< /Size {count} {roots} /ID [<{digest}><{digest}>] >>"
        self._write(f"trailer\n{trailer}\nstartxref\n{start}\n%%EOF\n".encode("ascii"))

    def _write(self, data: bytes) -> None:
        self._out.write(data)
        self._digest.update(data)
        self._position += len(data)


def text_string(text: str) -> bytes:
    """A PDF text string of any characters: UTF-16 with its mark, in hexadecimal."""
    return b"<" + ("\ufeff" + text).encode("utf-16-be").hex().encode("ascii") + b">"


def _object(number: int, body: bytes) -> bytes:
    return b"%d 0 obj\n%b\nendobj\n" % (number, body)


def _stream(content: bytes, entries: str = "") -> bytes:
    data = zlib.compress(content, 6)
    head = f"<< /Length {len(data)} /Filter /FlateDecode {entries}>>"
    return head.encode("ascii") + b"\nstream\n" + data + b"\nendstream"
