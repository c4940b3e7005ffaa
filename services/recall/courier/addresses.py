"""Where a webhook's name leads, and that it leads to public addresses alone.

Whoever types a webhook's address chooses what this program connects to (server-side request
forgery), so what the name resolves to is judged, every address of it, and then connected to as it
is: nothing is resolved a second time.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from ipaddress import ip_address
from socket import SOCK_STREAM, gaierror, getaddrinfo
from typing import Final

from services.recall.domain.delivery import SendingFailed
from services.recall.domain.networks import Network, may_be_called

# The addresses of a host, as texts; raises OSError where there are none.
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

# A name whose server is mute keeps its thread for half a minute: not one of those by which the
# program finds its database and its mail server.
_RESOLVERS: Final = ThreadPoolExecutor(8, thread_name_prefix="resolve")


async def resolve(host: str, port: int) -> Sequence[str]:
    """What the system's resolver says."""
    ask = partial(getaddrinfo, host, port, type=SOCK_STREAM)
    found = await asyncio.get_running_loop().run_in_executor(_RESOLVERS, ask)
    return list(dict.fromkeys(str(row[4][0]) for row in found))


async def checked(
    host: str, port: int, *, resolving: Resolve, allowed: Sequence[Network] = ()
) -> list[str]:
    """All addresses of a host. Raises SendingFailed if one of them must not be called, or none is
    there; `allowed` are private networks that may be."""
    try:
        found = await resolving(host, port)
    except (gaierror, OSError, UnicodeError):
        raise SendingFailed("no_name") from None
    if not found:
        raise SendingFailed("no_name")
    for text in found:
        try:
            address = ip_address(text)
        except ValueError:  # With a scope, such as fe80::1%eth0: a link of this machine.
            raise SendingFailed("address_refused") from None
        if not may_be_called(address, allowed):
            raise SendingFailed("address_refused")
    return list(found)
