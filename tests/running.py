"""The system's real processes, started by a test on free ports, killed and restarted at will."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2

from deploy import topology
from deploy.local.layout import PROCESSES, ROOT, Layout, Process
from deploy.local.ports import free_port
from deploy.local.rabbitmq import RabbitMQ
from deploy.local.server import terminate, tied_to_us
from deploy.nginx import render
from shared.settings import Settings
from tests.polling import eventually

BY_NAME = {process.name: process for process in PROCESSES}
ALL = tuple(BY_NAME)
SCAN = "services.scan.main"
READY_SECONDS = 60.0


class Running:
    """Service processes of one test module, over the session's database and broker.

    Names are those of deploy/local/layout.py: identity, registry, stamps, recall, reporting,
    scan-1, scan-2, projector, recorder; and nginx.
    """

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self._extra: dict[str, dict[str, str]] = {}
        self._altered: dict[str, str] = {}
        self._declared = False
        # The broker, where it is this system's own, to be stopped and started.
        self.rabbitmq: RabbitMQ | None = None
        self._known = dict(BY_NAME)
        layout.prepare_folders()

    @property
    def origin(self) -> str:
        """The public address, behind nginx (once it is started)."""
        return self.layout.public_origin

    @property
    def settings(self) -> Settings:
        layout = self.layout
        return Settings(
            mongo_url=layout.mongo_url,
            amqp_url=layout.amqp_url,
            db_prefix=layout.db_prefix,
            bus_prefix=layout.bus_prefix,
            secrets_dir=layout.secrets,
            public_origin=layout.public_origin,
            stamp_host=layout.stamp_host,
        )

    def url(self, name: str) -> str:
        """The base URL of one process on its own port."""
        return self.layout.url(name)

    def pid(self, name: str) -> int:
        return self.processes[name].pid

    def is_alive(self, name: str) -> bool:
        return name in self.processes and self.processes[name].poll() is None

    async def start(
        self, *names: str, env: Mapping[str, str] | None = None, altered: str | None = None
    ) -> None:
        """Starts processes (all of them if none is named) and waits until they are ready.

        `env` is remembered and used again by `restart`; give it one name at a time if it differs.
        `altered`, likewise remembered: see `launch`.
        """
        chosen = names or ALL
        if not self._declared:
            await topology.declare_when_possible(self.settings)
            self._declared = True
        for name in chosen:
            self.launch(name, env=env, altered=altered)
        await self.until_ready(*chosen)

    def launch(
        self, name: str, *, env: Mapping[str, str] | None = None, altered: str | None = None
    ) -> None:
        """Starts one process and does not wait: for what is meant to crash or cannot be ready.

        `altered` names a guard that is taken out of it, see tests/faults/altered.py; "" is none.
        """
        if self.is_alive(name):
            raise RuntimeError(f"{name} is running already")
        if env is not None:
            self._extra[name] = dict(env)
        if altered is not None:
            self._altered[name] = altered
        process = self._known[name]
        runner = ["tests.faults.altered", self._altered[name]] if self._altered.get(name) else []
        environment = {**self.layout.environment(process), **self._extra.get(name, {})}
        self._spawn(name, [sys.executable, "-m", *runner, process.module], environment)

    def add_replicas(self, count: int) -> list[str]:
        """Further replicas of scan, to be started by these names; nginx knows nothing of them."""
        first = 1 + sum(process.module == SCAN for process in self._known.values())
        names = [f"scan-{number}" for number in range(first, first + count)]
        ports = {name: free_port() for name in names}
        self.layout = replace(self.layout, ports={**self.layout.ports, **ports})
        for name, port in ports.items():
            self._known[name] = Process(name, SCAN, port)
            self.layout.prepare_for(self._known[name])
        return names

    async def start_nginx(self) -> None:
        """Puts nginx in front of all services, on `origin`."""
        folder = self.layout.run / "nginx"
        configuration = render.write_local(
            folder,
            listen=[f"127.0.0.1:{self.layout.ports['nginx']}"],
            upstreams=self.layout.upstreams(),
            access_log=self.layout.logs / "nginx-access.log",
        )
        self._spawn("nginx", render.command(configuration), dict(os.environ))
        async with httpx2.AsyncClient() as client:
            await eventually(lambda: _answers(client, f"{self.url('nginx')}/healthz"), timeout=10)

    async def until_ready(self, *names: str, timeout: float = READY_SECONDS) -> None:
        """Until each of them answers 200 on /readyz; a process that ends fails at once."""
        async with httpx2.AsyncClient() as client:
            await asyncio.gather(*(self._until_one_ready(client, name, timeout) for name in names))

    async def kill(self, name: str) -> None:
        """kill -9."""
        self.processes[name].kill()
        await self.until_exit(name)

    async def terminate(self, name: str, timeout: float = 20) -> int:
        """SIGTERM, and the exit status."""
        self.processes[name].terminate()
        return await self.until_exit(name, timeout)

    async def until_exit(self, name: str, timeout: float = 20) -> int:
        """Waits for a process that ends by itself (a crash point); returns its exit status."""
        process = self.processes[name]
        await eventually(
            lambda: process.poll() is not None, timeout, because=f"{name} ends\n{self.tail(name)}"
        )
        assert process.returncode is not None
        return process.returncode

    async def restart(
        self, name: str, *, env: Mapping[str, str] | None = None, altered: str | None = None
    ) -> None:
        """Starts again what was killed or has crashed, on its port, without a crash point."""
        if self.is_alive(name):
            await self.terminate(name)
        extra = {k: v for k, v in self._extra.get(name, {}).items() if k != "TXNG_CRASH_AT"}
        await self.start(name, env=extra if env is None else env, altered=altered)

    def freeze(self, name: str) -> None:
        """SIGSTOP: alive, but it does nothing."""
        self.processes[name].send_signal(signal.SIGSTOP)

    def thaw(self, name: str) -> None:
        self.processes[name].send_signal(signal.SIGCONT)

    def log(self, name: str) -> str:
        """Everything the process has written so far, over all its starts."""
        path = self._log_path(name)
        return path.read_text(errors="replace") if path.exists() else ""

    def tail(self, name: str, lines: int = 25) -> str:
        return "\n".join(self.log(name).splitlines()[-lines:])

    async def run_module(self, module: str, *arguments: str, timeout: float = 120) -> str:
        """Runs `python -m module` with the system's environment; returns what it printed."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", module, *arguments),
            cwd=ROOT,
            env=self.layout.common_environment(),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            output, _ = await asyncio.wait_for(process.communicate(), timeout)
        except TimeoutError:
            process.kill()
            raise
        text = output.decode(errors="replace")
        assert process.returncode == 0, f"{module} exited with {process.returncode}:\n{text}"
        return text

    def stop(self) -> None:
        """Ends whatever still runs, all at once and then one by one."""
        for process in self.processes.values():
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.terminate()
        for process in self.processes.values():
            terminate(process)

    def _spawn(self, name: str, command: list[str], environment: dict[str, str]) -> None:
        with self._log_path(name).open("ab") as log:
            self.processes[name] = subprocess.Popen(
                tied_to_us(command),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=ROOT,
                env=environment,
                start_new_session=True,
            )

    def _log_path(self, name: str) -> Path:
        return self.layout.logs / f"{name}.log"

    async def _until_one_ready(self, client: httpx2.AsyncClient, name: str, timeout: float) -> None:
        said: Any = "nothing yet"

        async def is_ready() -> bool:
            nonlocal said
            if not self.is_alive(name):
                raise RuntimeError(f"{name} ended while starting:\n{self.tail(name)}")
            try:
                answer = await client.get(f"{self.url(name)}/readyz", timeout=3)
            except httpx2.HTTPError as error:
                said = repr(error)
                return False
            said = answer.text
            return answer.status_code == 200

        try:
            await eventually(is_ready, timeout)
        except AssertionError as late:
            late.add_note(f"{name} is not ready; it says {said}\n{self.tail(name)}")
            raise


async def _answers(client: httpx2.AsyncClient, url: str) -> bool:
    try:
        await client.get(url, timeout=2)
    except httpx2.HTTPError:
        return False
    return True
