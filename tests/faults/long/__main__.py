"""`./txng test faults --long [--runs N] [--seed N]`: run after run, each made of its seed alone.

What is done is kept in .txng/faults/long.json: the same command goes on from there. A run that
violates an invariant is kept with its schedule and what was said; `--seed` repeats one.
"""

import argparse
import asyncio
import json
import os
import random
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from pymongo import MongoClient

from deploy import topology
from deploy.local.layout import ROOT
from deploy.local.secrets import create_missing
from tests.faults import checkers
from tests.faults.long.acting import People
from tests.faults.long.befalling import Stage, befall
from tests.faults.long.schedule import Schedule, schedule
from tests.faults.machines import Machines, whole_system
from tests.faults.rig.proxy import Proxy
from tests.faults.world import REPLICAS, World
from tests.running import Running
from tests.servers import in_memory

STATE = ROOT / ".txng" / "faults"
KEPT = STATE / "long.json"
# A log that grows makes each replay longer, so a system serves so many runs.
RUNS_OF_A_SYSTEM = 20
BY_PROXY = ("scan-1", "recall")
PAUSE_SECONDS = 0.1
TRIES = 3


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


class Kept:
    """What was done so far."""

    def __init__(self, path: Path = KEPT) -> None:
        self._path = path
        known = json.loads(path.read_text()) if path.exists() else {}
        self.done: dict[str, float] = known.get("done", {})
        self.failures: list[dict[str, Any]] = known.get("failures", [])

    def note(self, planned: Schedule, seconds: float, violated: Sequence[str]) -> None:
        """Keep how a run went; a repeated one replaces what was kept of it."""
        self.done[str(planned.seed)] = round(seconds, 1)
        self.failures = [one for one in self.failures if one["seed"] != planned.seed]
        if violated:
            self.failures.append({**planned.told(), "violated": list(violated)})
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_suffix(".new")
        told = {"done": self.done, "failures": self.failures}
        fresh.write_text(json.dumps(told, indent=1, ensure_ascii=False))
        fresh.replace(self._path)


