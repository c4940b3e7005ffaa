"""What a page of another language says in Vietnamese without marking it so (WCAG 2.2, 3.1.2).

Read is running text, also that of options. Attributes and the title cannot be marked in part.
"""

import re
from html.parser import HTMLParser
from typing import Final

# Letters that other languages' texts on the pages do not have.
VIETNAMESE: Final = re.compile("[\u1ea0-\u1ef9ăĂđĐĩĨũŨơƠưƯàáâãèéêìíòóôõùúý]", re.IGNORECASE)
UNREAD: Final = {"script", "style", "title"}
VOID: Final = {
    *("area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "track", "wbr"),
    *("path", "use", "circle", "rect", "line", "polyline", "polygon"),
}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[tuple[str, str]] = [("", "")]
        self.said: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append((tag, dict(attrs).get("lang") or self.open[-1][1]))

    def handle_endtag(self, tag: str) -> None:
        while tag not in VOID and len(self.open) > 1 and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if data.strip() and not UNREAD & {tag for tag, _ in self.open}:
            self.said.append((self.open[-1][1], " ".join(data.split())))


def texts(html: str) -> list[tuple[str, str]]:
    """Every text of a page with the language it is marked as."""
    reader = _Reader()
    reader.feed(html)
    return reader.said


def unmarked(html: str, *names: str) -> list[str]:
    """Texts with Vietnamese letters in no element of that language; `names` are words of others
    too, beside the province's."""
    found = []
    for lang, text in texts(html):
        rest = text
        for known in ("Quảng Ninh", *names):
            rest = rest.replace(known, "")
        if lang != "vi" and VIETNAMESE.search(rest):
            found.append(text)
    return found


def in_vietnamese(html: str) -> str:
    """What a page marks as Vietnamese."""
    return "\n".join(text for lang, text in texts(html) if lang == "vi")
