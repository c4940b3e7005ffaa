"""Runs one of several equal replicas in a numbered place of its own.

`python -m deploy.replica services.scan.main`: the first folder `replica-<n>` below TXNG_SPOOL_DIR
that no living replica holds becomes this one's spool and name. A container that is replaced by
another leaves its place to it, with whatever scans were not yet sent.
"""

import fcntl
import os
import sys
from pathlib import Path

MOST_REPLICAS = 1000


def take_place(root: Path) -> tuple[str, Path]:
    """The name and the folder of the first free place; the kernel holds it while we live."""
    for number in range(1, MOST_REPLICAS + 1):
        folder = root / f"replica-{number}"
        folder.mkdir(parents=True, exist_ok=True)
        held = os.open(folder / ".held", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(held)
            continue
        os.set_inheritable(held, True)  # The lock goes over to the program that replaces us.
        return f"scan-{number}", folder
    raise OSError(f"all {MOST_REPLICAS} places in {root} are taken")


def main() -> int:  # noqa: RET503 (the last line never returns)
    if len(sys.argv) < 2:
        sys.stderr.write("usage: python -m deploy.replica MODULE [ARGUMENT...]\n")
        return 2
    name, folder = take_place(Path(os.environ["TXNG_SPOOL_DIR"]))
    os.environ.update(TXNG_REPLICA=name, TXNG_SPOOL_DIR=str(folder))
    os.execv(sys.executable, [sys.executable, "-m", *sys.argv[1:]])  # noqa: S606


if __name__ == "__main__":
    sys.exit(main())
