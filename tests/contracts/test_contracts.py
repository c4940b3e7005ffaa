"""An event that some consumer may still read is never changed incompatibly."""

import json
from contextlib import suppress
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts import schema
from shared.contracts.event import Undecodable, decode, encode, open_envelope
from shared.contracts.recall import NoticePublished
from shared.contracts.stamps import SegmentPublished
from shared.ids import now

GOLDEN = {path.stem: json.loads(path.read_text()) for path in schema.GOLDEN.glob("*.json")}


def incompatibilities(old: Any, new: Any, where: str = "") -> list[str]:
    """What a reader of the old schema would stumble over in the new one."""
    if isinstance(old, dict):
        found = []
        for key, value in old.items():
            if key in ("description", "title", "default"):
                continue
            if key == "required":
                found += [f"{where}: {n} was always there" for n in set(value) - set(new[key])]
            elif not isinstance(new, dict) or key not in new:
                found.append(f"{where}/{key} is gone")
            else:
                found += incompatibilities(value, new[key], f"{where}/{key}")
        return found
    return [] if old == new else [f"{where}: {old!r} became {new!r}"]


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_an_event_keeps_every_member_its_readers_know(name: str) -> None:
    classes = schema.all_types()
    assert name in classes, f"{name} is gone; publish a v2 beside it instead"
    assert incompatibilities(GOLDEN[name], schema.schema(classes[name])) == []


def test_every_event_and_every_addition_is_recorded() -> None:
    current = {name: schema.schema(cls) for name, cls in schema.all_types().items()}
    assert current == GOLDEN, "run python -m shared.contracts.schema and commit what it writes"
    assert json.loads(schema.ASYNCAPI.read_text()) == json.loads(json.dumps(schema.asyncapi()))


def test_a_removed_or_retyped_member_is_noticed() -> None:
    old = {"properties": {"a": {"type": "string"}}, "required": ["a"]}
    assert incompatibilities(old, {"properties": {}, "required": ["a"]})
    assert incompatibilities(old, {"properties": {"a": {"type": "integer"}}, "required": ["a"]})
    assert incompatibilities(old, {"properties": {"a": {"type": "string"}}, "required": []})
    assert not incompatibilities(
        old, {"properties": {"a": {"type": "string"}, "b": {}}, "required": ["a"]}
    )


def segment() -> SegmentPublished:
    return SegmentPublished(
        subject="7/0",
        version=3,
        time=now(),
        batch=7,
        segment=0,
        facility_id="f",
        product_id="p",
        intervals=[(0, 499, "lot", "active"), (500, 999, "", "issued")],
    )


def test_an_event_reads_back_as_it_was_written() -> None:
    event = segment().model_copy(update={"number": 12})
    assert decode(encode(event)) == event


def test_a_member_added_later_is_ignored_by_todays_reader() -> None:
    original = segment()
    value = open_envelope(encode(original))
    value["data"]["added_next_year"] = {"x": 1}
    value["extension"] = "y"
    assert decode(msgspec.json.encode(value)) == original


def test_an_unknown_type_is_no_error() -> None:
    value = open_envelope(encode(segment()))
    assert decode(msgspec.json.encode({**value, "type": "stamps.unheard_of.v9"})) is None


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_undecodable_or_unknown_and_nothing_else(body: bytes) -> None:
    with suppress(Undecodable):
        assert decode(body) is None


@given(st.sampled_from(["id", "type", "specversion", "data", "subject", "version", "time"]))
def test_an_envelope_without_a_needed_attribute_is_undecodable(missing: str) -> None:
    value = open_envelope(encode(segment()))
    del value[missing]
    with pytest.raises(Undecodable):
        decode(msgspec.json.encode(value))


def test_a_notice_of_two_thousand_lots_stays_below_the_bus_message_size() -> None:
    notice = NoticePublished(
        subject="c/0",
        version=1,
        time=now(),
        case_id="c",
        part=0,
        kind="recall",
        active=True,
        title="t",
        reason="r",
        instruction="i",
        ordered_at=now(),
        authority="a",
        lots=tuple(f"0192f0c1-2345-7000-8000-{i:012d}" for i in range(2_000)),
    )
    assert len(encode(notice)) < 128 * 1024
