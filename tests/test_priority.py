"""A process that gives way does so among all processes, not only in its own session."""

import subprocess
import sys
from pathlib import Path

import pytest

ASK = """
import os
from pathlib import Path
from shared.priority import give_way
give_way(7)
group = Path("/proc/self/autogroup")
print(os.nice(0), group.read_text() if group.exists() else "")
"""


def asked(*, own_session: bool) -> str:
    return subprocess.run(
        [sys.executable, "-c", ASK],
        start_new_session=own_session,
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).resolve().parents[1],
    ).stdout.strip()


def test_a_process_with_its_own_session_lowers_both() -> None:
    told = asked(own_session=True)
    assert told.split()[0] == "7"
    if "autogroup" not in told:
        pytest.skip("this kernel has no autogroups")
    assert told.endswith("nice 7")


def test_a_session_of_others_is_left_alone() -> None:
    told = asked(own_session=False)
    assert told.split()[0] == "7"
    assert not told.endswith("nice 7")
