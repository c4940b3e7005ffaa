"""The stamp code keeps its published construction and refuses whatever nobody issued."""

import json
import random
from hashlib import blake2s
from hmac import compare_digest
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import stampcode
from shared.stampcode import (
    ALPHABET,
    LENGTH,
    MAX_BATCH,
    MAX_SERIAL,
    Keyring,
    KeyringError,
    SlotKeys,
    StampId,
    decode,
    encode,
    group,
    normalise,
)


def keys_of(slot: int) -> SlotKeys:
    """Different, fixed keys for every slot: enough for a test, useless elsewhere."""
    return SlotKeys(mac=bytes([slot, 1] * 16), enc=bytes([slot, 2] * 16))


def keyring(current: int = 0, slots: range = range(16)) -> Keyring:
    return Keyring(current, {slot: keys_of(slot) for slot in slots})


RINGS = [keyring(slot) for slot in range(16)]
RING = RINGS[0]
batches = st.integers(0, MAX_BATCH)
serials = st.integers(0, MAX_SERIAL)
slots = st.integers(0, 15)


def from_the_description(slot: int, batch: int, serial: int) -> str:
    """The code made with strings of bits, as another would write it from the docstring alone."""

    def prf(key: bytes, person: bytes, message: str, bits: int) -> str:
        digest = blake2s(
            int(message, 2).to_bytes(7, "big"), key=key, person=person, digest_size=7
        ).digest()
        return "".join(f"{byte:08b}" for byte in digest)[:bits]

    keys = keys_of(slot)
    identity = f"{batch:026b}{serial:020b}"
    tag = prf(keys.mac, b"TXNG-tag", f"{slot:04b}{identity}", 50)
    mask = prf(keys.enc, b"TXNG-enc", f"{slot:04b}{tag}", 46)
    body = "".join("01"[a != b] for a, b in zip(identity, mask, strict=True))
    bits = f"{slot:04b}{tag}{body}"
    return "".join(
        "0123456789ABCDEFGHJKMNPQRSTVWXYZ"[int(bits[i : i + 5], 2)] for i in range(0, 100, 5)
    )


@pytest.mark.parametrize(
    ("slot", "batch", "serial", "code"),
    [
        (0, 0, 0, "0XZ11HDQVYN9KM0J1234"),
        (0, 0, 1, "0TZVJYKYFCDYSKVQ78QF"),
        (0, 1, 0, "0A28D7T90H5WBX3SQRZN"),
        (3, 123456, 500, "7RGRGPG2807FCA9W4SJM"),
        (15, MAX_BATCH, MAX_SERIAL, "ZVJCH5WKDNY55246Q8V9"),
    ],
)
def test_the_code_of_a_stamp_never_changes(slot: int, batch: int, serial: int, code: str) -> None:
    assert encode(RINGS[slot], batch, serial) == code
    assert decode(RING, code) == StampId(slot, batch, serial)


@given(slots, batches, serials)
def test_the_description_alone_is_enough_to_make_the_code(
    slot: int, batch: int, serial: int
) -> None:
    assert encode(RINGS[slot], batch, serial) == from_the_description(slot, batch, serial)


@given(slots, batches, serials)
def test_every_slot_reads_back_what_was_encoded(slot: int, batch: int, serial: int) -> None:
    code = encode(RINGS[slot], batch, serial)
    assert len(code) == LENGTH
    assert set(code) <= set(ALPHABET)
    assert normalise(code) == code
    assert decode(RING, code) == decode(RING, code.encode()) == StampId(slot, batch, serial)


@given(batches, serials, st.randoms(use_true_random=False))
def test_case_separators_and_look_alikes_do_not_matter(
    batch: int, serial: int, chance: random.Random
) -> None:
    code = encode(RING, batch, serial)
    also = {"0": "0Oo", "1": "1IiLl"}
    typed = ""
    for character in code:
        typed += chance.choice(also.get(character, character + character.lower()))
        typed += chance.choice(("", "-", " ", "--"))
    assert normalise(typed) == normalise(f"  {group(code).lower()}") == code
    assert decode(RING, typed) == StampId(0, batch, serial)


@pytest.mark.parametrize("sample", range(8))
def test_every_single_character_change_is_the_same_code_or_refused(sample: int) -> None:
    chance = random.Random(sample)
    slot = chance.randrange(16)
    identity = StampId(slot, chance.randint(0, MAX_BATCH), chance.randint(0, MAX_SERIAL))
    code = encode(RINGS[slot], identity.batch, identity.serial)
    for position in range(LENGTH):
        for byte in range(256):
            changed = code[:position].encode() + bytes([byte]) + code[position + 1 :].encode()
            if normalise(changed) == code:
                assert decode(RING, changed) == identity
            else:
                assert decode(RING, changed) is None, changed


