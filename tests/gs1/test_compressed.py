"""Compressed Digital Links: made by GS1's own prototype, cut short, altered, invented."""

import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.gs1_compressed import expand
from shared.gs1_link import parse

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
# What the prototype at github.com/gs1/GS1DigitalLinkCompressionPrototype makes of the long ones.
MADE = json.loads((Path(__file__).parent / "compressed.json").read_text())


@pytest.mark.parametrize(("long", "short"), MADE)
def test_what_gs1s_prototype_compressed_is_read_back(long: str, short: str) -> None:
    found = expand(urlsplit(short).path)
    assert found is not None
    path, query = found
    url = urlsplit(long)
    assert parse(path, query) == parse(url.path, url.query)
    others = {part for part in url.query.split("&") if not part[:1].isdigit()}
    assert others <= {*query.split("&")}


def packed(bits: str) -> str:
    filled = bits.ljust(-(-len(bits) // 6) * 6, "0")
    return "".join(ALPHABET[int(filled[n : n + 6], 2)] for n in range(0, len(filled), 6))


def test_what_follows_a_primary_key_may_be_compressed_alone() -> None:
    date = f"{0x17:08b}{261231:020b}"
    # A lot of digits alone: three bits say how it is packed, five how many there are.
    lot = f"{0x10:08b}000{4:05b}{12:014b}"
    product = "/01/09506000134352"
    assert expand(f"{product}/{packed(date)}") == (product, "17=261231")
    assert expand(f"{product}/{packed(lot + date)}") == (f"{product}/10/0012", "17=261231")
    assert expand(f"/01/09506000134353/{packed(date)}") is None, "a wrong check digit"
    assert expand(f"{product}/{packed(date + date)}") is None, "the same field twice"
    assert expand(f"{product}/{packed(date)}A") is None, "something left over"


@pytest.mark.parametrize(("long", "short"), MADE[:4])
def test_one_cut_short_is_none(long: str, short: str) -> None:
    path = urlsplit(short).path
    for length in range(1, len(path)):
        assert expand(path[:length]) is None


@given(st.text(ALPHABET, min_size=1, max_size=60))
def test_whatever_else_is_read_is_a_valid_address_or_none(text: str) -> None:
    found = expand(f"/{text}")
    if found is not None:
        parse(*found)


@given(st.text(max_size=60))
def test_no_text_makes_it_fail(text: str) -> None:
    expand(text)
    expand(f"/{text}")
    expand(f"/01/09506000134352/{text}")
