"""`python -m deploy.demo.load`: fills an empty installation with the demo province.

Units and officials are brought in as a first installation is, everything else by the public APIs.
Run again it finds everything there, or goes on where it was broken off.
"""

import asyncio
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from pathlib import Path

import httpx2

from deploy.demo import applicants, bodies, data, publicity
from deploy.demo.client import IDENTITY, REGISTRY, Api, Refused
from deploy.demo.codes import DemoSeeds
from deploy.demo.examples import Examples
from deploy.demo.fields import LOCAL
from deploy.demo.filling import (
    ACCOUNTS,
    AREAS,
    BATCHES,
    FACILITIES,
    FINDINGS,
    LOTS,
    PRODUCTS,
    Filling,
    RowRefused,
)
from deploy.demo.logins import print_table, sample_codes
from deploy.demo.officers import NobodyInChargeError
from deploy.demo.oversight import INSPECTIONS, KNOWN, REVENUES, Oversight
from deploy.demo.province import DemoProvince
from deploy.demo.publicity import ARTICLES
from deploy.demo.state import DemoState, digest_of, password_of
from deploy.demo.telling import Telling, say

ROOT = Path(__file__).resolve().parents[2]
# Whose id tells one installation from another.
MARK = "tinh.hethong"


class LoadError(Exception):
    """The province cannot be loaded; the message says why and what to do."""


def origin() -> str:
    """Where the system is reached from here: TXNG_DEMO_ORIGIN where that is not the public one."""
    public = os.environ.get("TXNG_PUBLIC_ORIGIN", "http://localhost:8080")
    return os.environ.get("TXNG_DEMO_ORIGIN", public)


def state_folder() -> Path:
    """TXNG_STATE_DIR, or the folder that the secrets lie in."""
    secrets = Path(os.environ.get("TXNG_SECRETS_DIR", ".txng/secrets"))
    folder = Path(os.environ.get("TXNG_STATE_DIR") or secrets.absolute().parent)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


async def load() -> None:
    folder = state_folder()
    state, password, digest = (
        DemoState(folder),
        password_of(folder),
        digest_of(data.FOLDER),
    )
    async with Api(origin(), seeds=DemoSeeds.of(folder)) as api:
        known = await installation_of(api, password)
        if known and known == state.installation and state.is_complete(digest):
            say("the demo province is there already")
        else:
            await fill(api, state, password, digest)
    print_logins()


async def fill(api: Api, state: DemoState, password: str, digest: str) -> None:
    today = datetime.now(LOCAL).date()
    province = data.load(today=today)
    with ProcessPoolExecutor(
        max_workers=2, mp_context=multiprocessing.get_context("spawn"), initializer=give_way
    ) as painters:
        try:
            await install_officials(province, password, DemoSeeds.of(state.folder))
            province = await begin(api, state, password, province)
            telling = Telling(totals(province))
            filling = Filling(
                province,
                api=api,
                password=password,
                state=state,
                telling=telling,
                painters=painters,
            )
            await filling.run()
            examples = Examples(province, filling, api=api, state=state)
            await asyncio.gather(move_goods(examples), use_stamps(examples))
            await applicants.apply(api, state, province, password)
            await Oversight(province, filling, state=state, telling=telling).run()
            codes = await sample_codes(province, filling.batch_numbers(), filling.operators())
            state.finish(digest, {**codes, **examples.hidden_number()})
            report(api, telling)
        finally:
            painters.shutdown(wait=False, cancel_futures=True)
            state.save()


async def move_goods(examples: Examples) -> None:
    """The examples of moved goods and of fieldwork; the province is complete without them."""
    for what, act in (("moved goods", examples.move_goods), ("fieldwork", examples.work_fields)):
        try:
            await act(datetime.now(LOCAL))
        except Refused as refused:
            say(f"examples of {what} are left out: {refused}")


async def use_stamps(examples: Examples) -> None:
    """The examples of stamps in use; the province is complete without them."""
    try:
        await examples.use_stamps()
        await examples.hide_numbers()
    except (Refused, httpx2.HTTPError, OSError) as refused:
        say(f"examples of stamps in use are left out: {refused}")


def print_logins() -> None:
    """What the last complete load has to tell; nothing before there was one."""
    folder = state_folder()
    state = DemoState(folder)
    if state.installation:
        print_table(
            os.environ.get("TXNG_PUBLIC_ORIGIN", origin()), password_of(folder), state.codes
        )


