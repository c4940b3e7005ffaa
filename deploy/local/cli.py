"""The commands of `./txng`, once the environment is there."""

import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from deploy.local import foreground, logfiles, packages, status
from deploy.local.checks import NotPossibleError
from deploy.local.layout import PROCESSES, ROOT, Layout, SettingError, state_folder
from deploy.local.packages import PackagesMissingError
from deploy.local.up import UpError, ask_ready, down, say, up

Command = Callable[[Layout, list[str]], int]

LINTERS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy",),
    ("lint-imports",),
)
LOG_LINES = 200
DAMAGED = (
    f"If no code was changed, the environment is damaged. Remove it, and the next command makes"
    f" it anew: rm -rf '{ROOT / '.txng' / 'venv'}'"
)


class UsageError(Exception):
    """The command was given what it does not understand."""


def up_command(layout: Layout, arguments: list[str]) -> int:
    if unknown := set(arguments) - {"--empty"}:
        raise UsageError(f"up knows --empty (no demo data), not {' '.join(sorted(unknown))}")
    return up(layout, with_demo="--empty" not in arguments)


def down_command(layout: Layout, arguments: list[str]) -> int:
    return down(layout)


def status_command(layout: Layout, arguments: list[str]) -> int:
    """One line a process; exit status 0 only if everything is ready."""
    living = status.read_living(layout.run)
    if living is None:
        say("nothing is running; ./txng up starts everything")
        return 3
    ours = {process.name for process in PROCESSES}
    all_ready = living.phase == "running"
    print(f"supervisor: {living.phase}, pid {living.pid}")
    for name, child in living.children.items():
        word = child.state
        if name in ours and child.pid is not None:
            is_ready, said = ask_ready(layout, name)
            word = "ready" if is_ready else f"not ready: {said}"
        all_ready = all_ready and word in {"ready", "running"}
        age = f"{time.time() - child.since:.0f} s" if child.pid else "-"
        if child.restarts:
            word += f", restarted {child.restarts} ×"
        port, pid = layout.ports[name], child.pid or "-"
        print(f"{name:10} port {port:5}  pid {pid:>7}  {age:>8}  {word}")
    print(f"open {layout.public_origin}/")
    return 0 if all_ready else 1


def logs_command(layout: Layout, arguments: list[str]) -> int:
    names = sorted(path.stem for path in layout.logs.glob("*.log"))
    chosen = [argument for argument in arguments if argument != "-f"]
    if len(chosen) != 1 or chosen[0] not in names:
        raise UsageError(f"which log? One of: {' '.join(names) or '(none yet)'}")
    path = layout.logs / f"{chosen[0]}.log"
    if "-f" in arguments:
        return run(["tail", "-n", str(LOG_LINES), "-F", str(path)], dict(os.environ))
    print(logfiles.last_lines(path, LOG_LINES))
    return 0


def demo_command(layout: Layout, arguments: list[str]) -> int:
    need_running(layout)
    return run_module(layout, "deploy.demo.story", arguments)


def code_command(layout: Layout, arguments: list[str]) -> int:
    """In place of the telephone that the demo's officials have not got."""
    return run_module(layout, "deploy.demo.tell_code", arguments)


def dlq_command(layout: Layout, arguments: list[str]) -> int:
    if not layout.given_amqp_url:
        need_running(layout)
    return run_module(layout, "shared.messaging.dlq", arguments)


def audit_command(layout: Layout, arguments: list[str]) -> int:
    if arguments[:1] != ["verify"]:
        raise UsageError("audit knows: verify")
    if not layout.given_mongo_url:
        need_running(layout)
    return run_module(layout, "services.reporting.verify", arguments[1:])


def log_command(layout: Layout, arguments: list[str]) -> int:
    """Checks the public log: of the address that is given, else of what runs here."""
    if arguments[:1] != ["verify"]:
        raise UsageError("log knows: verify (and logs SERVICE shows what a process wrote)")
    given = arguments[1:]
    if not any(one.startswith(("http://", "https://", "-h", "--help")) for one in given):
        need_running(layout)
        kept = ["--state", str(layout.state / "public-log.json")]
        given = [layout.public_origin, *([] if "--state" in given else kept), *given]
    return run_module(layout, "services.stamps.log.verify", given)


def keys_command(layout: Layout, arguments: list[str]) -> int:
    """Key slots of stamp codes; what runs reads them anew by itself."""
    return run_module(layout, "services.stamps.rotating", arguments)


def factors_command(layout: Layout, arguments: list[str]) -> int:
    if arguments not in ([], ["reseal"]):
        raise UsageError("factors knows: reseal, or nothing to only look")
    if not layout.given_mongo_url:
        need_running(layout)
    return run_module(layout, "services.identity.factor_keys", arguments)


