"""A scan is noted before its answer leaves: what was said, and of whom as much as may be known."""

import time

from services.scan.answering.request_ids import request_id
from services.scan.counting.spool import Spool
from services.scan.counting.visitors import Visitors
from services.scan.domain import records

# Host and port of whoever is connected, as ASGI has it.
Client = tuple[str, int] | None


class Counted:
    """`counts` are the answers since the start, by the verdict's place in `records.NAMES`."""

    def __init__(self, spool: Spool, visitors: Visitors, *, trust_proxy: bool) -> None:
        self.counts = [0] * len(records.NAMES)
        self._spool = spool
        self._visitors = visitors
        self._trust_proxy = trust_proxy

    def note(
        self,
        headers: dict[bytes, bytes],
        client: Client,
        place: int,
        batch: int,
        serial: int,
        commune: int,
    ) -> bytes:
        """Count one scan; the request id as it goes into the answer."""
        request, shown = request_id(headers)
        self.counts[place] += 1
        address = self.address(headers, client)
        user = self._visitors.user(address, headers.get(b"user-agent", b""))
        source = self._visitors.source(address)
        at = time.time_ns() // 1_000_000
        self._spool.append(records.pack(at, request, batch, serial, user, commune, place, source))
        return shown

    def address(self, headers: dict[bytes, bytes], client: Client) -> bytes:
        """Whose request it is: as the proxy tells, where it is trusted."""
        if self._trust_proxy and (told := headers.get(b"x-real-ip")):
            return told
        return client[0].encode() if client else b""