class Stages:
    """A stage for each run: the same for some runs, a new one after a run that failed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._machines: Machines | None = None
        self._open = AsyncExitStack()
        self._stage: Stage | None = None
        self._runs = self._number = 0

    async def stage(self) -> Stage:
        if self._stage is None or self._runs >= RUNS_OF_A_SYSTEM:
            await self._begin_patiently()
        assert self._stage is not None
        self._runs += 1
        return self._stage

    async def _begin_patiently(self) -> None:
        """A machine with much else to do may not have a system ready in time at first."""
        for left in reversed(range(TRIES)):
            try:
                await self._begin()
                return
            except Exception as error:
                if not left:
                    raise
                say(f"a system could not be begun, and is begun again: {str(error)[:200]}")
                await self.end()

    async def _begin(self) -> None:
        await self._end_system()
        self._number += 1
        self._runs = 0
        if self._machines is None:
            self._machines = Machines.below(self._folder / f"servers-{self._number}")
            self._machines.start()
        folder = self._folder / f"system-{self._number}"
        secrets = self._folder / "secrets"
        create_missing(secrets)
        system = whole_system(self._machines, secrets, folder, mark=f"long{self._number}")
        running = await self._open.enter_async_context(system)
        self._stage = await self._staged(running, self._machines)

    async def _staged(self, running: Running, machines: Machines) -> Stage:
        ways = {}
        env = {}
        for name in BY_PROXY:
            ways[name] = [
                await self._open.enter_async_context(Proxy(node.url))
                for node in machines.rabbitmq.nodes
            ]
            env[name] = {"TXNG_AMQP_URL": ",".join(way.through for way in ways[name])}
            await running.restart(name, env=env[name])
        return Stage(World(running), machines, ways, env)

    async def spoilt(self, seed: int) -> None:
        """A run failed: its logs are kept, and nothing of it serves another run."""
        assert self._stage is not None
        logs = STATE / f"seed-{seed}"
        shutil.rmtree(logs, ignore_errors=True)
        shutil.copytree(self._stage.world.running.layout.logs, logs)
        await self.end()

    async def end(self) -> None:
        stage, self._stage = self._stage, None
        await self._open.aclose()
        if self._machines is not None:
            self._machines.stop()
            self._machines = None
        del stage

    async def _end_system(self) -> None:
        """The servers go on; what the system kept there is taken away."""
        stage, self._stage = self._stage, None
        await self._open.aclose()
        if stage is None:
            return
        settings = stage.world.running.settings
        await topology.remove_when_possible(settings)
        with MongoClient[dict[str, Any]](settings.mongo_url) as client:
            for name in client.list_database_names():
                if name.startswith(f"{settings.db_prefix}_"):
                    client.drop_database(name)
        shutil.rmtree(stage.world.running.layout.state, ignore_errors=True)


async def run_once(stage: Stage, planned: Schedule) -> list[str]:
    """Acts in the midst of faults, then healing, then all checkers; what they say."""
    world = stage.world = World(stage.world.running)
    people = await People.begin(world, random.Random(planned.seed))
    befalling: list[asyncio.Task[None]] = []
    async with _scanning(people):
        for turn, act in enumerate(planned.acts):
            befalling += [
                asyncio.create_task(befall(stage, fault, planned.seed))
                for fault in planned.faults
                if fault.at == turn
            ]
            await asyncio.sleep(PAUSE_SECONDS)
            await people.do(act)
        await asyncio.gather(*befalling)
    try:
        return await checkers.violations(world)
    finally:
        await world.client.aclose()


@asynccontextmanager
async def _scanning(people: People) -> AsyncIterator[None]:
    """Somebody scans all the time, whatever befalls."""

    async def keep() -> None:
        while True:
            for replica in REPLICAS:
                await people.look(people.chance.choice(people.codes), replica)
            await asyncio.sleep(PAUSE_SECONDS)

    scanning = asyncio.create_task(keep())
    try:
        yield
    finally:
        scanning.cancel()
        with suppress(asyncio.CancelledError):
            await scanning


async def run_all(seeds: Sequence[int]) -> int:
    kept = Kept()
    folder = Path(tempfile.mkdtemp(prefix=f"txng-test-servers-{os.getpid()}-", dir=in_memory()))
    stages = Stages(folder)
    failed = 0
    try:
        for number, seed in enumerate(seeds, start=1):
            planned = schedule(seed)
            stage = await stages.stage()
            began = time.monotonic()
            try:
                violated = await run_once(stage, planned)
            except Exception:
                violated = [traceback.format_exc()[-3000:]]
            took = time.monotonic() - began
            kept.note(planned, took, violated)
            _tell(planned, took, violated, kept, len(seeds) - number)
            if violated:
                failed += 1
                await stages.spoilt(seed)
    finally:
        await stages.end()
        shutil.rmtree(folder, ignore_errors=True)
    say(f"{len(kept.done)} runs are done, {len(kept.failures)} failed: {KEPT}")
    return 1 if failed else 0


def _tell(planned: Schedule, took: float, violated: Sequence[str], kept: Kept, left: int) -> None:
    faults = ", ".join(f"{f.kind} {f.what}".strip() for f in planned.faults)
    mean = sum(kept.done.values()) / len(kept.done)
    how = "FAILED" if violated else "holds"
    say(f"seed {planned.seed}: {how} in {took:.0f} s ({', '.join(planned.acts)}; {faults})")
    for one in violated:
        say(f"    {one}")
    if left:
        say(f"    {left} runs left, about {left * mean / 60:.0f} minutes")


def main() -> int:
    parser = argparse.ArgumentParser(prog="txng test faults --long", description=__doc__)
    parser.add_argument("--runs", type=int, default=1_000, help="seeds 1 to this (1000)")
    parser.add_argument("--seed", type=int, help="only this one, done before or not")
    parser.add_argument("--anew", action="store_true", help="forget what was done before")
    arguments = parser.parse_args()
    if arguments.anew:
        KEPT.unlink(missing_ok=True)
    done = Kept().done
    seeds = [arguments.seed] if arguments.seed is not None else []
    seeds = seeds or [n for n in range(1, arguments.runs + 1) if str(n) not in done]
    if not seeds:
        say(f"all {arguments.runs} runs are done; --anew begins again")
        return 1 if Kept().failures else 0
    try:
        return asyncio.run(run_all(seeds))
    except KeyboardInterrupt:
        say("interrupted; the same command goes on from here")
        return 130


if __name__ == "__main__":
    sys.exit(main())
