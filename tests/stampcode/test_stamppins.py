"""Hidden numbers: as the docstring defines them, of a key of their own, never without one."""

import json
import random
from collections import Counter
from hashlib import blake2s
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.local import secrets
from services.stamps import rotating
from shared import stamppins
from shared.stampcode import MAX_BATCH, MAX_SERIAL, KeyringError, StampId
from shared.stampkeys import FILE, PIN_FILE, StampPins
from shared.stamppins import NoPinKey, PinKeys, grouped

KEYS = {0: bytes(range(32)), 3: bytes(range(100, 116))}
PINS = PinKeys(KEYS)


@given(st.sampled_from(sorted(KEYS)), st.integers(0, MAX_BATCH), st.integers(0, MAX_SERIAL))
def test_a_number_is_what_the_definition_says(slot: int, batch: int, serial: int) -> None:
    """Written once more from the docstring, digit by digit and bit by bit."""
    message = int(f"{slot:010b}{batch:026b}{serial:020b}", 2).to_bytes(7, "big")
    digest = blake2s(message, key=KEYS[slot], person=b"TXNG-pin", digest_size=7).hexdigest()
    assert PINS.pin_of(StampId(slot, batch, serial)) == str(int(digest, 16) % 1_000_000).zfill(6)


@pytest.mark.parametrize(
    ("stamp", "pin"),
    [
        (StampId(0, 0, 0), "368673"),
        (StampId(0, 1, 0), "087771"),
        (StampId(0, MAX_BATCH, MAX_SERIAL), "977937"),
        (StampId(3, 1, 0), "908783"),
    ],
)
def test_numbers_that_were_printed_stay_what_they_are(stamp: StampId, pin: str) -> None:
    assert PINS.pin_of(stamp) == pin
    assert PINS.is_right(stamp, pin)


def test_only_the_whole_number_is_right() -> None:
    stamp = StampId(0, 7, 9)
    right = PINS.pin_of(stamp)
    assert PINS.is_right(stamp, right)
    for wrong in ("", right[:5], right + "0", grouped(right), " " + right, "٣" * 6, "\ud800"):
        assert not PINS.is_right(stamp, wrong)
    others = [f"{number:06d}" for number in range(10**6) if f"{number:06d}" != right]
    assert not any(PINS.is_right(stamp, one) for one in random.Random(1).sample(others, 5_000))


def test_numbers_are_compared_whole_and_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[bytes, bytes]] = []

    def compare(right: bytes, typed: bytes) -> bool:
        compared.append((right, typed))
        return False

    monkeypatch.setattr(stamppins, "compare_digest", compare)
    assert not PINS.is_right(StampId(0, 7, 9), "000000")
    assert compared == [(PINS.pin_of(StampId(0, 7, 9)).encode(), b"000000")]


def test_neither_neighbours_nor_slots_share_numbers_more_than_by_chance() -> None:
    numbers = [PINS.pin_of(StampId(0, 7, serial)) for serial in range(20_000)]
    # Of 20,000 draws from a million about 198 meet an earlier one.
    assert 120 < len(numbers) - len(set(numbers)) < 280
    firsts = Counter(number[0] for number in numbers)
    assert all(abs(count - 2_000) < 5 * 42 for count in firsts.values())
    same = sum(PINS.pin_of(StampId(3, 7, n)) == numbers[n] for n in range(20_000))
    assert same < 5


def test_a_slot_without_a_key_has_no_numbers() -> None:
    for call in (
        lambda: PINS.pin_of(StampId(1, 7, 9)),
        lambda: PINS.is_right(StampId(1, 7, 9), "000000"),
    ):
        with pytest.raises(NoPinKey, match="slot 1"):
            call()


@pytest.mark.parametrize("stamp", [StampId(0, -1, 0), StampId(0, 0, MAX_SERIAL + 1)])
def test_what_is_no_stamp_has_no_number(stamp: StampId) -> None:
    with pytest.raises(ValueError, match="no stamp"):
        PINS.pin_of(stamp)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        '{"slots": []}',
        '{"slots": {"x": "00"}}',
        json.dumps({"slots": {"16": "00" * 32}}),
        json.dumps({"slots": {"0": "00" * 15}}),
        json.dumps({"slots": {"0": "00" * 33}}),
        json.dumps({"slots": {"0": "ab" * 31 + "zz"}}),
        json.dumps({"slots": {"0": "00" * 32, "1": "00" * 32}}),
    ],
)
def test_keys_that_cannot_be_used_are_refused_and_not_shown(tmp_path: Path, content: str) -> None:
    file = tmp_path / PIN_FILE
    file.write_text(content)
    with pytest.raises(KeyringError) as caught:
        PinKeys.load(file)
    assert "abab" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert repr(PINS) == "PinKeys(slots=[0, 3])"


def test_the_keys_come_while_all_runs_and_a_broken_file_changes_nothing(tmp_path: Path) -> None:
    secrets.create_missing(tmp_path)
    (tmp_path / PIN_FILE).unlink()
    pins = StampPins(tmp_path)
    assert pins.ring.slots == []
    assert not pins.look()
    assert rotating.main(["pins", "--dir", str(tmp_path)]) == 0
    assert pins.look()
    number = pins.ring.pin_of(StampId(0, 1, 2))
    for broken in ("", "{"):
        (tmp_path / PIN_FILE).write_text(broken)
        assert not pins.look()
    (tmp_path / PIN_FILE).unlink()
    assert not pins.look()
    assert pins.ring.pin_of(StampId(0, 1, 2)) == number


def test_slots_from_before_get_keys_of_their_own_and_keep_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A key from the file of codes would tell every number to whoever only reads codes."""
    secrets.create_missing(tmp_path)
    (tmp_path / PIN_FILE).unlink()
    path = tmp_path / FILE
    path.chmod(0o640)
    rotating.add(path, 0)
    assert rotating.main(["list", "--dir", str(tmp_path)]) == 0
    assert "no slot has a key" in capsys.readouterr().out
    assert rotating.give_pins(path) == [0, 1]
    pins = json.loads((tmp_path / PIN_FILE).read_text())["slots"]
    assert rotating.main(["add", "--dir", str(tmp_path)]) == 0
    assert rotating.main(["pins", "--dir", str(tmp_path)]) == 0
    after = json.loads((tmp_path / PIN_FILE).read_text())["slots"]
    assert after == {**pins, "2": after["2"]}
    codes = json.loads(path.read_text())["slots"].values()
    assert not {key for slot in codes for key in (slot["mac"], slot["enc"])} & set(after.values())
    assert (tmp_path / PIN_FILE).stat().st_mode & 0o777 == 0o640
    told = capsys.readouterr()
    assert "hidden numbers: slots 0, 1, 2" in told.out
    assert not any(key in told.out + told.err for key in after.values())
