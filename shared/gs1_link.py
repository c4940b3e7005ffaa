"""GS1 Digital Link URIs in full: every primary key, its qualifiers, the attributes in the query.

`shared.gs1.parse_link_path` reads the one form that stands on our stamps, in a microsecond; this
reads whatever the standard (URI Syntax 1.x) knows, and says which field is wrong.
"""

import re
from dataclasses import dataclass, field
from urllib.parse import quote, unquote_to_bytes

from shared.gs1 import ForbiddenCharacter, NotADigitalLink, WrongLength
from shared.gs1_fields import QUALIFIERS, checked

# Longer than any address that the standard can make, with room for what apps append.
MOST_PATH = 1_000
MOST_QUERY = 4_000
MOST_PARAMETERS = 60

_SEGMENT = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})*")
_NUMBER = re.compile(r"[0-9]+")
# What may stand in a path segment as it is (RFC 3986) and is in GS1 character set 82.
_PLAIN = "!'()*,-.:;=_"


class FieldTwice(NotADigitalLink):
    reason = "stands there twice, or beside a primary key that it contradicts"


class WrongOrder(NotADigitalLink):
    reason = "stands where the standard does not allow it"


@dataclass(frozen=True, slots=True)
class Uri:
    """What an address says: the primary key, its qualifiers in order, attributes, all decoded."""

    key: str
    value: str
    qualifiers: tuple[tuple[str, str], ...] = ()
    attributes: dict[str, str] = field(default_factory=dict)

    def get(self, ai: str) -> str:
        """A qualifier's or attribute's value, "" without one."""
        return dict(self.qualifiers).get(ai) or self.attributes.get(ai, "")

    def path(self, *, down_to: int | None = None) -> str:
        """The address in the spelling of the standard; of the qualifiers the first `down_to`."""
        pairs = [(self.key, self.value), *self.qualifiers[:down_to]]
        return "".join(f"/{ai}/{quote(value, safe=_PLAIN)}" for ai, value in pairs)


def parse(path: str, query: str = "") -> Uri:
    """Read a path as it was sent, still percent-encoded, and a query.

    A slash at the end is tolerated. Raises a Gs1Error whose field is the identifier at fault, or
    `path`.
    """
    if len(path) > MOST_PATH or len(query) > MOST_QUERY:
        raise WrongLength("path")
    segments = path.removesuffix("/").split("/")[1:]
    if len(segments) < 2 or len(segments) % 2 or segments[0] not in QUALIFIERS:
        raise NotADigitalLink("path")
    pairs = list(zip(segments[::2], segments[1::2], strict=True))
    key = pairs[0][0]
    _check_order(key, [ai for ai, _ in pairs[1:]])
    values = [(ai, checked(ai, _decoded(ai, text))) for ai, text in pairs]
    attributes = _attributes(query, {ai for ai, _ in values})
    return Uri(key, values[0][1], tuple(values[1:]), attributes)


def _check_order(key: str, given: list[str]) -> None:
    """Qualifiers may be left out, but neither change places nor come twice."""
    if not given:
        return
    for allowed in QUALIFIERS[key]:
        rest = iter(allowed)
        if all(ai in rest for ai in given):
            return
    twice = [ai for place, ai in enumerate(given) if ai in (key, *given[:place])]
    raise FieldTwice(twice[0]) if twice else WrongOrder(given[0])


def _attributes(query: str, taken: set[str]) -> dict[str, str]:
    """The identifiers in a query. What is no number is somebody else's, and left alone."""
    found: dict[str, str] = {}
    parameters = query.split("&") if query else []
    if len(parameters) > MOST_PARAMETERS:
        raise WrongLength("path")
    for parameter in parameters:
        ai, _, text = parameter.partition("=")
        if not _NUMBER.fullmatch(ai):
            continue
        # A primary key in the query would make two things of one address.
        if ai in taken or ai in found or ai in ("00", "01"):
            raise FieldTwice(ai[:4])
        # In a query a plus sign is a space, which no field may hold.
        found[ai] = checked(ai[:5], _decoded(ai, text.replace("+", "%20")))
    return found


def _decoded(ai: str, text: str) -> str:
    if not _SEGMENT.fullmatch(text.replace("/", "").replace("?", "")):
        raise ForbiddenCharacter(ai)
    # Latin-1 keeps every byte one character, so that what was really sent is judged.
    return unquote_to_bytes(text).decode("latin-1")
