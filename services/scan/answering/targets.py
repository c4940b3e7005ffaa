"""What an address asks about: a bare code, a verdict of the API, or a GS1 Digital Link."""

import re
from typing import NamedTuple

from starlette.types import Scope

from services.scan.domain.verdict import NO_LINK, Link
from shared.gs1 import Gs1Error, parse_link_path
from shared.gs1_link import parse

API = "/v1/verdicts/"
LINK = "/01/"
# The page to type a code on; its own name would pass for one.
TYPING = "/kiem-tra-tem"

# As nginx sends them here: long enough to be meant as a code, with what people put between.
_SEGMENT = re.compile(r"/[0-9A-Za-z +-]{12,64}")


# In a query: which kind of link is asked for, and GS1's own fields, which have to be right.
_LINK_TYPE = re.compile(rb"(?:^|&)linkType(?:=|&|$)")
_FIELD = re.compile(rb"(?:^|&)[0-9]+(?:=|&|$)")


class Target(NamedTuple):
    """`text` is what should be a code; "" where the address itself cannot be read."""

    text: str
    link: Link = NO_LINK
    json: bool = False


def target_of(path: str, raw_path: bytes) -> Target | None:
    """What a path asks about; None if it is no matter of the hot route."""
    if path.startswith(API):
        return Target(path[len(API) :], json=True)
    if path.startswith(LINK):
        return _linked(raw_path.decode("latin-1"))
    if _SEGMENT.fullmatch(path) and path != TYPING:
        return Target(path[1:])
    return None


def _linked(path: str) -> Target | None:
    try:
        link = parse_link_path(path)
    except Gs1Error:
        return Target("")
    if link.serial is None:
        return None
    return Target(link.serial, Link(link.gtin, link.lot or ""))


def is_for_the_resolver(target: Target, scope: Scope, linkset: bool) -> bool:
    """Whether a stamp's Digital Link is not asked for its verdict, or has a query that is wrong."""
    if not target.link.gtin:
        return False
    query: bytes = scope["query_string"]
    if linkset or scope["method"] == "OPTIONS" or (query and _LINK_TYPE.search(query)):
        return True
    if query and _FIELD.search(query):
        try:
            parse(scope.get("raw_path", b"").decode("latin-1"), query.decode("latin-1"))
        except Gs1Error:
            return True
    return False
