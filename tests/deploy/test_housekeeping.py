"""What the launcher does beside starting things: packages, logs."""

import os
import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from deploy.local import checks, logfiles, packages
from deploy.local.checks import NotPossibleError
from deploy.local.layout import Layout
from deploy.local.packages import PackagesMissingError

Usage = namedtuple("Usage", "total used free")


def test_who_is_not_root_is_told_the_command_and_the_alternative(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(PackagesMissingError) as refusal:
        packages.install(["rabbitmq-server"], instead="Or set TXNG_AMQP_URL.")
    said = str(refusal.value)
    assert "sudo apt-get install --no-install-recommends rabbitmq-server" in said
    assert "Or set TXNG_AMQP_URL." in said


def test_nothing_is_installed_where_nothing_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    packages.install([])
    assert packages.missing({"here": lambda: True, "not-here": lambda: False}) == ["not-here"]


def test_debian_does_not_start_what_is_being_installed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    policy = tmp_path / "policy-rc.d"
    monkeypatch.setattr(packages, "POLICY", policy)
    with packages.services_kept_off():
        assert "exit 101" in policy.read_text()
        assert os.access(policy, os.X_OK)
    assert not policy.exists()


def test_a_policy_of_the_machines_own_is_left_as_it_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    policy = tmp_path / "policy-rc.d"
    policy.write_text("#!/bin/sh\nexit 0\n")
    monkeypatch.setattr(packages, "POLICY", policy)
    with packages.services_kept_off():
        pass
    assert policy.read_text() == "#!/bin/sh\nexit 0\n"


def test_a_full_disk_is_noticed_before_anything_starts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**12, 10**12 - 1000, 1000))
    layout = Layout.from_environment({"TXNG_STATE_DIR": str(tmp_path)})
    with pytest.raises(NotPossibleError, match=r"Only 0 MB are free.*TXNG_STATE_DIR"):
        checks.check_disk(layout)


def test_a_log_that_grows_is_kept_in_pieces_and_its_writer_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "service.log"
    with path.open("ab", buffering=0) as writer:
        for piece in (b"first\n", b"second\n", b"third\n"):
            writer.write(piece * 100)
            logfiles.rotate_large(tmp_path, largest=200)
        writer.write(b"now\n")
    assert path.read_bytes() == b"now\n"
    assert path.with_name("service.log.1").read_bytes() == b"third\n" * 100
    assert path.with_name("service.log.2").read_bytes() == b"second\n" * 100
    assert not path.with_name("service.log.3").exists()


def test_the_end_of_a_log_is_read_without_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "service.log"
    path.write_text("\n".join(str(number) for number in range(10_000)))
    assert logfiles.last_lines(path, 3) == "9997\n9998\n9999"
    assert logfiles.last_lines(tmp_path / "none.log", 3) == ""


def test_one_setting_moves_every_port() -> None:
    plain = Layout.from_environment({})
    moved = Layout.from_environment({"TXNG_PORT_OFFSET": "1000", "TXNG_SCAN_1_PORT": "9999"})
    for name, port in moved.ports.items():
        assert port == (9999 if name == "scan-1" else plain.ports[name] + 1000)
    assert moved.public_origin == "http://localhost:9080"
