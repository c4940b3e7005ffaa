"""`python -m deploy.local`, which `./txng` becomes once there is an environment."""

import sys
from pathlib import Path

VENV = Path(__file__).resolve().parents[2] / ".txng" / "venv"

try:
    from deploy.local.cli import main
except ModuleNotFoundError as missing:
    sys.exit(
        f"txng: {missing}: the environment is damaged. Remove it, and the next command makes it"
        f" anew: rm -rf '{VENV}'"
    )

sys.exit(main())