def give_way() -> None:
    """The painters leave the cores to the services that take the pictures in.

    Ctrl-C is for the process they paint for, and when that is gone they go as well.
    """
    os.nice(5)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=end_with_parent, daemon=True).start()


def end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


async def installation_of(api: Api, password: str) -> str:
    """What tells this installation from others; empty where the demo's people are not known."""
    try:
        me = await api.account(MARK, password).get(f"{IDENTITY}/me")
    except Refused as refused:
        if refused.status == 401:
            return ""
        raise
    return str(me["id"])


async def begin(api: Api, state: DemoState, password: str, province: DemoProvince) -> DemoProvince:
    """The province as of the day this installation's data counts back from: that of the first run.

    Raises LoadError where the installation is not the demo's to fill.
    """
    mark = await installation_of(api, password)
    if not mark:
        raise LoadError(
            f"{MARK} cannot sign in: its password here is another one."
            " Set TXNG_DEMO_PASSWORD to it, or start with an empty installation."
        )
    if mark != state.installation and await facilities_in(api, password):
        raise LoadError(
            "There are facilities here already, and no record of a demo loaded before"
            f" ({state.path}). The demo province is for an empty installation."
        )
    today = state.begin(mark, province.today)
    return province if today == province.today else data.load(today=today)


async def facilities_in(api: Api, password: str) -> int:
    found = await api.account(MARK, password).get(f"{REGISTRY}/facilities")
    return int(found["total"])


async def install_officials(
    province: DemoProvince,
    password: str,
    seeds: DemoSeeds,
    environment: Mapping[str, str] = os.environ,
) -> None:
    """Units and officials, which nobody could issue yet, straight into identity."""
    began = asyncio.get_running_loop().time()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "installation.json"
        path.write_text(json.dumps(bodies.installation(province, seeds), ensure_ascii=False))
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "services.identity.bootstrap", str(path)),
            cwd=ROOT,
            env={**environment, "TXNG_BOOTSTRAP_PASSWORD": password},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        output, _ = await process.communicate()
    told = output.decode(errors="replace").strip()
    if process.returncode:
        raise LoadError(f"services.identity.bootstrap failed:\n{told}")
    say(f"{told.splitlines()[-1]} ({asyncio.get_running_loop().time() - began:.1f} s)")


def totals(province: DemoProvince) -> dict[str, int]:
    return {
        FACILITIES: len(province.facilities),
        ACCOUNTS: sum(one.tier == "facility" for one in province.accounts),
        AREAS: len(province.areas),
        PRODUCTS: len(province.products),
        LOTS: len(province.lots),
        BATCHES: len(province.batches),
        FINDINGS: 1,
        KNOWN: len(province.known),
        INSPECTIONS: len(province.inspections),
        REVENUES: len(province.revenues),
        ARTICLES: len(publicity.news(province)),
    }


def report(api: Api, telling: Telling) -> None:
    """What the time went into: the kinds of requests that took most of it together."""
    most = sorted(api.spent.items(), key=lambda item: -item[1].seconds)[:6]
    for asked, spent in most:
        each = 1000 * spent.seconds / spent.times
        say(f"  {spent.seconds:5.1f} s in {spent.times:4} × {asked} ({each:.0f} ms each)")
    requests = sum(spent.times for spent in api.spent.values())
    put_off = f", {api.put_off} put off by limits" if api.put_off else ""
    say(f"{requests} requests in {telling.seconds:.1f} s{put_off}")


# What a person can do something about; anything else is a fault of ours and shows its trace.
TELLABLE = (
    RowRefused,
    Refused,
    LoadError,
    data.DemoDataError,
    NobodyInChargeError,
    httpx2.TransportError,
)


def main() -> int:
    try:
        asyncio.run(load())
    except KeyboardInterrupt:
        sys.stderr.write("demo: broken off; the next run goes on from here\n")
        return 130
    except Exception as failed:
        errors = leaves(failed)
        if not all(isinstance(error, TELLABLE) for error in errors):
            raise
        for message in dict.fromkeys(told(error) for error in errors):
            sys.stderr.write(f"demo: {message}\n")
        return 1
    return 0


def told(error: BaseException) -> str:
    if isinstance(error, httpx2.TransportError):
        return f"{origin()} does not answer: {error!r}"
    return str(error)


def leaves(error: BaseException) -> list[BaseException]:
    """The single errors of a group, however deep; of another error itself."""
    if not isinstance(error, BaseExceptionGroup):
        return [error]
    return [leaf for inner in error.exceptions for leaf in leaves(inner)]


if __name__ == "__main__":
    sys.exit(main())
