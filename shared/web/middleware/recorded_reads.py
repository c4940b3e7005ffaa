"""Tells the ledger which records a signed-in account opened (R10, ADR 18).

Every address behind a sign-in is told of, so that a new one is not forgotten; what is left out is
listed by each service (`unrecorded` of `create_app`), and told of all the same where it opens what
a facility of others has. Public addresses pass by.
"""

from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared import opened
from shared.accepted_reads import AcceptedReads, Opened
from shared.auth import Principal
from shared.ids import now
from shared.web.routes import is_private, route_template

# Parts of an address that are no ids, and few: they are told as they were asked for.
_WORDS: Final = frozenset({"format", "format_", "kind", "name", "word"})
_NUMBERED: Final = ("number", "seq")
_LONGEST: Final = 100


class RecordedReads:
    def __init__(self, app: ASGIApp, *, unrecorded: frozenset[str]) -> None:
        self.app = app
        self.unrecorded = unrecorded

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or not is_private(scope["path"]):
            await self.app(scope, receive, send)
            return
        status = 0

        async def send_noting_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        with opened.noting() as facilities:
            try:
                await self.app(scope, receive, send_noting_status)
            finally:
                # What a browser still has (304) it shows again; a redirect shows nothing.
                if 200 <= status < 300 or status == 304:
                    self._note(scope, facilities)

    def _note(self, scope: Scope, facilities: set[str]) -> None:
        state = scope["state"]
        who: Principal | None = state.get("reader")
        if who is None and facilities:
            # At an address of everybody's, what a right was needed for is a read like any other.
            who = state.get("principal")
        reads: AcceptedReads | None = getattr(scope["app"].state, "reads", None)
        if who is None or reads is None:
            return
        template = route_template(scope)
        own = who.facility_id is not None and facilities <= {who.facility_id}
        # A form is no empty one if it offers what a facility has.
        if template in self.unrecorded and (own or not facilities):
            return
        params: dict[str, Any] = scope.get("path_params") or {}
        address, records = address_of(template, params), records_of(params)
        reads.note(who, Opened(address, records, tuple(facilities), own), now())


def address_of(template: str, params: dict[str, Any]) -> str:
    """The template, its words filled in: which list, in which format."""
    for name in _WORDS.intersection(params):
        template = template.replace(f"{{{name}}}", str(params[name])[:_LONGEST])
    return template


def records_of(params: dict[str, Any]) -> tuple[str, ...]:
    """The ids in an address; a number is one where there is nothing else (a batch of stamps)."""
    found = [value for name, value in params.items() if name.endswith("_id")]
    found = found or [value for name, value in params.items() if name in _NUMBERED]
    return tuple(str(value)[:_LONGEST] for value in found)
