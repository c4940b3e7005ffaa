"""Keeps the logs of long-running processes within bounds."""

import shutil
from pathlib import Path

LARGEST_BYTES = 20_000_000
KEPT = 2


def rotate_large(folder: Path, largest: int = LARGEST_BYTES) -> None:
    """Copies a log that has grown too large aside and empties it in place.

    The processes hold their files open for appending, so they go on writing at the new end; what
    is written between copy and truncation (microseconds) is lost, which a log can bear.
    """
    for path in folder.glob("*.log"):
        if path.stat().st_size > largest:
            for number in range(KEPT, 1, -1):
                older = path.with_name(f"{path.name}.{number - 1}")
                if older.exists():
                    older.replace(path.with_name(f"{path.name}.{number}"))
            shutil.copyfile(path, path.with_name(f"{path.name}.1"))
            with path.open("r+b") as emptied:
                emptied.truncate(0)


def last_lines(path: Path, count: int) -> str:
    """The end of a log, read from its end."""
    if not path.exists():
        return ""
    with path.open("rb") as log:
        size = log.seek(0, 2)
        log.seek(max(0, size - count * 2000))
        return "\n".join(log.read().decode(errors="replace").splitlines()[-count:])
