"""Each program is given the secret files that it reads, and no other, in containers and here."""

import fcntl
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from deploy.keys import READ_BY, hand_out
from deploy.local.cli import own_servers
from deploy.local.layout import PROCESSES, ROOT, Layout
from deploy.local.secrets import FILES, LiesTwice, create_missing, place_of
from services.stamps import rotating
from shared.stampkeys import FILE, PIN_FILE, StampKeys, StampPins

SECRETS = "/var/lib/txng/secrets"
# Who reads a file, said once more and from the other side: a change has to be meant twice.
READERS = {
    "token-keys.json": {"services.identity.main"},
    "factor.key": {"services.identity.main", "deploy.demo.load"},
    "audit-key.json": {"services.reporting.main"},
    "print-key.json": {"services.stamps.main"},
    "log-key.json": {"services.stamps.main"},
    "stamp-pin-keys.json": {"services.stamps.main", "services.scan.desk.main"},
    "stamp-keys.json": {
        *("services.stamps.main", "services.recall.main"),
        *("services.scan.main", "services.scan.desk.main", "services.scan.offline.worker"),
    },
    "offline-key.json": {"services.scan.desk.main", "services.scan.offline.worker"},
    "courier-key.json": {"services.recall.main", "services.recall.courier.worker"},
    "user-hash.key": {"services.identity.main", "services.scan.main"},
    "csrf.key": {
        f"services.{one}.main"
        for one in ("identity", "registry", "stamps", "recall", "reporting", "scan", "scan.desk")
    },
}


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    loaded = YAML(typ="safe").load(ROOT / "docker-compose.yml")
    return dict(loaded["services"])


def program_of(service: dict[str, Any]) -> str:
    """What of READ_BY a container runs, or ""."""
    return next((word for word in service.get("command", []) if word in READ_BY), "")


def test_every_file_has_its_readers_and_no_program_reads_another() -> None:
    assert set(READERS) == set(FILES)
    for name, readers in READERS.items():
        assert {module for module, read in READ_BY.items() if name in read} == readers, name
    assert {process.module for process in PROCESSES} <= set(READ_BY)


def test_a_container_is_given_the_keys_of_its_program_alone(services: dict[str, Any]) -> None:
    """Folder by folder: a single file that is mounted would never be seen replaced."""
    folders = {str(place_of(name).parent): name for name in FILES}
    assert {program_of(one) for one in services.values()} - {""} == set(READ_BY)
    for name, service in services.items():
        if name == "secrets":
            continue
        given = set()
        for mount in service.get("volumes", []):
            if isinstance(mount, str):
                assert not mount.startswith("secrets:"), f"{name} has all keys"
                continue
            folder = mount["volume"]["subpath"]
            assert mount["target"] == f"{SECRETS}/{folder}"
            assert mount["read_only"] is True
            # Else the engine would look into the volume before the keys are there.
            assert mount["volume"]["nocopy"] is True
            given.add(folders[folder])
        module = program_of(service)
        assert given == (READ_BY[module] if module else set()), name
        if given:
            waits = service["depends_on"]
            assert "secrets" in waits or "nginx" in waits


def test_the_image_leads_to_the_folder_of_every_key() -> None:
    text = (ROOT / "deploy" / "Dockerfile").read_text()
    named = re.search(r"for key in ([^;]*);", text)
    assert named
    assert sorted(named[1].replace("\\", "").split()) == sorted(FILES)


def test_a_process_here_is_given_the_keys_of_its_program_alone(tmp_path: Path) -> None:
    create_missing(tmp_path / "secrets")
    layout = Layout(state=tmp_path, ports={one.name: 1 for one in PROCESSES} | {"nginx": 2})
    stale = layout.run / "secrets" / "registry"
    stale.mkdir(parents=True)
    (stale / "token-keys.json").symlink_to(tmp_path / "secrets" / "token-keys.json")
    for _ in range(2):
        layout.prepare_folders()
    for process in PROCESSES:
        folder = Path(layout.environment(process)["TXNG_SECRETS_DIR"])
        assert {path.name for path in folder.iterdir()} == READ_BY[process.module]
        for path in folder.iterdir():
            assert path.read_text() == (tmp_path / "secrets" / path.name).read_text()


