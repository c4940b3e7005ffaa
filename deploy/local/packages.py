"""Installs what is missing from Debian's packages, without letting Debian start it."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from ctypes.util import find_library
from pathlib import Path

from deploy.local.rabbitmq import is_rabbitmq_installed

POLICY = Path("/usr/sbin/policy-rc.d")

# What a package brings that we look for: package -> is it there?
RUNTIME: Mapping[str, Callable[[], bool]] = {
    "rabbitmq-server": is_rabbitmq_installed,
    "libcurl4": lambda: find_library("curl") is not None,  # The embedded mongod is linked to it.
    "nginx": lambda: Path("/usr/sbin/nginx").exists(),
}
TESTING: Mapping[str, Callable[[], bool]] = {
    "chromium": lambda: Path("/usr/bin/chromium").exists(),
    "libzbar0": lambda: find_library("zbar") is not None,
}
MEASURING: Mapping[str, Callable[[], bool]] = {"wrk": lambda: shutil.which("wrk") is not None}


class PackagesMissingError(Exception):
    """Packages are missing and could not be installed; the message says what to do."""


def missing(wanted: Mapping[str, Callable[[], bool]]) -> list[str]:
    return [package for package, is_there in wanted.items() if not is_there()]


def install(packages: list[str], *, instead: str = "") -> None:
    """Installs packages by apt. `instead` tells who cannot be root what else would do."""
    if not packages:
        return
    names = " ".join(packages)
    instead = f"\n{instead}" if instead else ""
    by_hand = f"apt-get install --no-install-recommends {names}"
    if shutil.which("apt-get") is None:
        raise PackagesMissingError(
            f"Missing: {names}. This machine has no apt-get; install them its way.{instead}"
        )
    if os.geteuid() != 0:
        raise PackagesMissingError(
            f"Missing: {names}. Installing them needs root; run once:\n  sudo {by_hand}{instead}"
        )
    with services_kept_off():
        if _apt_install(packages).returncode:
            _run(["apt-get", "update", "-qq"])
            done = _apt_install(packages)
            if done.returncode:
                raise PackagesMissingError(
                    f"`{by_hand}` failed:\n{done.stdout[-2000:].strip()}{instead}"
                )


@contextmanager
def services_kept_off() -> Iterator[None]:
    """Packages installed meanwhile do not start their services: our own use other ports."""
    if POLICY.exists():  # The machine has a policy of its own.
        yield
        return
    POLICY.write_text("#!/bin/sh\nexit 101\n")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink(missing_ok=True)


def _apt_install(packages: list[str]) -> subprocess.CompletedProcess[str]:
    return _run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages])


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
