"""How alike two facilities or products are named: what may be one entered twice is asked about."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from services.registry.domain.words import fold

# Of 100: one wrong letter or a swapped word stays above, another surname falls below.
NAME_ALIKE = 88.0
ADDRESS_ALIKE = 70.0
MOST = 3

# Words that half of all names begin with say nothing about which one it is.
_FORMS = re.compile(
    r"\b(cong ty|trach nhiem huu han|tnhh|co phan|mot thanh vien|mtv|ho kinh doanh|hkd|hop tac xa"
    r"|htx|to hop tac|co so|doanh nghiep tu nhan|dntn|cua hang|nong ho|san xuat|thuong mai"
    r"|dich vu|va)\b"
)


@dataclass(frozen=True, slots=True)
class Known:
    """One on record, or on an earlier `line` of a file, in the spelling that is compared."""

    id: str
    code: str
    name: str
    address: str
    tax_number: str
    name_key: str
    address_key: str
    exact: str
    line: int = 0


def known(record_id: str, code: str, name: str, address: str = "", tax_number: str = "") -> Known:
    return Known(
        record_id,
        code,
        name,
        address,
        tax_number,
        name_key(name),
        " ".join(sorted(fold(address).split())),
        exact_key(name, address),
    )


def exact_key(name: str, address: str = "") -> str:
    """Equal where name and address differ in nothing but capitals, accents and spaces."""
    return " ".join(fold(name).split()) + "\n" + " ".join(fold(address).split())


def name_key(name: str) -> str:
    """The words that tell a name apart, sorted, so that their order does not matter."""
    bare = re.sub(r"[^0-9a-z]+", " ", fold(name))
    return " ".join(sorted(_FORMS.sub(" ", bare).split())) or " ".join(bare.split())


def _numbers(key: str) -> list[str]:
    return [word for word in key.split() if word.isdecimal()]


def alike(wanted: Known, among: Sequence[Known]) -> list[tuple[Known, int]]:
    """The most similar of the same commune (or facility), with a score of 100, best first."""
    names = [one.name_key for one in among]
    found = process.extract(
        wanted.name_key, names, scorer=fuzz.ratio, score_cutoff=NAME_ALIKE, limit=20
    )
    near = []
    for _, score, place in found:
        other = among[place]
        if _numbers(wanted.name_key) != _numbers(other.name_key):
            continue  # Shop 1 and shop 2 are two shops.
        if wanted.address_key and other.address_key:
            where = fuzz.token_set_ratio(wanted.address_key, other.address_key)
            if where < ADDRESS_ALIKE:
                continue
        near.append((other, round(score)))
    return sorted(near, key=lambda pair: -pair[1])[:MOST]
