"""docker-compose.yml and the Dockerfile, as far as they can be checked without an engine."""

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from deploy.local.layout import PROCESSES, ROOT
from deploy.nginx import render
from deploy.replica import take_place
from services.recall.courier.settings import CourierSettings
from shared.settings import Settings

COMPOSE = ROOT / "docker-compose.yml"
DEFAULT = re.compile(r"\$\{[A-Z_]+:-([^${}]*)\}")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = YAML(typ="safe").load(COMPOSE)
    return loaded


def resolved(value: str) -> str:
    """The value with nothing set outside: every variable takes its default."""
    while (filled := DEFAULT.sub(r"\1", value)) != value:
        value = filled
    return value


def test_the_file_follows_the_compose_specification() -> None:
    check = Path(sys.executable).with_name("check-jsonschema")
    done = subprocess.run(
        [check, "--builtin-schema", "vendor.compose-spec", COMPOSE],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_everything_a_service_refers_to_is_declared(compose: dict[str, Any]) -> None:
    services = compose["services"]
    for name, service in services.items():
        for other, how in service.get("depends_on", {}).items():
            assert other in services, (name, other)
            if how["condition"] == "service_completed_successfully":
                assert services[other]["restart"] == "no"
        for mount in service.get("volumes", []):
            source = mount["source"] if isinstance(mount, dict) else mount.partition(":")[0]
            known = source in compose["volumes"] or (ROOT / source).exists()
            assert known, (name, mount)
        assert set(service.get("networks", [])) <= set(compose["networks"])


def test_images_are_pinned_to_a_release(compose: dict[str, Any]) -> None:
    images = [resolved(service["image"]) for service in compose["services"].values()]
    for image in images:
        assert re.search(r":(\d+\.\d+\.\d+|local)$", image), image


def test_the_same_processes_run_as_on_one_machine(compose: dict[str, Any]) -> None:
    modules = [word for s in compose["services"].values() for word in s.get("command", [])]
    for process in PROCESSES:
        assert process.module in modules
    for module in (word for word in modules if re.fullmatch(r"(services|deploy)\.[a-z.]+", word)):
        assert find_spec(module), module


def test_the_processes_are_told_only_what_they_understand(compose: dict[str, Any]) -> None:
    told = {name for name in compose["x-app"]["environment"] if name.startswith("TXNG_")}
    known = {f"TXNG_{name.upper()}" for name in Settings.model_fields}
    assert told <= known


def test_nginx_takes_the_configuration_that_the_image_fills_in(
    compose: dict[str, Any], tmp_path: Path
) -> None:
    """As the image includes it: inside an http block that already has settings of its own."""
    values = {
        name: resolved(value) for name, value in compose["services"]["nginx"]["environment"].items()
    }
    values |= {"TXNG_ACCESS_LOG": str(tmp_path / "access.log")}
    text = render.fill((ROOT / "deploy/nginx/txng.conf.template").read_text(), values)
    # Debian's nginx cannot resolve names again while it runs (the image's can, since 1.27.3), and
    # the names of containers mean nothing here.
    text = re.sub(r"server [a-z]+:8000 resolve", "server 127.0.0.1:8000", text)
    (tmp_path / "default.conf").write_text(text)
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/nginx.pid; events {{ worker_connections 64; }}\n"
        "http { include /etc/nginx/mime.types; default_type application/octet-stream;\n"
        "log_format main '$request'; access_log off; sendfile on; keepalive_timeout 65;\n"
        f"include {tmp_path}/default.conf; }}\n"
    )
    done = subprocess.run(
        [*render.command(tmp_path / "nginx.conf"), "-t"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "[warn]" not in done.stderr


def test_what_the_image_copies_is_let_through_to_it() -> None:
    ignored = (ROOT / ".dockerignore").read_text().split()
    for name in ("deploy", "services", "shared", "data", "requirements.lock"):
        assert f"!{name}" in ignored
        assert (ROOT / name).exists()
    dockerfile = (ROOT / "deploy" / "Dockerfile").read_text()
    assert "--require-hashes" in dockerfile
    assert "\nUSER txng" in dockerfile


def test_replicas_take_places_of_their_own_and_a_freed_place_is_taken_again(
    tmp_path: Path,
) -> None:
    hold = (
        "import sys, pathlib; from deploy.replica import take_place\n"
        "print(take_place(pathlib.Path(sys.argv[1]))[0], flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", hold, str(tmp_path)]
    others = [
        subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    assert {other.stdout.readline().strip() for other in others if other.stdout} == {
        "scan-1",
        "scan-2",
    }
    assert take_place(tmp_path)[0] == "scan-3"
    for other in others:
        other.communicate()
    assert take_place(tmp_path)[0] in {"scan-1", "scan-2"}


def test_the_courier_is_given_every_setting_of_mail_and_webhooks(compose: dict[str, Any]) -> None:
    """But for the folder that mails are put into, which is for trying the system out."""
    told = set(compose["services"]["recall-courier"]["environment"])
    own = set(CourierSettings.model_fields) - set(Settings.model_fields) - {"mail_drop"}
    assert {f"TXNG_{name.upper()}" for name in own} <= told
    for name in compose["services"]["recall-courier"]["secrets"]:
        assert resolved(compose["secrets"][name]["file"]) == "/dev/null"