def test_what_was_handed_out_is_seen_replaced(tmp_path: Path) -> None:
    """Keys are made after the folders, and a slot is added while all runs."""
    folder = tmp_path / "handed"
    hand_out("services.stamps.main", tmp_path / "secrets", folder)
    create_missing(tmp_path / "secrets")
    keys, pins = StampKeys(folder), StampPins(folder)
    rotating.add(tmp_path / "secrets" / FILE, 0)
    rotating.give_pins(tmp_path / "secrets" / FILE)
    assert keys.look()
    assert pins.look()
    assert "slots=[0, 1]" in repr(keys.ring)
    assert pins.ring.slots == [0, 1]


def test_keys_lie_apart_and_those_from_before_are_moved(tmp_path: Path) -> None:
    create_missing(tmp_path)
    (tmp_path / "audit-key.json").unlink()
    before = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert create_missing(tmp_path, apart=True) == ["audit-key.json"]
    assert create_missing(tmp_path, apart=True) == []
    for name in FILES:
        home = tmp_path / place_of(name)
        assert home.stat().st_mode & 0o777 == 0o600
        assert home.parent.stat().st_mode & 0o777 == 0o700
        # A version from before, or whoever copies the folder, finds it where it lay.
        assert (tmp_path / name).readlink() == place_of(name)
        if name in before:
            assert home.read_text() == before[name]


