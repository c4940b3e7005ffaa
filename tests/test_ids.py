"""Ids tell when they were made, and nothing else."""

import time
from uuid import RFC_4122, UUID

import time_machine

from shared.ids import new_id


def test_ids_of_one_process_sort_as_they_were_made() -> None:
    made = [new_id() for _ in range(20_000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_a_clock_set_back_does_not_bring_ids_back() -> None:
    before = new_id()
    with time_machine.travel(time.time() - 3600):
        assert new_id() > before


def test_an_id_is_a_version_7_uuid_of_this_millisecond() -> None:
    began = time.time_ns() // 1_000_000
    one = UUID(new_id())
    assert (one.version, one.variant) == (7, RFC_4122)
    assert began <= one.int >> 80 <= time.time_ns() // 1_000_000 + 1
    assert one.int & (1 << 62) - 1 != UUID(new_id()).int & (1 << 62) - 1
