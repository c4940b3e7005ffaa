"""The whole system by `./txng up`, in a clone of its own, beside whatever else runs here."""

import json
import os
import re
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from pymongo import MongoClient

from deploy.local import checks, status
from deploy.local.checks import NotPossibleError
from deploy.local.layout import PROCESSES, Layout
from deploy.local.mongodb import mongod_binary
from deploy.local.ports import free_port
from deploy.local.server import terminate, tied_to_us
from deploy.local.status import Status
from tests.deploy.test_bootstrap import clone_with_environment, txng
from tests.polling import eventually

pytestmark = pytest.mark.timeout(400)


class Clone:
    """A clone with ports of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        names = {name: f"TXNG_{name.upper().replace('-', '_')}_PORT" for name in self._processes()}
        servers = ("HTTP", "MONGO", "AMQP", "AMQP_DIST", "EPMD")
        variables = [*names.values(), *(f"TXNG_{name}_PORT" for name in servers)]
        self.env = {variable: str(free_port()) for variable in variables}
        self.layout = Layout.from_environment({**self.env, "TXNG_STATE_DIR": str(folder / ".txng")})

    def run(self, *arguments: str, **env: str) -> tuple[int, str]:
        done = txng(self.folder, *arguments, **{**self.env, **env})
        return done.returncode, done.stdout + done.stderr

    def status(self) -> Status:
        living = status.read_living(self.layout.run)
        assert living is not None
        return living

    def get(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"{self.layout.url('nginx')}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.read().decode()

    def _processes(self) -> list[str]:
        return [process.name for process in PROCESSES]


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clone]:
    """A running system without demo data."""
    clone = Clone(clone_with_environment(tmp_path_factory.mktemp("up") / "bản sao"))
    code, said = clone.run("up", "--empty")
    assert code == 0, said
    yield clone
    clone.run("down")


def test_up_tells_what_it_does_and_where_the_system_is(up: Clone) -> None:
    code, said = up.run("up", "--empty")
    assert code == 0
    assert "running already" in said
    assert f"{len(PROCESSES)} processes ready" in said
    assert up.layout.public_origin in said


def test_a_shell_without_the_settings_of_up_finds_the_running_system(up: Clone) -> None:
    code, said = txng_in_a_plain_shell(up, "status")
    assert code == 0, said
    assert f"open {up.layout.public_origin}/" in said
    code, said = txng_in_a_plain_shell(up, "dlq", "list")
    assert code == 0, said
    code, said = txng_in_a_plain_shell(up, "up", "--empty")
    assert code == 0, said
    assert "it runs with the settings of its start" in said


def txng_in_a_plain_shell(clone: Clone, *arguments: str) -> tuple[int, str]:
    done = txng(clone.folder, *arguments)
    return done.returncode, done.stdout + done.stderr


def test_a_second_up_is_quick_and_restarts_nothing(up: Clone) -> None:
    before = {name: child.pid for name, child in up.status().children.items()}
    began = time.monotonic()
    code, _ = up.run("up", "--empty")
    assert code == 0
    assert time.monotonic() - began < 15
    assert {name: child.pid for name, child in up.status().children.items()} == before


def test_everything_is_ready_and_answers_through_nginx(up: Clone) -> None:
    code, said = up.run("status")
    assert code == 0, said
    assert said.count(" ready") == len(PROCESSES)
    assert up.get("/")[0] == 200
    assert up.get("/recalls")[0] == 200
    assert up.get("/sign-in")[0] == 200
    code, body = up.get("/v1/verdicts/00000000000000000000")
    assert code < 500
    assert json.loads(body)


def test_nothing_for_operators_is_reachable_from_outside(up: Clone) -> None:
    for path in ("/healthz", "/readyz", "/metrics", "/v1/feed?after=0"):
        assert up.get(path)[0] == 404


async def test_a_killed_service_comes_back(up: Clone) -> None:
    killed = up.status().children["reporting"].pid
    assert killed is not None
    os.kill(killed, signal.SIGKILL)

    def is_back() -> bool:
        child = up.status().children["reporting"]
        return child.pid not in {None, killed} and child.restarts == 1

    await eventually(is_back, timeout=20)
    await eventually(lambda: up.run("status")[0] == 0, timeout=60)


def test_the_log_of_a_process_can_be_read(up: Clone) -> None:
    code, said = up.run("logs", "supervisor")
    assert code == 0
    assert "queues declared" in said
    code, said = up.run("logs")
    assert all(process.name in said for process in PROCESSES)


def test_every_queue_has_an_empty_parking_place(up: Clone) -> None:
    code, said = up.run("dlq", "list")
    assert code == 0, said
    assert re.findall(r"^ *(\d+)  \S+$", said, re.MULTILINE)
    assert set(re.findall(r"^ *(\d+)  \S+$", said, re.MULTILINE)) == {"0"}


def test_secrets_are_readable_by_their_owner_alone(up: Clone) -> None:
    modes = {path.stat().st_mode & 0o777 for path in up.layout.secrets.iterdir()}
    assert modes == {0o600}


def test_another_clone_on_the_same_ports_is_told_which_setting_to_change(
    up: Clone, tmp_path: Path
) -> None:
    other = Clone(clone_with_environment(tmp_path / "other"))
    code, said = other.run("up", TXNG_HTTP_PORT=up.env["TXNG_HTTP_PORT"])
    assert code == 1
    assert f"Port {up.env['TXNG_HTTP_PORT']}, meant for nginx, is in use" in said
    assert "TXNG_HTTP_PORT" in said
    assert "Traceback" not in said


async def test_a_killed_supervisor_leaves_nothing_behind_and_up_starts_again(up: Clone) -> None:
    killed = up.status()
    os.kill(killed.pid, signal.SIGKILL)

    def all_have_ended() -> None:
        assert [n for n, c in killed.children.items() if c.pid and status.born(c.pid)] == []

    await eventually(all_have_ended, timeout=60)
    assert up.run("status")[0] == 3
    code, said = up.run("up", "--empty")
    assert code == 0, said


def test_down_ends_everything_and_keeps_the_data(up: Clone) -> None:
    pids = [child.pid for child in up.status().children.values()]
    code, said = up.run("down")
    assert code == 0
    assert "stopped; the data stays in" in said
    assert not any(pid is not None and status.born(pid) for pid in pids)
    assert up.run("down") == (0, "txng: nothing is running\n")
    assert (up.layout.state / "mongo" / "db").exists()


def test_a_port_in_use_names_its_setting(tmp_path: Path) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        layout = Layout.from_environment(
            {"TXNG_SCAN_2_PORT": str(port), "TXNG_STATE_DIR": str(tmp_path)}
        )
        with pytest.raises(NotPossibleError, match=f"{port}, meant for scan-2.*TXNG_SCAN_2_PORT"):
            checks.check_ports(layout)


def test_moving_all_ports_is_offered_where_all_are_free(tmp_path: Path) -> None:
    def listening(port: int) -> socket.socket:
        server = socket.socket()
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("127.0.0.1", port))
        server.listen()
        return server

    layout = Layout.from_environment(
        {
            "TXNG_PORT_OFFSET": "2000",
            "TXNG_MONGO_URL": "mongodb://x",
            "TXNG_AMQP_URL": "amqp://x",
            "TXNG_STATE_DIR": str(tmp_path),
        }
    )
    first = checks.free_offset(layout)
    with closing(listening(8122 + first)):
        second = checks.free_offset(layout)
    assert first > 2000
    assert second > first


def test_a_port_given_to_two_is_refused(tmp_path: Path) -> None:
    env = Clone(tmp_path).env
    port = env["TXNG_SCAN_1_PORT"]
    layout = Layout.from_environment({**env, "TXNG_SCAN_2_PORT": port})
    with pytest.raises(NotPossibleError, match=f"Port {port} is meant for scan-1 and for scan-2"):
        checks.check_ports(layout)


def test_servers_that_are_given_need_no_ports_and_must_answer(mongo_url: str) -> None:
    layout = Layout.from_environment({"TXNG_MONGO_URL": mongo_url, "TXNG_AMQP_URL": "amqp://x/"})
    needed = checks.needed_ports(layout)
    assert not {"mongod", "rabbitmq", "epmd"} & set(needed)
    checks.check_mongo(mongo_url)
    nobody = free_port()
    with pytest.raises(NotPossibleError, match="TXNG_MONGO_URL does not answer"):
        checks.check_mongo(f"mongodb://127.0.0.1:{nobody}/?serverSelectionTimeoutMS=300")
    with pytest.raises(
        NotPossibleError, match=r"TXNG_AMQP_URL does not answer.*a RabbitMQ that runs"
    ):
        checks.check_amqp(f"amqp://127.0.0.1:{nobody}/")
    with pytest.raises(NotPossibleError, match="it does not begin with amqp://"):
        checks.check_amqp("localhost:5672")


def test_a_broker_must_let_us_in_and_one_of_several_is_enough(amqp_url: str) -> None:
    refusing = amqp_url.replace("guest:guest@", "guest:wrong@")
    checks.check_amqp(f"{refusing},{amqp_url}")
    with pytest.raises(NotPossibleError, match="with a user that it knows") as refusal:
        checks.check_amqp(refusing)
    assert "wrong" not in str(refusal.value)


def test_a_database_without_a_replica_set_is_refused(tmp_path: Path) -> None:
    port = free_port()
    common = [str(mongod_binary()), "--dbpath", str(tmp_path), "--port", str(port), "--quiet"]
    for options, said in (([], "Start it with --replSet"), (["--replSet", "rs0"], "rs.initiate")):
        server = subprocess.Popen(tied_to_us([*common, *options]), stdout=subprocess.DEVNULL)
        try:
            with MongoClient[dict[str, object]](
                "127.0.0.1", port, directConnection=True, serverSelectionTimeoutMS=30_000
            ) as client:
                client.admin.command("ping")
            with pytest.raises(NotPossibleError, match=said):
                checks.check_mongo(f"mongodb://127.0.0.1:{port}/")
        finally:
            terminate(server)


def test_a_status_file_of_a_process_that_is_gone_is_not_believed(tmp_path: Path) -> None:
    written = status.own()
    written.write(tmp_path)
    assert status.read_living(tmp_path) is not None
    written.born = written.born + "0"  # The pid is taken again, by another process.
    written.write(tmp_path)
    assert status.read_living(tmp_path) is None
    (tmp_path / "status.json").write_text("{")
    assert status.read_living(tmp_path) is None
