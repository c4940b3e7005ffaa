"""Which of the installation's secret files each program reads: it is given these and no others."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

_CODES: Final = frozenset({"stamp-keys.json"})
_PINS: Final = frozenset({"stamp-pin-keys.json"})
_FORMS: Final = frozenset({"csrf.key"})
_VISITORS: Final = frozenset({"user-hash.key"})
_SNAPSHOTS: Final = frozenset({"offline-key.json"})
_COURIER: Final = frozenset({"courier-key.json"})

READ_BY: Final[Mapping[str, frozenset[str]]] = {
    "services.identity.main": _FORMS | _VISITORS | {"token-keys.json", "factor.key"},
    "services.registry.main": _FORMS,
    "services.stamps.main": _FORMS | _CODES | _PINS | {"print-key.json", "log-key.json"},
    "services.recall.main": _FORMS | _CODES | _COURIER,
    "services.recall.courier.worker": _COURIER,
    "services.reporting.main": _FORMS | {"audit-key.json"},
    "services.scan.main": _FORMS | _CODES | _VISITORS,
    "services.scan.projector": frozenset(),
    "services.scan.recorder": frozenset(),
    "services.scan.desk.main": _FORMS | _CODES | _PINS | _SNAPSHOTS,
    "services.scan.speech.worker": frozenset(),
    "services.scan.offline.worker": _CODES | _SNAPSHOTS,
    # Its officials are brought in as a first installation is, by services.identity.bootstrap.
    "deploy.demo.load": frozenset({"factor.key"}),
}


def hand_out(module: str, secrets: Path, folder: Path) -> None:
    """Make `folder` hold links to what the program reads in `secrets`, whether it is there yet or
    not, and nothing else."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    wanted = READ_BY[module]
    for path in folder.iterdir():
        if path.name not in wanted:
            path.unlink(missing_ok=True)
    for name in wanted:
        link, target = folder / name, secrets.absolute() / name
        if not link.is_symlink() or link.readlink() != target:
            # A process that runs never finds it missing, and another that hands out stops nothing.
            draft = folder.with_name(f".{folder.name}.{name}.{os.getpid()}")
            draft.unlink(missing_ok=True)
            draft.symlink_to(target)
            draft.replace(link)