@pytest.mark.parametrize("sample", range(8))
def test_a_character_left_out_doubled_or_swapped_is_refused(sample: int) -> None:
    code = encode(RING, 1000 + sample, sample)
    for i in range(LENGTH):
        assert decode(RING, code[:i] + code[i + 1 :]) is None
        assert decode(RING, code[:i] + code[i] + code[i:]) is None
        swapped = code[:i] + code[i : i + 2][::-1] + code[i + 2 :]
        assert swapped == code or decode(RING, swapped) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-" * 20,
        "0" * 19,
        "0" * 21,
        "U" + "0" * 19,
        "u" + "0" * 19,
        "0" * 19 + "\0",
        "\0" + "0" * 20,
        "0" * 20 + "\n",
        "\t" + "0" * 19,
        "+" + "0" * 19,
        "-1" + "_" * 18,
        "0_0" + "0" * 17,
        "0" * 19 + "é",
        "٠" * 20,
        "０" * 20,
        "0" * 19 + "\ud800",
        "0" * 20 + " " * 45,
        "0" * 1_000_000,
        "!" * 20,
    ],
)
def test_what_is_not_a_code_at_all_is_refused(text: str) -> None:
    assert normalise(text) is None
    assert decode(RING, text) is None
    raw = text.encode("utf-8", "surrogatepass")
    assert normalise(raw) is None
    assert decode(RING, raw) is None


@given(st.one_of(st.text(max_size=80), st.binary(max_size=80)))
def test_any_text_is_answered_without_an_error(text: str | bytes) -> None:
    code = normalise(text)
    assert code is None or (len(code) == LENGTH and normalise(code) == code)
    assert decode(RING, text) is None


def test_a_hundred_thousand_random_codes_are_all_refused() -> None:
    chance = random.Random(2026)
    for _ in range(100_000):
        forged = "".join(chance.choices(ALPHABET, k=LENGTH))
        assert decode(RING, forged) is None


@pytest.mark.parametrize("bit", range(96))
def test_every_flipped_bit_behind_the_slot_is_refused(bit: int) -> None:
    value = int(encode(RING, 77, 88).translate(str.maketrans(ALPHABET, PYTHON_DIGITS)), 32)
    assert decode(RING, spelt(value)) == StampId(0, 77, 88)
    assert decode(RING, spelt(value ^ 1 << bit)) is None


PYTHON_DIGITS = "0123456789abcdefghijklmnopqrstuv"


def spelt(value: int) -> str:
    return "".join(ALPHABET[value >> shift & 31] for shift in range(95, -1, -5))


def test_a_code_moved_to_another_slot_is_refused() -> None:
    code = encode(RINGS[5], 9, 9)
    value = int(code.translate(str.maketrans(ALPHABET, PYTHON_DIGITS)), 32)
    for slot in set(range(16)) - {5}:
        assert decode(RING, spelt(value & (1 << 96) - 1 | slot << 96)) is None


def test_tags_are_compared_whole_and_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[bytes, bytes]] = []

    def compare(claimed: bytes, right: bytes) -> bool:
        compared.append((claimed, right))
        return compare_digest(claimed, right)

    monkeypatch.setattr(stampcode, "compare_digest", compare)
    code = encode(RING, 5, 6)
    forged = code[:1] + ("0" if code[1] != "0" else "1") + code[2:]
    for text, right in ((code, True), (forged, False)):
        compared.clear()
        assert (decode(RING, text) is not None) is right
        ((claimed, made),) = compared
        assert (claimed == made) is right
        # Slot and tag, 54 bits, of the code itself: nothing shorter than the whole is looked at.
        value = int(text.translate(str.maketrans(ALPHABET, PYTHON_DIGITS)), 32)
        assert claimed == (value >> 46).to_bytes(7)
        assert len(made) == 7


def test_codes_of_a_slot_without_keys_are_refused() -> None:
    assert decode(keyring(0, range(3)), encode(RINGS[3], 1, 1)) is None


def test_rotation_keeps_old_codes_readable_and_makes_new_ones_with_the_current_slot() -> None:
    before = keyring(0, range(1))
    old = encode(before, 4, 5)
    after = keyring(1, range(2))
    new = encode(after, 4, 5)
    assert decode(after, old) == StampId(0, 4, 5)
    assert decode(after, new) == StampId(1, 4, 5)
    assert decode(before, new) is None


def test_codes_made_with_other_keys_are_refused() -> None:
    other = Keyring(0, {0: SlotKeys(bytes(range(32)), bytes(range(32, 64)))})
    assert all(decode(RING, encode(other, batch, 1)) is None for batch in range(1000))


def test_no_two_stamps_share_a_code() -> None:
    dense = {encode(RING, batch, serial) for batch in range(20) for serial in range(2500)}
    edges = {
        encode(RING, batch, serial)
        for batch in (MAX_BATCH - 1, MAX_BATCH)
        for serial in range(MAX_SERIAL - 100, MAX_SERIAL + 1)
    }
    assert len(dense | edges) == 20 * 2500 + 2 * 101


