"""`./txng` in a fresh clone: from nothing, from any folder, with clear refusals."""

import os
import shutil
import subprocess
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from typing import Any

import pytest

from deploy.local import packages
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
    beside = [p for p in folder.rglob("__pycache__") if ".txng" not in p.parts]
    assert not beside, "what Python compiles lies with all other state"
    assert list((folder / ".txng" / "compiled").rglob("cli.*.pyc"))


def test_a_broken_environment_is_made_anew(tmp_path: Path) -> None:
    """With a list of one package: that all of them can be had is seen above."""
    folder = clone(tmp_path / "clone")
    shutil.copy(folder / "deploy" / "local" / "bootstrap.lock", folder / "requirements-local.lock")
    binary = folder / ".txng" / "venv" / "bin" / "python"
    binary.parent.mkdir(parents=True)
    binary.symlink_to("/nowhere/python3")
    assert "environment ready" in txng(folder, "status").stderr
    assert subprocess.run([binary, "-c", "import uv"], check=False).returncode == 0


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The launcher itself as a module, whose environment is in a folder of the test's."""
    loader = SourceFileLoader("txng_launcher", str(ROOT / "txng"))
    spec = spec_from_loader(loader.name, loader)
    assert spec is not None
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    module = module_from_spec(spec)
    loader.exec_module(module)
    venv = tmp_path / "một nơi" / "venv"
    monkeypatch.setattr(module, "VENV", venv)
    monkeypatch.setattr(module, "PYTHON", venv / "bin" / "python")
    monkeypatch.setattr(module, "STATE", venv.parent)
    return module


def lay_out_environment(venv: Path, made_as: Path) -> None:
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "python").symlink_to(sys.executable)
    (venv / "pyvenv.cfg").write_text(
        f"home = {sys.base_prefix}/bin\ncommand = python3 -m venv {made_as}\n"
    )


def test_an_environment_is_used_where_it_was_made_and_by_a_link_to_it(
    script: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay_out_environment(script.VENV, script.VENV)
    assert script.is_usable()
    link = tmp_path / "link"
    link.symlink_to(script.VENV)
    monkeypatch.setattr(script, "VENV", link)
    assert script.is_usable()


def test_an_environment_that_was_moved_is_not_used(script: Any, tmp_path: Path) -> None:
    lay_out_environment(script.VENV, tmp_path / "where it was" / "venv")
    assert not script.is_usable()


def test_an_environment_whose_python_is_cut_off_is_not_used(script: Any) -> None:
    lay_out_environment(script.VENV, script.VENV)
    script.PYTHON.unlink()
    script.PYTHON.touch(mode=0o755)
    assert not script.is_usable()


def test_who_is_not_root_and_has_no_venv_is_told_all_packages_at_once(
    script: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(script.NotPossibleError) as refusal:
        script.install_debian_venv()
    for package in ("python3-venv", *packages.RUNTIME):
        assert package in str(refusal.value)


def test_too_little_disk_for_the_environment_is_said_with_a_remedy(
    script: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(script, "LEAST_FREE_BYTES", 2**62)
    script.STATE.mkdir(parents=True)
    with pytest.raises(script.NotPossibleError, match=r"2 GB of free disk.*a link to a folder"):
        script.make_venv()


def test_an_interrupted_installation_says_how_to_go_on(
    script: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(_: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(script, "ensure_environment", interrupted)
    monkeypatch.setattr(sys, "argv", ["txng", "up"])
    assert script.main() == 130
    assert "the same command goes on from here" in capsys.readouterr().err


def test_an_environment_that_lacks_a_package_says_how_to_mend_it(tmp_path: Path) -> None:
    folder = clone(tmp_path / "clone")
    venv = folder / ".txng" / "venv"
    lay_out_environment(venv, venv)
    done = txng(folder, "status")
    assert done.returncode == 1
    assert "the environment is damaged" in done.stderr
    assert f"rm -rf '{venv}'" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"TXNG_PORT_OFFSET": "many"}, "TXNG_PORT_OFFSET must be a whole number, not 'many'"),
        ({"TXNG_HTTP_PORT": "x"}, "TXNG_HTTP_PORT must be a whole number"),
        ({"TXNG_PORT_OFFSET": "60000"}, "is no port. Look at TXNG_PORT_OFFSET"),
    ],
)
def test_a_setting_that_cannot_be_meant_is_named(
    tmp_path: Path, settings: dict[str, str], said: str
) -> None:
    done = txng(clone_with_environment(tmp_path / "clone"), "up", **settings)
    assert done.returncode == 1
    assert said in done.stdout
    assert "Traceback" not in done.stderr


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
        (["log"], "log knows: verify"),
    ],
)
def test_a_wrong_command_says_what_would_be_right(
    tmp_path: Path, arguments: list[str], said: str
) -> None:
    done = txng(clone_with_environment(tmp_path / "clone"), *arguments)
    assert done.returncode == 2
    assert said in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    "command", [["demo"], ["dlq", "list"], ["audit", "verify"], ["log", "verify"]]
)
def test_what_needs_a_running_system_says_so(tmp_path: Path, command: list[str]) -> None:
    done = txng(clone_with_environment(tmp_path / "clone"), *command)
    assert done.returncode == 1
    assert "nothing is running; ./txng up starts everything" in done.stdout
