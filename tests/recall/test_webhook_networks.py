"""A webhook whose address itself leads inside is refused where it is typed."""

import socket
from ipaddress import IPv4Address, ip_network

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.recall.domain.contact import WebhookRules, webhook_url
from services.recall.domain.networks import literal
from services.recall.domain.new_webhook import PrivateWebhook, new_webhook

RULES = WebhookRules(frozenset({443}), False, "https://truyxuat.example")
INSIDE = [
    "10.0.0.7",
    "172.16.3.4",
    "192.168.1.1",
    "127.0.0.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "240.0.0.1",
    "255.255.255.255",
    "10.0.0.7.",
    "127.1",
    "10.7",
    "2130706433",
    "0x7f000001",
    "0X7F.1",
    "0177.0.0.1",
    "012.0.0.7",
    "0",
    "１０.０.０.７",
    "10。0。0。7",
    "①②⑦.①",
    "localhost",
    "LOCALHOST.",
    "a.localhost",
    "[::1]",
    "[::]",
    "[fe80::1]",
    "[fe80::1%25eth0]",
    "[fc00::1]",
    "[2001:db8::1]",
    "[ff02::1]",
    "[::ffff:10.0.0.7]",
    "[::ffff:a00:7]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[64:ff9b::a00:7]",
    "[2002:a00:7::]",
]


@pytest.mark.parametrize("host", INSIDE)
def test_an_address_that_leads_inside_is_refused_as_it_is_typed(host: str) -> None:
    with pytest.raises(PrivateWebhook):
        new_webhook(f"https://{host}/x", RULES)


@pytest.mark.parametrize("host", ["1.1.1.1", "[2606:4700::1111]", "16843009", "a.vn", "10.vn"])
def test_public_addresses_and_names_are_taken(host: str) -> None:
    assert new_webhook(f"https://{host}/x", RULES) == webhook_url(f"https://{host}/x", RULES)


def test_a_private_network_that_is_allowed_is_taken_and_no_other() -> None:
    networks = (ip_network("10.20.0.0/16"), ip_network("fc00::/7"))
    rules = WebhookRules(frozenset({443}), False, "https://truyxuat.example", networks=networks)
    for host in ("10.20.1.1", "10.20.257", "[fd00::7]"):
        new_webhook(f"https://{host}/x", rules)
    for host in ("10.21.1.1", "127.0.0.1", "[fe80::1]"):
        with pytest.raises(PrivateWebhook):
            new_webhook(f"https://{host}/x", rules)


number = st.one_of(
    st.integers(0, 2**33).map(str),
    st.integers(0, 300).map(str),
    st.integers(0, 300).map(hex),
    st.integers(0, 300).map(lambda one: f"0{one:o}"),
    st.sampled_from(["", "08", "0x", "0xg", "00", "a", "+1", "1_0", "-1"]),
)


@given(st.lists(number, min_size=1, max_size=5).map(".".join))
@example("0x7f.1")
@example("00.0")
def test_a_number_is_the_address_that_resolvers_read(host: str) -> None:
    try:
        read = IPv4Address(socket.inet_aton(host))
    except OSError:
        read = None
    if not host.endswith("."):
        assert literal(host) == read
