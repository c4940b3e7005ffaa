"""`./txng code USERNAME`: the present code of a demo official, as their telephone would show it."""

import sys
import time
from datetime import datetime

from deploy.demo import data
from deploy.demo.codes import FILE, STEP_SECONDS, DemoSeeds, present_step
from deploy.demo.fields import LOCAL
from deploy.demo.load import state_folder


def main() -> int:
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        sys.stderr.write("usage: ./txng code USERNAME\n")
        return 2
    username, folder = sys.argv[1], state_folder()
    if not (folder / FILE).exists():
        return _fail("no demo province has been loaded here; ./txng up loads it")
    accounts = data.load(today=datetime.now(LOCAL).date()).accounts
    tier = next((one.tier for one in accounts if one.username == username), None)
    if tier is None:
        return _fail(f"the demo province has no account {username}")
    if tier == "facility":
        return _fail(f"{username} signs in by the password alone, as facilities do")
    sys.stdout.write(DemoSeeds.of(folder).code(username, present_step()) + "\n")
    left = STEP_SECONDS - int(time.time()) % STEP_SECONDS
    sys.stderr.write(f"works once; the next one comes in {left} s\n")
    return 0


def _fail(line: str) -> int:
    sys.stderr.write(f"txng: {line}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
