"""What the log says: a leaf per batch issued, change of stamps, hold, and version of a notice.

A leaf is one line of canonical JSON: sorted keys, ASCII, no spaces. It holds no person, no private
reason and no stamp's code. Words for the public are in it as `words`, the SHA-256 in hex over a
random salt and the words as such a line; salt and words are kept beside the leaf (`Opened`) and can
be erased without it.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from shared.contracts.event import Event
from shared.contracts.recall import NoticePublished
from shared.contracts.stamps import BatchIssued, HoldPublished, IntervalsChanged

FORM = 1
BATCH, CHANGE, HOLD, NOTICE = "batch_issued", "stamps_changed", "hold", "notice"
# The service's own events that are leaves; notices are heard from recall.
OWN = (BatchIssued, IntervalsChanged, HoldPublished)
SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class Opened:
    """The words whose digest a leaf holds, as canonical JSON, and their salt in hex."""

    salt: str
    text: str

    @property
    def digest(self) -> str:
        return hashlib.sha256(bytes.fromhex(self.salt) + self.text.encode()).hexdigest()

    @property
    def words(self) -> dict[str, str]:
        said: dict[str, str] = json.loads(self.text)
        return said


@dataclass(frozen=True, slots=True)
class Leaf:
    """`key` names what it tells, and is in the log once; `fact` is what the leaf's line says."""

    key: str
    fact: Mapping[str, Any]
    opened: Opened | None = None

    @property
    def line(self) -> str:
        return canonical(self.fact)


def canonical(value: Mapping[str, Any]) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def leaf_of(event: Event, salt: bytes) -> Leaf:
    """The leaf of an event; raises TypeError for one that the log does not tell."""
    if isinstance(event, BatchIssued):
        return _of_batch(event)
    if isinstance(event, IntervalsChanged):
        return _of_change(event, salt)
    if isinstance(event, HoldPublished):
        return _of_hold(event, salt)
    if isinstance(event, NoticePublished):
        return _of_notice(event, salt)
    raise TypeError(f"{event.type} is no leaf of the log")


def _of_batch(event: BatchIssued) -> Leaf:
    fact = {
        "batch": event.batch,
        "facility": event.facility_id,
        "product": event.product_id,
        "quantity": event.quantity,
    }
    return _leaf(f"batch/{event.batch}", BATCH, event.time, fact)


def _of_change(event: IntervalsChanged, salt: bytes) -> Leaf:
    number = event.version - 1  # The batch was issued with version 1.
    fact = {
        "batch": event.batch,
        "number": number,
        "change": event.change,
        "first": event.first,
        "last": event.last,
    }
    if event.lot:
        fact["lot"] = event.lot
    words = _given(event, "public_reason", "public_reason_en", "public_reason_zh")
    return _leaf(f"change/{event.batch}/{number}", CHANGE, event.time, fact, words, salt)


def _given(event: IntervalsChanged | HoldPublished, *names: str) -> dict[str, str]:
    """The words that were said, by the names of their fields."""
    return {name: text for name in names if (text := getattr(event, name))}


def _of_hold(event: HoldPublished, salt: bytes) -> Leaf:
    fact = {
        "hold": event.subject,
        "version": event.version,
        "scope": event.scope,
        "target": event.target,
        "cause": event.reason_kind,
        "active": event.active,
    }
    words = _given(event, "reason", "reason_en", "reason_zh")
    key = f"hold/{event.subject}/{event.version}"
    return _leaf(key, HOLD, event.time, fact, words, salt)


_WORDS = tuple(
    f"{name}{language}"
    for name in ("title", "reason", "instruction")
    for language in ("", "_en", "_zh")
)


def _of_notice(event: NoticePublished, salt: bytes) -> Leaf:
    fact = {
        "notice": event.subject,
        "case": event.case_id,
        "version": event.version,
        "type": event.kind,
        "active": event.active,
        "ordered_at": _moment(event.ordered_at),
        "lots": sorted(event.lots),
        "products": sorted(event.products),
        "facilities": sorted(event.facilities),
        "batches": sorted(event.batches),
        "stamps": [
            {"batch": batch, "first": first, "last": last}
            for batch, first, last in sorted((s.batch, s.first, s.last) for s in event.stamps)
        ],
    }
    said = {name: getattr(event, name) for name in (*_WORDS, "authority")}
    words = {name: text for name, text in said.items() if text}
    key = f"notice/{event.subject}/{event.version}"
    return _leaf(key, NOTICE, event.time, fact, words, salt)


def _leaf(
    key: str,
    kind: str,
    at: datetime,
    fact: dict[str, Any],
    words: Mapping[str, str] | None = None,
    salt: bytes = b"",
) -> Leaf:
    said = {"v": FORM, "kind": kind, "at": _moment(at), **fact}
    if not words:
        return Leaf(key, said)
    opened = Opened(salt.hex(), canonical(words))
    return Leaf(key, {**said, "words": opened.digest}, opened)


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"
