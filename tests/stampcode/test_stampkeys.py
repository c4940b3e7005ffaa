"""Key slots change while all runs: old codes stay readable, a broken file changes nothing."""

import json
import stat
from pathlib import Path

import pytest

from deploy.local import secrets
from services.stamps import rotating
from services.stamps.rotating import KNOWN_SECONDS, NotNow
from shared.stampcode import SLOTS, decode, encode
from shared.stampkeys import FILE, StampKeys

NOW = 1_800_000_000.0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    secrets.create_missing(tmp_path)
    return tmp_path


def test_old_codes_and_new_ones_are_read_through_every_step(folder: Path) -> None:
    path, keys = folder / FILE, StampKeys(folder)
    old = encode(keys.ring, 7, 9)
    added = rotating.add(path, NOW)
    assert keys.look()
    assert encode(keys.ring, 7, 9) == old, "a slot that was added is not used yet"
    rotating.use(path, added, NOW + KNOWN_SECONDS)
    assert keys.look()
    new = encode(keys.ring, 7, 9)
    assert new != old
    for code, slot in ((old, 0), (new, added)):
        found = decode(keys.ring, code)
        assert found is not None
        assert found == (slot, 7, 9)


def test_nothing_is_read_again_while_nothing_changes(folder: Path) -> None:
    keys = StampKeys(folder)
    before = keys.ring
    assert not keys.look()
    assert keys.ring is before


def test_a_slot_is_not_used_before_every_process_can_know_it(folder: Path) -> None:
    path = folder / FILE
    added = rotating.add(path, NOW)
    with pytest.raises(NotNow, match="wait"):
        rotating.use(path, added, NOW + KNOWN_SECONDS - 1)
    assert rotating.slots(path) == (0, [0, 1])
    rotating.use(path, added, NOW, at_once=True)
    assert rotating.slots(path) == (1, [0, 1])
    rotating.use(path, 0, NOW)  # The first slot has no age: it was always known.
    with pytest.raises(NotNow, match="no slot 9"):
        rotating.use(path, 9, NOW)


def test_there_are_sixteen_slots_and_no_more(folder: Path) -> None:
    path = folder / FILE
    for expected in range(1, SLOTS):
        assert rotating.add(path, NOW) == expected
    with pytest.raises(NotNow, match="all 16"):
        rotating.add(path, NOW)
    StampKeys(folder)


@pytest.mark.parametrize("broken", ["", "{", "{}", '{"current": 5, "slots": {}}'])
def test_a_broken_or_missing_file_leaves_the_slots_that_were_read(
    folder: Path, broken: str
) -> None:
    path, keys = folder / FILE, StampKeys(folder)
    whole, code = path.read_text(), encode(keys.ring, 1, 2)
    path.write_text(broken)
    assert not keys.look()
    assert decode(keys.ring, code) is not None
    path.unlink()
    assert not keys.look()
    assert decode(keys.ring, code) is not None
    path.write_text(whole)
    assert keys.look()
    assert decode(keys.ring, code) is not None


def test_the_file_keeps_its_rights_and_nobody_prints_a_key(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / FILE
    path.chmod(0o640)
    assert rotating.main(["add", "--dir", str(folder)]) == 0
    assert rotating.main(["use", "1", "--now", "--dir", str(folder)]) == 0
    assert rotating.main(["use", "7", "--dir", str(folder)]) == 1
    assert rotating.main(["list", "--dir", str(folder)]) == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    told = capsys.readouterr()
    assert "slots 0, 1; new codes use slot 1" in told.out
    for slot in json.loads(path.read_text())["slots"].values():
        assert slot["mac"] not in told.out + told.err
    assert sorted(one.name for one in folder.iterdir() if one.name.startswith(".")) == []
