"""Which network addresses a webhook may be called at: public ones, and none that leads inside."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_NAT64: Final = IPv6Network("64:ff9b::/96")
_NAT64_LOCAL: Final = IPv6Network("64:ff9b:1::/48")
_COMPATIBLE: Final = IPv6Network("::/96")
_SITE_LOCAL: Final = IPv6Network("fec0::/10")
# Where clouds answer their machines, and what RFC 6890 keeps for protocols: they count as public,
# and lead inside all the same.
_INSIDE: Final = (IPv4Network("168.63.129.16/32"), IPv4Network("192.0.0.0/24"))
_BASES: Final = {"0x": 16, "0": 8}


def may_be_called(address: Address, allowed: Sequence[Network] = ()) -> bool:
    """Whether it is public: neither private, loopback, link-local, shared (RFC 6598), multicast or
    reserved, nor an IPv6 address that stands for such an IPv4 one."""
    if any(address in network for network in allowed if network.version == address.version):
        return True
    if isinstance(address, IPv6Address):
        if address.teredo is not None or address in _NAT64_LOCAL or address in _SITE_LOCAL:
            return False
        inner = _inner(address)
        if inner is not None:
            return may_be_called(inner)
    return (
        address.is_global
        and not (address.is_multicast or address.is_reserved or address.is_unspecified)
        and not (address.is_private or address.is_loopback or address.is_link_local)
        and not any(address in network for network in _INSIDE)
    )


def _inner(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that packets to this one end at, if any."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address in _NAT64 or address in _COMPATIBLE:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return None


def literal(host: str) -> Address | None:
    """The address that a host of a URL is by itself, without any name server: None for a name.

    As resolvers read it (inet_aton): one to four numbers, decimal, octal after a 0, hexadecimal
    after 0x, the last of which fills the rest; so 127.1, 0177.0.0.1 and 2130706433 are 127.0.0.1.
    `localhost` and what stands below it are the loopback address everywhere (RFC 6761, 6.3).
    """
    bare = host.strip("[]").rstrip(".").lower()
    if bare.rpartition(".")[2] == "localhost":
        return IPv4Address("127.0.0.1")
    try:
        return ip_address(bare)
    except ValueError:
        return _spelled(bare)


def _spelled(host: str) -> IPv4Address | None:
    try:
        *first, last = [_number(part) for part in host.split(".")]
    except ValueError:
        return None
    room = 256 ** (4 - len(first)) if len(first) < 4 else 0
    if last >= room or any(one > 255 for one in first):
        return None
    return IPv4Address(sum(one << (24 - 8 * at) for at, one in enumerate(first)) + last)


def _number(part: str) -> int:
    """Raises ValueError for what is none."""
    if not (part.isascii() and part.isalnum()):
        raise ValueError(part)
    for prefix, base in _BASES.items():
        if part.startswith(prefix) and part != prefix:
            return int(part.removeprefix(prefix), base)
    return int(part)
