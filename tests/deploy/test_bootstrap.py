"""`./txng` in a fresh clone: from nothing, from any folder, with clear refusals."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from deploy.local.layout import ROOT

TRACKED = [
    "txng",
    "deploy",
    "shared",
    "services",
    "data",
    "requirements-local.lock",
    "requirements-dev.lock",
]


def clone(folder: Path) -> Path:
    """What a clone holds, as it stands in this work tree, and no environment."""
    folder.mkdir(parents=True)
    for name in TRACKED:
        source = ROOT / name
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(source, folder / name, ignore=ignored)
        else:
            shutil.copy2(source, folder / name)
    return folder


def clone_with_environment(folder: Path) -> Path:
    """The same, with this clone's environment lent to it, which saves building one each time."""
    made = clone(folder)
    (made / ".txng").mkdir()
    (made / ".txng" / "venv").symlink_to(ROOT / ".txng" / "venv")
    return made


def txng(folder: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("TXNG_", "PYTHON"))}
    return subprocess.run(
        [folder / "txng", *arguments],
        cwd="/",
        env={**clean, **env},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.timeout(300)
def test_a_fresh_clone_in_a_path_with_spaces_builds_its_environment_once(tmp_path: Path) -> None:
    folder = clone(tmp_path / "bản sao có dấu cách")
    first = txng(folder, "status")
    assert first.returncode == 3, first.stderr
    assert "environment ready" in first.stderr
    assert "nothing is running" in first.stdout
    second = txng(folder, "up", "--unknown")
    assert second.stderr == ""
    assert (folder / ".txng" / "venv" / ".installed-local").exists()


def test_a_broken_environment_is_made_anew(tmp_path: Path) -> None:
    folder = clone(tmp_path / "clone")
    binary = folder / ".txng" / "venv" / "bin" / "python"
    binary.parent.mkdir(parents=True)
    binary.symlink_to("/nowhere/python3")
    assert txng(folder, "status").returncode == 3
    assert binary.exists()


def test_help_names_every_command_in_one_line_and_needs_no_environment(tmp_path: Path) -> None:
    folder = clone(tmp_path / "clone")
    shown = txng(folder, "--help")
    assert shown.returncode == 0
    for command in ("up", "down", "status", "logs", "demo", "test", "bench", "dlq", "audit"):
        assert f"\n  {command}" in shown.stdout
    assert not (folder / ".txng").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nonsense"], "there is no command nonsense"),
        (["up", "--nonsense"], "up knows --empty"),
        (["logs", "nobody"], "which log?"),
        (["bench", "nothing"], "bench knows"),
        (["audit"], "audit knows: verify"),
    ],
)
def test_a_wrong_command_says_what_would_be_right(
    tmp_path: Path, arguments: list[str], said: str
) -> None:
    done = txng(clone_with_environment(tmp_path / "clone"), *arguments)
    assert done.returncode == 2
    assert said in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.parametrize("command", [["demo"], ["dlq", "list"], ["audit", "verify"]])
def test_what_needs_a_running_system_says_so(tmp_path: Path, command: list[str]) -> None:
    done = txng(clone_with_environment(tmp_path / "clone"), *command)
    assert done.returncode == 1
    assert "nothing is running; ./txng up starts everything" in done.stdout