def bench_command(layout: Layout, arguments: list[str]) -> int:
    known = sorted(path.stem for path in (ROOT / "tests" / "bench").glob("*.py") if is_bench(path))
    if not arguments or arguments[0] not in known:
        raise UsageError(f"bench knows: {' '.join(known)}")
    install(packages.RUNTIME, packages.MEASURING)
    return run([sys.executable, "-m", f"tests.bench.{arguments[0]}", *arguments[1:]], own_servers())


def is_bench(path: Path) -> bool:
    return "__main__" in path.read_text()


def test_command(layout: Layout, arguments: list[str]) -> int:
    """Everything but the faults, or with `faults` those alone; on servers of their own."""
    install(packages.RUNTIME, packages.TESTING)
    if arguments[:1] == ["faults"] and "--long" in arguments:
        given = [argument for argument in arguments[1:] if argument != "--long"]
        return run([sys.executable, "-m", "tests.faults.long", *given], own_servers())
    # A file's tests stay in one process, so that its system is started once; two at a time, spread
    # as tests/scheduling.py says.
    marker, spread = "not fault", ["-n", "2", "--dist", "loadfile"]
    if arguments[:1] == ["faults"]:
        marker, spread, arguments = "fault", [], arguments[1:]
    paths = [] if any(not argument.startswith("-") for argument in arguments) else ["tests"]
    command = [sys.executable, "-m", "pytest", "-m", marker, "--ignore=tests/bench", *spread]
    return run([*command, *paths, *arguments], own_servers())


def lint_command(layout: Layout, arguments: list[str]) -> int:
    """Runs them all, so that one run shows everything there is to mend."""
    programs = Path(sys.executable).parent
    failed = []
    for name, *rest in LINTERS:
        say(" ".join([name, *rest]))
        if run([str(programs / name), *rest], dict(os.environ)):
            failed.append(name)
    if failed:
        say(f"not clean: {', '.join(failed)}")
    return 1 if failed else 0


def install(*wanted: Mapping[str, Callable[[], bool]]) -> None:
    lacking = [name for group in wanted for name in packages.missing(group)]
    if lacking:
        say(f"installing {', '.join(lacking)} …")
        packages.install(lacking)


def own_servers() -> dict[str, str]:
    """The environment without the settings of `up`, so that tests meet nothing of a running one."""
    kept = ("TXNG_TEST_", "TXNG_BENCH_", "TXNG_STANDARDS_DIR")
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("TXNG_") or name.startswith(kept)
    }


def need_running(layout: Layout) -> None:
    if status.read_living(layout.run) is None:
        raise UpError("nothing is running; ./txng up starts everything")


def run_module(layout: Layout, module: str, arguments: Sequence[str]) -> int:
    command = [sys.executable, "-m", module, *arguments]
    return run(command, layout.common_environment())


def run(command: Sequence[str], env: dict[str, str]) -> int:
    return foreground.run(command, cwd=ROOT, env=env)


COMMANDS: dict[str, Command] = {
    "up": up_command,
    "down": down_command,
    "status": status_command,
    "logs": logs_command,
    "demo": demo_command,
    "code": code_command,
    "test": test_command,
    "bench": bench_command,
    "dlq": dlq_command,
    "audit": audit_command,
    "log": log_command,
    "keys": keys_command,
    "factors": factors_command,
    "lint": lint_command,
}


def layout_for(command: str) -> Layout:
    """That of the system which runs, whatever this shell says; else what this shell asks for."""
    state = state_folder()
    living = status.read_living(state / "run")
    if living is None:
        return Layout.from_environment()
    try:
        settings = status.settings_of(living.pid)
    except OSError:  # It is another user's, or it ended just now.
        return Layout.from_environment()
    running = Layout.from_environment({**settings, "TXNG_STATE_DIR": str(state)})
    if command == "up" and running != Layout.from_environment():
        say("it runs with the settings of its start; ./txng down and up takes the new ones")
    return running


def main() -> int:
    name, *arguments = sys.argv[1:]
    command = COMMANDS.get(name)
    try:
        if command is None:
            raise UsageError(f"there is no command {name}; ./txng --help lists them")
        return command(layout_for(name), arguments)
    except UsageError as usage:
        say(str(usage))
        return 2
    except (UpError, NotPossibleError, PackagesMissingError, SettingError) as failure:
        say(str(failure))
        if "ModuleNotFoundError" in str(failure):
            say(DAMAGED)
        return 1
    except KeyboardInterrupt:
        if name == "up":
            say("interrupted; ./txng up goes on from here, ./txng down ends what runs")
        return 130


if __name__ == "__main__":
    sys.exit(main())
