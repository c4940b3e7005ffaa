"""The processes of a bench: a database and a broker of its own, servers, nginx with one file."""

import os
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local.secrets import create_missing
from deploy.local.servers import fresh_pair, start_together, stop_together

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def servers(folder: Path) -> Iterator[dict[str, str]]:
    """A database and a broker of its own; yields the environment of the processes."""
    mongod, rabbitmq = fresh_pair(folder / "servers")
    start_together([mongod, rabbitmq])
    try:
        create_missing(folder / "secrets")
        yield {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "TXNG_MONGO_URL": mongod.url,
            "TXNG_AMQP_URL": rabbitmq.url,
            "TXNG_SECRETS_DIR": str(folder / "secrets"),
        }
    finally:
        stop_together([mongod, rabbitmq])


@contextmanager
def process(command: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """A process of the bench, ended with it."""
    started = subprocess.Popen(
        command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        yield started
    finally:
        started.send_signal(signal.SIGTERM)
        try:
            started.wait(20)
        except subprocess.TimeoutExpired:
            started.kill()
            started.wait()


@contextmanager
def nginx(folder: Path, port: int, size: int) -> Iterator[int]:
    """nginx with one process and one file; yields the process."""
    folder.mkdir()
    (folder / "file").write_bytes(b"x" * size)
    (folder / "nginx.conf").write_text(
        f"daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;\n"
        "events { worker_connections 1024; }\n"
        f"http {{ access_log off; server {{ listen 127.0.0.1:{port}; root {folder};\n"
        f"client_body_temp_path {folder}/b; proxy_temp_path {folder}/p;\n"
        f"fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u;\n"
        f"scgi_temp_path {folder}/s; }} }}\n"
    )
    folder.chmod(0o755)
    folder.parent.chmod(0o755)
    with process(["nginx", "-p", str(folder), "-c", "nginx.conf"], dict(os.environ)) as started:
        yield started.pid


def await_answer(port: int, path: str, seconds: float = 60) -> None:
    """Until it is answered well, as `/readyz` is once a replica is confirmed."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            fetch(port, path, {})
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def fetch(port: int, path: str, headers: dict[str, str]) -> bytes:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers)
    with urllib.request.urlopen(request, timeout=5) as answer:
        return bytes(answer.read())
