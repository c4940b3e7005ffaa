"""The long runs: what a seed fixes, and how they go on from where they were interrupted."""

from pathlib import Path

from shared.messaging.dlq import queues
from tests.faults.long.__main__ import Kept
from tests.faults.long.schedule import (
    BROKER,
    DATABASE,
    EVENTS,
    NETWORK,
    PROCESS,
    QUEUES,
    SERVICES,
    schedule,
)
from tests.running import ALL


def test_a_seed_fixes_acts_and_faults() -> None:
    assert [schedule(n) for n in range(200)] == [schedule(n) for n in range(200)]
    assert len({schedule(n).told()["acts"] for n in range(200)}) > 50


def test_every_kind_of_fault_comes_and_a_majority_of_each_server_stays() -> None:
    met = set()
    for seed in range(1, 1001):
        kinds = [fault.kind for fault in schedule(seed).faults]
        met.update(kinds)
        assert kinds, seed
        assert sum(kind in BROKER for kind in kinds) <= 1
        assert sum(kind in DATABASE for kind in kinds) <= 1
    assert met == {*BROKER, *DATABASE, *PROCESS, *NETWORK, *EVENTS}


def test_what_schedules_name_is_there() -> None:
    assert set(SERVICES) <= set(ALL)
    assert set(QUEUES) <= queues().keys()


def test_runs_go_on_from_what_was_done_and_a_repeated_seed_replaces_what_it_said(
    tmp_path: Path,
) -> None:
    path = tmp_path / "faults" / "long.json"
    Kept(path).note(schedule(1), 9.0, [])
    Kept(path).note(schedule(2), 8.0, ["I4: a replica said genuine"])
    kept = Kept(path)
    assert kept.done == {"1": 9.0, "2": 8.0}
    assert [(one["seed"], one["violated"]) for one in kept.failures] == [
        (2, ["I4: a replica said genuine"])
    ]
    kept.note(schedule(2), 7.0, [])
    assert Kept(path).failures == []
    assert Kept(path).done == {"1": 9.0, "2": 7.0}
