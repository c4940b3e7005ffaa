"""The neighbourhood of an address on the Internet: what one household or shop shares."""

from ipaddress import IPv6Address, ip_address


def prefix_of(address: bytes) -> bytes:
    """The /24 or /48 that an address lies in; what is no address is its own prefix."""
    if b":" not in address:
        return address.rpartition(b".")[0] or address[:64]
    try:
        parsed = ip_address(address.decode("latin-1"))
    except ValueError:
        return address[:64]
    assert isinstance(parsed, IPv6Address)
    if parsed.ipv4_mapped is not None:
        return prefix_of(str(parsed.ipv4_mapped).encode())
    return parsed.packed[:6]
