"""The audit ledger: every fact a link of a hash chain, its head signed at short intervals.

Link n holds `digest` = SHA-256(salt ‖ body) and `hash` = SHA-256(previous hash ‖ n ‖ event id ‖
digest), the integers as decimal text, parts joined by line feeds. Names of people are no part of
the body: they are kept beside it as `names`, JSON under a salt of its own, and where there are any
their digest follows in the hash as one more part. So names and their salt can be erased, and chain
and body are as sound as before. That they are gone counts as a fault unless the chain itself tells
of the erasure. (Links from before names were parted hold them in the body; erasing blanks those,
see `stale`.)
Events that only count other facts anew (`Event.derived`) are left out. So that their numbers are no
gaps in their source's, the next link names them as `passed`, which is one more part of its hash.
A checkpoint is an Ed25519 signature over "txng-audit\\n<n>\\n<hash>\\n".
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Link:
    """One event in its place. `body` is its JSON as received, without the names of people.

    `names` is "" where there were none (`names_digest` too), and None once erased. `stale`: the
    account for whose sake the names in an old body were blanked, which its digest vouches for no
    longer. `passed`: events left out since the link before, as "source:number", comma between.
    """

    seq: int
    event_id: str
    source: str
    type: str
    number: int | None
    salt: str
    body: str | None
    digest: str
    prev: str
    hash: str
    names: str | None = ""
    names_salt: str = ""
    names_digest: str = ""
    stale: str = ""
    passed: str = ""


def digest_of(salt: str, body: str) -> str:
    return hashlib.sha256(bytes.fromhex(salt) + body.encode()).hexdigest()


def hash_of(
    prev: str, seq: int, event_id: str, digest: str, names_digest: str = "", passed: str = ""
) -> str:
    parts = [prev, str(seq), event_id, digest]
    parts += [names_digest] if names_digest else []
    parts += [f"passed {passed}"] if passed else []
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def link(
    *,
    after: tuple[int, str],
    event_id: str,
    source: str,
    type_: str,
    number: int | None,
    body: str,
    salt: str,
    names: str = "",
    names_salt: str = "",
    passed: str = "",
) -> Link:
    """The next link after the head (its number and hash); the first follows (0, GENESIS)."""
    seq, prev = after[0] + 1, after[1]
    digest = digest_of(salt, body)
    names_digest = digest_of(names_salt, names) if names else ""
    return Link(
        seq=seq,
        event_id=event_id,
        source=source,
        type=type_,
        number=number,
        salt=salt,
        body=body,
        digest=digest,
        prev=prev,
        hash=hash_of(prev, seq, event_id, digest, names_digest, passed),
        names=names,
        names_salt=names_salt if names else "",
        names_digest=names_digest,
        passed=passed,
    )


def without_names(one: Link, account_id: str, blanked: str) -> Link:
    """The link with the names of this account's person erased; `blanked` is its body without them,
    in place of an old body that holds them."""
    if one.names_digest:
        return replace(one, names=None, names_salt="")
    return replace(one, body=blanked, salt="", stale=account_id)


def signed_text(seq: int, hash_: str) -> bytes:
    """What a checkpoint signs."""
    return f"txng-audit\n{seq}\n{hash_}\n".encode()


def passed_numbers(passed: str) -> Iterator[tuple[str, int]]:
    """Source and number of each event that was left out."""
    for one in filter(None, passed.split(",")):
        source, _, number = one.partition(":")
        yield source, int(number)


def from_document(document: Mapping[str, Any]) -> Link:
    return Link(
        seq=document["_id"],
        **{
            # Links from before names were parted lack the fields for them.
            name: document[name]
            for name in Link.__slots__
            if name != "seq" and name in document
        },
    )
