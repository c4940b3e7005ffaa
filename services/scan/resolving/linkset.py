"""Links as RFC 9264 writes them (GS1's profile of it), and the choice of one among them."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl, unquote

import msgspec

from services.scan.answering.negotiate import weights_of
from services.scan.resolving.levels import DEFAULT, HTML, Level, Target

VOCABULARY = "https://ref.gs1.org/voc/"
# The same vocabulary under its earlier name, and as links are abbreviated.
_BEGINNINGS = (VOCABULARY, "https://gs1.org/voc/", "https://www.gs1.org/voc/", "gs1:")
CONTEXT = "https://ref.gs1.org/standards/resolver/linkset-context"
MEDIA_TYPE = b"application/linkset+json"
LINKSET = "linkset"


class SeveralTypes(Exception):
    """A request asks for several link types at once."""


def asked_type(query: str) -> str | None:
    """Which link type a query asks for, by its name in the vocabulary; None if it asks for none.

    One of another vocabulary stays as it is: nothing here has it. Raises SeveralTypes.
    """
    asked = {value for key, value in parse_qsl(query, keep_blank_values=True) if key == "linkType"}
    if not asked:
        return None
    if len(asked) > 1:
        raise SeveralTypes
    text = unquote(asked.pop())
    # `all` is what resolvers before 1.2 called a linkset.
    if text in (LINKSET, "all"):
        return LINKSET
    for beginning in _BEGINNINGS:
        if text.startswith(beginning):
            return text.removeprefix(beginning)
    return f"?{text}"


def links_of(levels: Sequence[Level], kind: str) -> tuple[Target, ...]:
    """The links of a type, of the most special level that has any."""
    return next((level.links[kind] for level in levels if kind in level.links), ())


def best(targets: Sequence[Target], accept: bytes, languages: bytes) -> list[Target]:
    """Those that suit a reader best: first by what it takes, then by its languages.

    Who takes everything alike gets a page. More than one means that nobody but the reader can
    choose.
    """
    media, spoken = weights_of(accept), weights_of(languages)

    def suits(target: Target) -> tuple[float, bool, float]:
        kind = target.media.encode()
        weight = media.get(kind, media.get(b"*/*", 0.0) if kind != HTML.encode() else 0.0)
        if kind == HTML.encode():
            weight = max(media.get(one, 0.0) for one in (b"text/html", b"text/*", b"*/*"))
        fits = [_language_weight(one, spoken) for one in target.languages]
        return weight, target.media == HTML, max(fits, default=0.0)

    top = max(map(suits, targets))
    return [target for target in targets if suits(target) == top]


def _language_weight(language: str, spoken: dict[bytes, float]) -> float:
    return max(
        (
            weight
            for named, weight in spoken.items()
            if named == b"*" or named.partition(b"-")[0] == language.encode()
        ),
        default=0.0,
    )


def document(levels: Sequence[Level], origin: str) -> bytes:
    """All links of all levels. Each has exactly one default link."""
    return msgspec.json.encode({"linkset": [_context(level, origin) for level in levels]})


def _context(level: Level, origin: str) -> dict[str, Any]:
    assert len(level.links[DEFAULT]) == 1
    return {
        "anchor": f"{origin}{level.path}",
        "itemDescription": level.description,
        **{
            f"{VOCABULARY}{kind}": [_link(one) for one in targets]
            for kind, targets in level.links.items()
        },
    }


def _link(target: Target) -> dict[str, Any]:
    told: dict[str, Any] = {"href": target.href, "title": target.title, "type": target.media}
    if target.languages:
        told["hreflang"] = list(target.languages)
    if not target.public:
        told["public"] = False
    return told
