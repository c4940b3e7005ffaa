"""The verifier finds every way in which an operator who has the key can bend the log."""

import asyncio
import hashlib
import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from services.stamps.log import checkpoints, verify
from services.stamps.log.leaves import Opened, canonical
from services.stamps.store import log as store
from tests.answers import ok
from tests.stamps.conftest import Farm, Stamps
from tests.stamps.log.dishonest import CODE, NAME, Operator, facts, serving
from tests.stamps.log.told import code_of, logged


def run(operator: Operator, *arguments: str) -> int:
    with serving(operator) as address:
        return verify.main([address, *arguments])


@pytest.fixture
def state(tmp_path: Path) -> str:
    """The state file of somebody who checked the honest log when it had five entries."""
    path = tmp_path / "log.json"
    before = Operator([canonical(one) for one in facts()[:5]])
    assert run(before, "--state", str(path)) == 0
    return str(path)


def test_an_honest_log_is_sound_time_after_time(
    state: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for more in ([], ["--all"], ["--stamp", CODE], ["--stamp", CODE, "--all"]):
        assert run(Operator(), "--state", state, *more) == 0, capsys.readouterr().out
    said = capsys.readouterr().out
    assert "All is well: 9 entries" in said
    assert "Stamp: serial 5 of batch 1; 5 entries speak of it" in said
    assert json.loads(Path(state).read_text())["size"] == 9


def edited(operator: Operator) -> None:
    operator.lines[1] = operator.lines[1].replace('"quantity":100', '"quantity":900')


def deleted(operator: Operator) -> None:
    del operator.lines[1]
    operator.lines.append(canonical({"v": 1, "kind": "later"}))


def inserted(operator: Operator) -> None:
    operator.lines.insert(2, operator.lines[1])


def reordered(operator: Operator) -> None:
    operator.lines[2], operator.lines[3] = operator.lines[3], operator.lines[2]


def truncated(operator: Operator) -> None:
    del operator.lines[3:]


def forked(operator: Operator) -> None:
    del operator.lines[5:]
    operator.lines[4] = operator.lines[4].replace("lost", "damaged")


REWRITTEN: dict[str, tuple[Callable[[Operator], None], str]] = {
    "edited": (edited, "are not what they were"),
    "deleted": (deleted, "are not what they were"),
    "inserted": (inserted, "are not what they were"),
    "reordered": (reordered, "are not what they were"),
    "truncated": (truncated, "cut off: it had 5 entries, now it shows 3"),
    "forked": (forked, "two logs of 5 entries"),
}


@pytest.mark.parametrize("how", REWRITTEN)
def test_a_log_that_was_rewritten_and_signed_anew_is_found_out(
    state: str, how: str, capsys: pytest.CaptureFixture[str]
) -> None:
    bend, said = REWRITTEN[how]
    operator, before = Operator(), Path(state).read_text()
    bend(operator)
    assert run(operator, "--state", state) == 1
    assert said in capsys.readouterr().out
    assert Path(state).read_text() == before, "the evidence is kept"


def test_who_kept_nothing_cannot_know_of_it() -> None:
    """Why the state file matters, and others who keep checkpoints."""
    operator = Operator()
    edited(operator)
    assert run(operator) == 0


def an_entry_edited(operator: Operator) -> None:
    operator.shown[5] = operator.lines[5].replace("other", "l")


def an_entry_left_out(operator: Operator) -> None:
    operator.missing.add(5)


def the_last_left_out(operator: Operator) -> None:
    operator.missing.add(8)


def two_swapped(operator: Operator) -> None:
    operator.shown = {5: operator.lines[6], 6: operator.lines[5]}


def words_changed(operator: Operator) -> None:
    opened = Opened("00" * 16, canonical({"title": "Thu hồi"}))
    fact = {**json.loads(operator.lines[6]), "words": opened.digest}
    operator.lines[6] = canonical(fact)
    operator.opened[6] = {"salt": opened.salt, "text": opened.text.replace("Thu", "Xem")}


def another_key(operator: Operator) -> None:
    operator.key = Ed25519PrivateKey.from_private_bytes(b"x" * 32)


def stood_still(operator: Operator) -> None:
    operator.signed_at = int(time.time()) - 3600


SHOWN_WRONGLY: dict[str, tuple[Callable[[Operator], None], str]] = {
    "an entry edited": (an_entry_edited, "are not those that the checkpoint"),
    "an entry left out": (an_entry_left_out, "Where entry 5 should be, there is 6"),
    "the last left out": (the_last_left_out, "Entry 8 is missing"),
    "two swapped": (two_swapped, "are not those that the checkpoint"),
    "words changed": (words_changed, "The words shown with entry 6"),
    "another key": (another_key, "is not signed by the log's key"),
    "stood still": (stood_still, "60 minutes ago"),
}


@pytest.mark.parametrize("how", SHOWN_WRONGLY)
def test_what_is_shown_but_was_not_signed_is_found_out(
    state: str, how: str, capsys: pytest.CaptureFixture[str]
) -> None:
    bend, said = SHOWN_WRONGLY[how]
    operator = Operator()
    bend(operator)
    assert run(operator, "--state", state) == 1
    assert said in capsys.readouterr().out


def test_an_entry_edited_long_ago_is_found_by_computing_all_anew(
    state: str, capsys: pytest.CaptureFixture[str]
) -> None:
    operator = Operator()
    operator.shown[1] = operator.lines[1].replace('"quantity":100', '"quantity":900')
    assert run(operator, "--state", state) == 0, "its hash is as it was, and nobody looked"
    assert run(operator, "--state", state, "--all") == 1
    assert "are not those that the checkpoint" in capsys.readouterr().out


def of_another_stamp(operator: Operator) -> None:
    operator.told = [0, 2, 3, 4, 6, 8]


def never_issued(operator: Operator) -> None:
    operator.told = [2, 3, 6, 8]


def beyond_its_batch(operator: Operator) -> None:
    operator.identity, operator.told = (1, 100), [0]


def leaf_forged(operator: Operator) -> None:
    operator.shown[3] = operator.lines[3].replace("suspend", "unsuspend")


STAMPS: dict[str, tuple[Callable[[Operator], None], str]] = {
    "of another stamp": (of_another_stamp, "Entry 4 was told of this stamp and does not speak"),
    "never issued": (never_issued, "does not say that this stamp was issued"),
    "beyond its batch": (beyond_its_batch, "does not say that this stamp was issued"),
    "leaf forged": (leaf_forged, "Entry 3, told of this stamp, is not in the log"),
}


@pytest.mark.parametrize("how", STAMPS)
def test_what_is_told_of_a_stamp_must_be_in_the_log(
    state: str, how: str, capsys: pytest.CaptureFixture[str]
) -> None:
    bend, said = STAMPS[how]
    operator = Operator()
    bend(operator)
    # Entry 3 was seen before, so it is not fetched again: only its own proof can tell.
    assert run(operator, "--state", state, "--stamp", CODE) == 1
    assert said in capsys.readouterr().out


@pytest.mark.parametrize("silent", [2, 3, 6, 8])
def test_who_has_all_entries_sees_what_is_kept_silent(
    silent: int, capsys: pytest.CaptureFixture[str]
) -> None:
    operator = Operator()
    operator.told.remove(silent)
    if silent == 2:
        operator.told.remove(6)  # Without its lot nothing leads to the lot's recall.
    assert run(operator, "--stamp", CODE, "--all") == 1
    assert f"Entry {silent} speaks of this stamp" in capsys.readouterr().out


def test_who_says_that_there_is_more_than_can_be_told_hides_nothing_by_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    operator = Operator()
    operator.told.remove(8)
    operator.more = True
    assert run(operator, "--stamp", CODE, "--all") == 1
    assert "Entry 8 speaks of this stamp" in capsys.readouterr().out


def test_only_the_newest_of_very_many_entries_must_be_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    old, new = facts(), facts()[-1]
    operator = Operator([canonical(one) for one in [*old, *[new] * verify.MOST_TOLD]])
    operator.told, operator.more = [0, 2, 3, *range(len(old), len(operator.lines))], True
    assert run(operator, "--stamp", CODE, "--all") == 0, capsys.readouterr().out
    # One that lies between those that are told is not among the older ones.
    operator.told.remove(len(old) + 5)
    assert run(operator, "--stamp", CODE, "--all") == 1
    operator.told = [0, 2, *range(len(old), len(operator.lines))]
    assert run(operator, "--stamp", CODE, "--all") == 1
    assert "Entry 3 speaks of this stamp" in capsys.readouterr().out


def test_as_many_are_told_as_the_verifier_expects() -> None:
    assert verify.MOST_TOLD == store.MOST_OF_A_STAMP


def test_what_cannot_be_checked_is_said_and_is_no_alarm(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify.main(["http://127.0.0.1:1"]) == 2
    assert verify.main(["ftp://txng.example"]) == 2
    assert run(Operator(), "--key", "no key") == 2
    damaged = tmp_path / "log.json"
    damaged.write_text("{}")
    assert run(Operator(), "--state", str(damaged)) == 2
    assert "NOT CHECKED" in capsys.readouterr().out


def test_a_given_key_must_be_the_one_that_signs() -> None:
    key = checkpoints.verifier_key(Operator().key, NAME)
    other = checkpoints.verifier_key(Ed25519PrivateKey.from_private_bytes(b"o" * 32), NAME)
    assert run(Operator(), "--key", key) == 0
    assert run(Operator(), "--key", other) == 1
    assert run(Operator(), "--key", key[:-4] + "AAA=") == 2


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=40), st.integers(0, 511))
def test_signatures_are_judged_as_the_library_judges_them(
    seed: bytes, message: bytes, bit: int
) -> None:
    private = Ed25519PrivateKey.from_private_bytes(seed)
    key, signature = private.public_key().public_bytes_raw(), private.sign(message)
    assert verify.is_signed(key, message, signature)
    assert not verify.is_signed(key, message + b"!", signature)
    flipped = bytearray(signature)
    flipped[bit // 8] ^= 1 << bit % 8
    with pytest.raises(InvalidSignature):
        private.public_key().verify(bytes(flipped), message)
    assert not verify.is_signed(key, message, bytes(flipped))


def test_malformed_keys_and_signatures_are_no_signatures() -> None:
    private = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
    key, signature = private.public_key().public_bytes_raw(), private.sign(b"m")
    for wrong in (b"", signature[:-1], signature + b"\x00", b"\xff" * 64, b"\x00" * 64):
        assert not verify.is_signed(key, b"m", wrong)
    for wrong in (b"", key[:-1], b"\xff" * 32, hashlib.sha256(b"no point").digest()):
        assert not verify.is_signed(wrong, b"m", signature)
    # The same factor plus the group's order is another number for the same point.
    factor = (
        int.from_bytes(signature[32:], "little")
        + 2**252
        + int("14def9dea2f79cd65812631a5cf5d3ed", 16)
    )
    assert not verify.is_signed(key, b"m", signature[:32] + factor.to_bytes(32, "little"))


async def test_the_running_service_is_found_sound_by_a_stranger(
    stamps: Stamps, farm: Farm, address: str, tmp_path: Path
) -> None:
    batch = await stamps.a_batch(farm, 100)
    await logged(stamps, f"batch/{batch}")
    state = ["--state", str(tmp_path / "log.json")]
    code = ["--stamp", code_of(stamps, batch, 7)]
    assert await asyncio.to_thread(verify.main, [address, *state]) == 0
    ok(await stamps.change(batch, 7, 7, "lost", stamps.operator(farm.facility)))
    await logged(stamps, f"change/{batch}/1")
    assert await asyncio.to_thread(verify.main, [address, *state, *code, "--all"]) == 0
