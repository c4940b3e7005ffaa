"""What an inspector without signal carries along: what stands against goods, in one signed file.

The file: ``TXNGOFF1``, 64 bytes of an Ed25519 signature, the length of the head (4 bytes,
big-endian), the head as JSON, the filter's bytes. What is signed is all of it but the signature.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import msgspec

MAGIC = b"TXNGOFF1"
SIGNATURE_BYTES = 64
VERSION = 1
_LENGTH = struct.Struct(">I")
_BODY = len(MAGIC) + SIGNATURE_BYTES

# Why goods are on the list, beside notices (recall, withdrawal, warning).
PRODUCT_WITHDRAWN, FACILITY_STOPPED, HELD = "product_withdrawn", "facility_stopped", "held"
# What did not fit of the products that are listed for their facility alone, and of the lots which
# a listed facility made of products that others own.
OF_LISTED, LOTS_OF_LISTED = "products_of_facilities", "lots_of_facilities"
LOT_STATUSES = {
    "withdrawn": "lot_withdrawn",
    "unfit": "lot_unfit",
    "source_unfit": "lot_source_unfit",
    "examining": "lot_examining",
}


class Ground(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why something is listed. `title` and `instruction` are Vietnamese, English, Chinese; empty
    where the kind says all there is. `since` is a day in Vietnam."""

    kind: str
    title: tuple[str, str, str] = ("", "", "")
    instruction: tuple[str, str, str] = ("", "", "")
    authority: str = ""
    since: date | None = None


class ListedLot(msgspec.Struct, frozen=True, omit_defaults=True):
    """As it is printed; `why` are places in the list of grounds. `codes` is False where its stamps
    are too many for the filter: only its label tells of it, or its own page. Where those of its
    product or its facility are, their entry says so, and not the lot's."""

    code: str
    product: str = ""
    product_en: str = ""
    gtin: str = ""
    facility: str = ""
    expires: date | None = None
    why: tuple[int, ...] = ()
    codes: bool = True


class ListedProduct(msgspec.Struct, frozen=True, omit_defaults=True):
    """Without a `why` it is only there for batches named by an order or held, whose stamps are too
    many for the filter: `codes` is False then."""

    name: str
    name_en: str = ""
    code: str = ""
    gtin: str = ""
    facility: str = ""
    why: tuple[int, ...] = ()
    codes: bool = True


class ListedFacility(msgspec.Struct, frozen=True, omit_defaults=True):
    name: str
    name_en: str = ""
    code: str = ""
    gln: str = ""
    why: tuple[int, ...] = ()
    codes: bool = True


class Missing(msgspec.Struct, frozen=True, omit_defaults=True):
    """What did not fit. `what` is lots, products, facilities, products_of_facilities,
    lots_of_facilities, or codes of a kind of stamps (codes_named, codes_products,
    codes_facilities, codes_lots, codes_revoked, codes_lost, codes_spent, codes_suspected).
    `left_out` is how many: of codes how many batches (codes_named), products, facilities or lots,
    and else how many stamps; -1 where nobody counted. `at_least`: there may be more. `said` says it
    in Vietnamese, English and Chinese, so that a page of an older release can."""

    what: str
    left_out: int
    at_least: bool = False
    said: tuple[str, str, str] = ("", "", "")


@dataclass(frozen=True, slots=True)
class Listing:
    """What is matched by the words on a label."""

    grounds: tuple[Ground, ...] = ()
    lots: tuple[ListedLot, ...] = ()
    products: tuple[ListedProduct, ...] = ()
    facilities: tuple[ListedFacility, ...] = ()
    incomplete: tuple[Missing, ...] = ()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`number` only ever grows. Everything committed before `as_of` is in it, or named in
    `incomplete`; after `hours` it says nothing good of anything any more."""

    number: int
    as_of: datetime
    hours: int
    codes: int
    filter_bits: int
    filter_data: bytes = field(repr=False)
    hosts: tuple[str, ...] = ()
    listing: Listing = field(default_factory=Listing)

    def head(self) -> dict[str, Any]:
        listing = self.listing
        return {
            "v": VERSION,
            "number": self.number,
            "as_of": f"{self.as_of:%Y-%m-%dT%H:%M:%SZ}",
            "valid_hours": self.hours,
            "hosts": self.hosts,
            "filter": {"bits": self.filter_bits, "codes": self.codes},
            "grounds": listing.grounds,
            "lots": listing.lots,
            "products": listing.products,
            "facilities": listing.facilities,
            "incomplete": listing.incomplete,
        }


def next_number(last: int, as_of: datetime) -> int:
    """Higher than the last, and than any of an earlier second: also after the last were lost."""
    return max(last + 1, int(as_of.timestamp()))


def too_old(as_of: datetime, hours: int, now: datetime) -> bool:
    return now - as_of > timedelta(hours=hours)


def unsigned(snapshot: Snapshot) -> bytes:
    """What is signed: the file without its signature."""
    head = msgspec.json.encode(snapshot.head())
    return MAGIC + _LENGTH.pack(len(head)) + head + snapshot.filter_data


def with_signature(content: bytes, signature: bytes) -> bytes:
    """The file."""
    return MAGIC + signature + content[len(MAGIC) :]


def opened(file: bytes) -> tuple[Mapping[str, Any], bytes, bytes, bytes]:
    """Head, filter, signature and what it signs; raises ValueError where it is no such file."""
    if len(file) < _BODY + _LENGTH.size or not file.startswith(MAGIC):
        raise ValueError("not a snapshot")
    rest = file[_BODY:]
    length = _LENGTH.unpack(rest[: _LENGTH.size])[0]
    head, data = rest[_LENGTH.size :][:length], rest[_LENGTH.size + length :]
    try:
        read = msgspec.json.decode(head)
        fits = read["v"] == VERSION and read["filter"]["bits"] == 8 * len(data)
    except (msgspec.DecodeError, KeyError, TypeError) as error:
        raise ValueError("not a snapshot") from error
    if not fits:
        raise ValueError("a snapshot of another form")
    return read, data, file[len(MAGIC) : _BODY], MAGIC + rest