@pytest.mark.parametrize("batch", [-1, MAX_BATCH + 1])
def test_a_batch_out_of_range_is_no_code(batch: int) -> None:
    with pytest.raises(ValueError, match="batch"):
        encode(RING, batch, 0)


@pytest.mark.parametrize("serial", [-1, MAX_SERIAL + 1])
def test_a_serial_out_of_range_is_no_code(serial: int) -> None:
    with pytest.raises(ValueError, match="serial"):
        encode(RING, 0, serial)


def test_neighbouring_stamps_share_no_more_characters_than_chance() -> None:
    """A shared position has a chance of 1 in 32; the first character carries the slot."""
    codes = [encode(RING, 7, serial) for serial in range(20_000)]
    shared = sum(a == b for x, y in pairwise(codes) for a, b in zip(x[1:], y[1:], strict=True))
    expected = 19_999 * 19 / 32
    assert abs(shared - expected) < 5 * expected**0.5


def test_codes_leak_no_order() -> None:
    """Sorted codes give serials in random order: half of the neighbours rise, half fall."""
    codes = sorted((encode(RING, 7, serial), serial) for serial in range(20_000))
    rising = sum(a[1] < b[1] for a, b in pairwise(codes))
    assert abs(rising - 10_000) < 5 * (20_000 / 12) ** 0.5


def test_every_bit_behind_the_slot_is_set_in_half_of_the_codes() -> None:
    counts = [0] * 96
    for serial in range(10_000):
        value = int(encode(RING, 3, serial).translate(str.maketrans(ALPHABET, PYTHON_DIGITS)), 32)
        for bit in range(96):
            counts[bit] += value >> bit & 1
    assert all(abs(count - 5_000) < 5 * 50 for count in counts)


def test_a_small_batch_spreads_over_the_whole_space_and_so_hides_its_count() -> None:
    few = [encode(RING, 11, serial)[1:3] for serial in range(2_000)]
    assert len(set(few)) > 0.8 * 32 * 32


def test_grouping_reads_back() -> None:
    code = encode(RING, 1, 2)
    assert group(code) == f"{code[:5]}-{code[5:10]}-{code[10:15]}-{code[15:]}"
    assert normalise(group(code)) == code


def write_keys(path: Path, content: object) -> Path:
    file = path / "stamp-keys.json"
    file.write_text(json.dumps(content))
    return file


def test_a_key_file_is_read(tmp_path: Path) -> None:
    slots = {str(n): {"mac": keys_of(n).mac.hex(), "enc": keys_of(n).enc.hex()} for n in (0, 1)}
    loaded = Keyring.load(write_keys(tmp_path, {"current": 1, "slots": slots}))
    assert encode(loaded, 8, 9) == encode(RINGS[1], 8, 9)
    assert decode(loaded, encode(RINGS[0], 8, 9)) == StampId(0, 8, 9)


SOUND = {"mac": "00" * 32, "enc": "11" * 32}


@pytest.mark.parametrize(
    "content",
    [
        [],
        {},
        {"current": 0, "slots": []},
        {"current": 0, "slots": {}},
        {"current": "0", "slots": {"0": SOUND}},
        {"current": True, "slots": {"1": SOUND}},
        {"current": 1, "slots": {"0": SOUND}},
        {"current": 16, "slots": {"16": SOUND}},
        {"current": 0, "slots": {"0": SOUND, "-1": {"mac": "22" * 32, "enc": "33" * 32}}},
        {"current": 0, "slots": {"zero": SOUND}},
        {"current": 0, "slots": {"0": {"mac": "00" * 32}}},
        {"current": 0, "slots": {"0": {"mac": "00" * 15, "enc": "11" * 32}}},
        {"current": 0, "slots": {"0": {"mac": "00" * 32, "enc": "11" * 33}}},
        {"current": 0, "slots": {"0": {"mac": "zz" * 32, "enc": "11" * 32}}},
        {"current": 0, "slots": {"0": {"mac": "00" * 32, "enc": "00" * 32}}},
        {"current": 0, "slots": {"0": SOUND, "1": {"mac": "22" * 32, "enc": "11" * 32}}},
    ],
)
def test_keys_that_cannot_be_used_are_refused(tmp_path: Path, content: object) -> None:
    with pytest.raises(KeyringError):
        Keyring.load(write_keys(tmp_path, content))


def test_a_key_file_that_is_no_json_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "stamp-keys.json"
    file.write_bytes(b"\xff{")
    with pytest.raises(KeyringError):
        Keyring.load(file)


def test_keys_show_neither_in_repr_nor_in_errors(tmp_path: Path) -> None:
    secret = "ab" * 31
    file = write_keys(tmp_path, {"current": 0, "slots": {"0": {"mac": secret + "zz", "enc": "1"}}})
    with pytest.raises(KeyringError) as caught:
        Keyring.load(file)
    assert "ab" * 4 not in str(caught.value)
    assert caught.value.__cause__ is None
    assert repr(RING).endswith(f"slots={list(range(16))})")
    assert repr(keys_of(1)) == "SlotKeys()"
