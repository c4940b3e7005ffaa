"""Writes a PDF object by object to a file that need not be seekable, and keeps only offsets.

A print job may have thousands of sheets; libraries that draw PDFs hold all of them until the end.
"""

import hashlib
import zlib
from array import array
from typing import BinaryIO

# Object numbers that everything refers to before they are written, at the end.
CATALOG, PAGES, INFO, RESOURCES = 1, 2, 3, 4
_FIRST_FREE = 5


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

    def add(self, body: bytes, number: int | None = None) -> int:
        """Write one object; returns its number, the next free one unless it was given."""
        if number is None:
            number = len(self._offsets)
            self._offsets.append(0)
        self._offsets[number] = self._position
        self._write(b"%d 0 obj\n%b\nendobj\n" % (number, body))
        return number

    def add_stream(self, content: bytes, entries: str = "") -> int:
        """Write one compressed stream with further dictionary entries; returns its number."""
        data = zlib.compress(content, 6)
        head = f"<< /Length {len(data)} /Filter /FlateDecode {entries}>>"
        return self.add(head.encode("ascii") + b"\nstream\n" + data + b"\nendstream")

    def add_page(self, content: bytes, width: float, height: float) -> None:
        """Write one page of `width` by `height` points that uses the shared resources."""
        stream = self.add_stream(content)
        page = (
            f"<< /Type /Page /Parent {PAGES} 0 R /Resources {RESOURCES} 0 R"
            f" /MediaBox [0 0 {width:.4f} {height:.4f}] /Contents {stream} 0 R >>"
        )
        self._page_numbers.append(self.add(page.encode("ascii")))

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
            self._write(b"%010d 00000 n \n" % offset)
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
