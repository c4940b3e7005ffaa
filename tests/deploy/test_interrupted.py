"""Ctrl-C and sudden ends: what runs in the foreground tidies up and leaves nobody behind."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from deploy.local import status
from deploy.local.layout import ROOT
from tests.polling import eventually

# A test run in the background may have been told to ignore Ctrl-C, and its children with it.
STARTER = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from pathlib import Path
from deploy.local import foreground
try:
    foreground.run([sys.executable, "-c", sys.argv[1], sys.argv[2]], cwd=Path("/"), env=os.environ)
except KeyboardInterrupt:
    sys.exit(130)
"""
TIDIES_UP = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)
from pathlib import Path
try:
    print("begun", flush=True)
    time.sleep(60)
except KeyboardInterrupt:
    time.sleep(1)
    Path(sys.argv[1]).touch()
"""
PAINTS = """
import multiprocessing, os, time
from concurrent.futures import ProcessPoolExecutor
from deploy.demo.load import give_way
if __name__ == "__main__":
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=spawn, initializer=give_way) as painters:
        print(painters.submit(os.getpid).result(), flush=True)
        time.sleep(60)
"""


def test_what_is_interrupted_may_tidy_up(tmp_path: Path) -> None:
    done = tmp_path / "done"
    starter = subprocess.Popen(
        [sys.executable, "-c", STARTER, TIDIES_UP, str(done)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert starter.stdout is not None
    assert starter.stdout.readline() == b"begun\n"
    os.killpg(starter.pid, signal.SIGINT)  # As a terminal sends it: to all in the foreground.
    assert starter.wait(timeout=30) == 130
    assert done.exists()


async def test_painters_end_with_the_process_they_paint_for(tmp_path: Path) -> None:
    script = tmp_path / "paints.py"
    script.write_text(PAINTS)
    command = [sys.executable, str(script)]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        painter = int(parent.stdout.readline())
        assert status.born(painter)
        parent.kill()
    await eventually(lambda: not status.born(painter), timeout=30)
