"""What the supervisor says of itself in .txng/run/status.json, and whether it still lives."""

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class ChildStatus:
    """One process: its pid while it runs, since when (epoch seconds), how often restarted."""

    pid: int | None = None
    state: str = "not started"  # then: running, waiting to restart, stopped
    since: float = 0.0
    restarts: int = 0


@dataclass
class Status:
    """The supervisor's own account; `steps` are the progress lines of its start."""

    pid: int
    born: str
    phase: str = "starting"  # then: running, stopping, stopped, failed
    error: str = ""
    steps: list[str] = field(default_factory=list)
    children: dict[str, ChildStatus] = field(default_factory=dict)

    def write(self, run: Path) -> None:
        draft = run / "status.json.new"
        draft.write_text(json.dumps(asdict(self), ensure_ascii=False, indent=1))
        draft.replace(run / "status.json")

    @property
    def is_alive(self) -> bool:
        """Whether the process that wrote this still runs: its pid may be another's by now."""
        return born(self.pid) == self.born


def read(run: Path) -> Status | None:
    """The last status written, or None if there is none that can be read."""
    try:
        value: dict[str, Any] = json.loads((run / "status.json").read_text())
        children = {name: ChildStatus(**child) for name, child in value.pop("children").items()}
        return Status(**value, children=children)
    except (OSError, ValueError, TypeError, KeyError):
        return None


def read_living(run: Path) -> Status | None:
    """The status of a supervisor that runs now."""
    status = read(run)
    return status if status is not None and status.is_alive else None


def settings_of(pid: int) -> dict[str, str]:
    """The TXNG_ variables a process was started with; PermissionError if it is another user's."""
    raw = Path(f"/proc/{pid}/environ").read_bytes().decode(errors="surrogateescape")
    pairs = (entry.partition("=") for entry in raw.split("\0"))
    return {name: value for name, _, value in pairs if name.startswith("TXNG_")}


def born(pid: int) -> str:
    """The boot and the clock tick in which a process began, or "" if there is none.

    Together with the pid this names one process for good.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    return "" if fields[0] in "ZX" else f"{boot}/{fields[19]}"


def own(phase: str = "starting") -> Status:
    return Status(pid=os.getpid(), born=born(os.getpid()), phase=phase)