def test_a_move_that_was_broken_off_goes_on_and_two_that_differ_are_left_alone(
    tmp_path: Path,
) -> None:
    create_missing(tmp_path, apart=True)
    (tmp_path / "csrf.key").unlink()
    assert create_missing(tmp_path, apart=True) == []
    assert (tmp_path / "csrf.key").is_symlink()
    (tmp_path / "csrf.key").unlink()
    (tmp_path / "csrf.key").write_text("another")
    with pytest.raises(LiesTwice):
        create_missing(tmp_path, apart=True)
    command = [sys.executable, "-m", "deploy.local.secrets", "--apart", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "keep the right one" in done.stderr
    assert (tmp_path / "csrf.key").read_text() == "another"


class PulledOut(Exception):
    """The machine went down."""


@contextmanager
def pulled_out(monkeypatch: pytest.MonkeyPatch, step: str, when: str) -> Iterator[None]:
    """The power goes right before or after a step on the disk, and what is done here ends there."""
    place: Any = os if step == "link" else Path
    real = getattr(place, step)

    def pull(*args: Any, **named: Any) -> Any:
        if when == "after":
            real(*args, **named)
        raise PulledOut

    with monkeypatch.context() as patched:
        patched.setattr(place, step, pull)
        with pytest.raises(PulledOut):
            yield


def written_by_a_version_before(folder: Path) -> Path:
    """That version knew no folders: where it wrote slots, it put a file in the link's place."""
    for name in (FILE, PIN_FILE):
        text = (folder / name).read_text()
        (folder / name).unlink()
        (folder / name).touch(mode=0o600)
        (folder / name).write_text(text)
    return folder / FILE


def slots_in(folder: Path, name: str = FILE) -> dict[str, Any]:
    return dict(json.loads((folder / name).read_text())["slots"])


def test_slots_that_a_version_before_added_are_kept_when_the_new_one_comes_back(
    tmp_path: Path,
) -> None:
    create_missing(tmp_path, apart=True)
    before = slots_in(tmp_path)
    path = written_by_a_version_before(tmp_path)
    assert rotating.main(["add", "--dir", str(tmp_path)]) == 0
    rotating.use(path, 1, 0, at_once=True)
    wanted = {name: (tmp_path / name).read_text() for name in (FILE, PIN_FILE)}
    assert create_missing(tmp_path, apart=True) == []
    for name, text in wanted.items():
        home = tmp_path / place_of(name)
        assert (tmp_path / name).is_symlink()
        assert home.read_text() == text
        assert home.stat().st_mode & 0o777 == 0o600
        assert [one.name for one in home.parent.iterdir()] == [name]
    assert slots_in(tmp_path).items() > before.items()
    assert StampKeys(tmp_path).ring.current == 1


def test_which_slot_a_version_before_used_last_is_used_on(tmp_path: Path) -> None:
    create_missing(tmp_path, apart=True)
    rotating.add(tmp_path / FILE, 0)
    rotating.use(written_by_a_version_before(tmp_path), 1, 0, at_once=True)
    assert create_missing(tmp_path, apart=True) == []
    assert StampKeys(tmp_path / "stamp-keys").ring.current == 1


def test_an_old_copy_in_the_place_of_the_link_takes_no_slot_away(tmp_path: Path) -> None:
    create_missing(tmp_path, apart=True)
    old = (tmp_path / FILE).read_text()
    rotating.add(tmp_path / FILE, 0)
    text = (tmp_path / FILE).read_text()
    (tmp_path / FILE).unlink()
    (tmp_path / FILE).write_text(old)
    assert create_missing(tmp_path, apart=True) == []
    assert (tmp_path / FILE).is_symlink()
    assert (tmp_path / FILE).read_text() == text


def test_an_older_copy_with_the_same_slots_does_not_return_to_a_slot_that_was_left(
    tmp_path: Path,
) -> None:
    create_missing(tmp_path, apart=True)
    rotating.add(tmp_path / FILE, 0)
    old, home = (tmp_path / FILE).read_text(), tmp_path / place_of(FILE)
    rotating.use(home, 1, 0, at_once=True)
    (tmp_path / FILE).unlink()
    (tmp_path / FILE).write_text(old)
    before = home.stat().st_mtime - 60
    os.utime(tmp_path / FILE, (before, before))
    assert create_missing(tmp_path, apart=True) == []
    assert (tmp_path / FILE).is_symlink()
    assert StampKeys(home.parent).ring.current == 1


def test_slots_of_which_neither_file_has_all_are_named_with_what_to_do(tmp_path: Path) -> None:
    create_missing(tmp_path, apart=True)
    home = tmp_path / place_of(FILE)
    rotating.add(written_by_a_version_before(tmp_path), 0)
    rotating.add(home, 0)
    rotating.add(home, 0)
    before = [path.read_text() for path in (tmp_path / FILE, home)]
    with pytest.raises(LiesTwice) as told:
        create_missing(tmp_path, apart=True)
    for words in (
        "slot 1 has other keys in each",
        f"slot 2 is only in {home}",
        "Copy both away first",
        f"remove {tmp_path / FILE}",
    ):
        assert words in str(told.value)
    assert "slot 0" not in str(told.value)
    assert [path.read_text() for path in (tmp_path / FILE, home)] == before
    for slot in (*slots_in(tmp_path).values(), *json.loads(before[1])["slots"].values()):
        assert slot["mac"] not in str(told.value)
    # As it says.
    (tmp_path / FILE).unlink()
    assert create_missing(tmp_path, apart=True) == []
    assert set(slots_in(tmp_path)) == {"0", "1", "2"}


@pytest.mark.parametrize("step", ["link", "replace", "symlink_to"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_wherever_taking_over_slots_breaks_off_none_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, when: str
) -> None:
    create_missing(tmp_path, apart=True)
    rotating.add(written_by_a_version_before(tmp_path), 0)
    wanted = slots_in(tmp_path)
    with pulled_out(monkeypatch, step, when):
        create_missing(tmp_path, apart=True)
    assert slots_in(tmp_path) == wanted
    assert create_missing(tmp_path, apart=True) == []
    assert slots_in(tmp_path / "stamp-keys") == wanted
    assert (tmp_path / FILE).is_symlink()


def test_a_second_up_touches_no_keys_before_its_turn(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    with (tmp_path / "run" / "up.lock").open("w") as first:
        fcntl.flock(first, fcntl.LOCK_EX)
        second = subprocess.Popen(
            [sys.executable, "-u", "-m", "deploy.local.cli", "up", "--empty"],
            cwd=ROOT,
            env={**own_servers(), "TXNG_STATE_DIR": str(tmp_path)},
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert second.stdout is not None
            assert "another ./txng up is at work here" in second.stdout.readline()
            assert not (tmp_path / "run" / "secrets").exists()
        finally:
            second.kill()
            second.communicate()


def test_many_that_hand_out_at_once_leave_every_link(tmp_path: Path) -> None:
    create_missing(tmp_path / "secrets")
    code = f"""
from pathlib import Path
from deploy.keys import hand_out
folder = Path({str(tmp_path)!r})
input()
for turn in range(100):
    hand_out("services.stamps.main", folder / f"secrets{{turn % 2}}", folder / "handed")
hand_out("services.stamps.main", folder / "secrets", folder / "handed")
"""
    many = [
        subprocess.Popen(
            [sys.executable, "-c", code], cwd=ROOT, stdin=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for _ in range(4)
    ]
    for one in many:
        assert one.stdin is not None
        one.stdin.write(b"\n")
        one.stdin.flush()
    assert [one.communicate()[1] for one in many] == [b""] * 4
    handed = {path.name: path.readlink() for path in (tmp_path / "handed").iterdir()}
    assert set(handed) == READ_BY["services.stamps.main"]
    assert [path.name for path in tmp_path.glob(".*")] == []


STEPS = ("mkdir", "link", "symlink_to", "replace")


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("when", ["before", "after"])
def test_wherever_the_move_breaks_off_every_key_is_found_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, when: str
) -> None:
    """Also by a version from before, which makes what it finds missing."""
    create_missing(tmp_path)
    before = {name: (tmp_path / name).read_text() for name in FILES}
    with pulled_out(monkeypatch, step, when):
        create_missing(tmp_path, apart=True)
    assert {name: (tmp_path / name).read_text() for name in FILES} == before
    assert create_missing(tmp_path) == []
    assert create_missing(tmp_path, apart=True) == []
    assert {name: (tmp_path / name).read_text() for name in FILES} == before


def test_many_that_move_the_keys_at_once_lose_none(tmp_path: Path) -> None:
    create_missing(tmp_path)
    before = {name: (tmp_path / name).read_text() for name in FILES}
    code = f"""
from pathlib import Path
from deploy.local.secrets import FILES, create_missing
folder = Path({str(tmp_path)!r})
input()
print(create_missing(folder, apart=True))
"""
    many = [
        subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(8)
    ]
    for one in many:
        assert one.stdin is not None
        one.stdin.write("\n")
        one.stdin.flush()
    assert {one.communicate()[0] for one in many} == {"[]\n"}
    assert {name: (tmp_path / name).read_text() for name in FILES} == before
    assert all((tmp_path / name).is_symlink() for name in FILES)


def test_slots_are_added_where_keys_lie_apart(tmp_path: Path) -> None:
    create_missing(tmp_path, apart=True)
    keys, pins = StampKeys(tmp_path / "stamp-keys"), StampPins(tmp_path / "stamp-pin-keys")
    assert rotating.main(["add", "--dir", str(tmp_path)]) == 0
    assert (tmp_path / FILE).is_symlink()
    assert (tmp_path / PIN_FILE).is_symlink()
    assert keys.look()
    assert pins.look()
    for name in (FILE, PIN_FILE):
        assert set(json.loads((tmp_path / name).read_text())["slots"]) == {"0", "1"}
