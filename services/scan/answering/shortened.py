"""Compressed Digital Links, read as the long addresses that they stand for."""

from starlette.types import Message, Scope, Send

from services.scan.answering.targets import Target
from shared.gs1_compressed import expand
from shared.stampcode import Keyring, decode


def long_form(target: Target, scope: Scope, keyring: Keyring) -> Scope | None:
    """The request for the long address, if what was read is no stamp but a compressed address.

    Most compressed addresses of 20 characters could be read as a forged code. Ours are printed in
    capitals, which never come here: a compressed address without a small letter
    happens once in millions.
    """
    if target.json or target.link.gtin:
        return None
    # Most of what is no compressed address fails at its first letters, before any code is verified.
    found = expanded(scope)
    if found is None or decode(keyring, target.text) is not None:
        return None
    return found


def expanded(scope: Scope) -> Scope | None:
    """The same request for the long address; None if its path is no compressed one."""
    raw = scope.get("raw_path") or scope["path"].encode()
    found = expand(raw.decode("latin-1"))
    if found is None:
        return None
    path, query = found
    joined = b"&".join(filter(None, (query.encode(), scope["query_string"])))
    return {**scope, "path": path, "raw_path": path.encode(), "query_string": joined}


def naming(long: Scope, send: Send) -> Send:
    """Answers by this name the long address, as the standard asks of a resolver."""
    query = long["query_string"]
    address = long["raw_path"] + (b"?" + query if query else b"")

    async def say(message: Message) -> None:
        if message["type"] == "http.response.start":
            same = (b"link", b"<" + address + b'>; rel="owl:sameAs"')
            message = {**message, "headers": [*message["headers"], same]}
        await send(message)

    return say
