"""What was answered is on file before the answer, survives kill -9, and is sent whole."""

import base64
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from services.scan.counting.spool import MOST_RECORDS, MOST_SPARE, Spool
from services.scan.domain.records import LATEST, NAMES, SIZE, Scan, pack, unpack
from shared.contracts.scan import VERDICTS

ROOT = Path(__file__).resolve().parents[2]

WRITER = """
import sys
from pathlib import Path
from services.scan.domain.records import pack
from services.scan.counting.spool import Spool
spool = Spool(Path(sys.argv[1]), "r1")
spool.open()
for n in range(1000):
    spool.append(pack(n, n.to_bytes(16), 1, n, bytes(8), 0, 10))
print("written", flush=True)
sys.stdin.read()
"""

FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from services.scan.counting.spool import Spool
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
spool = Spool(Path(sys.argv[1]), "r1")
spool.open()
for n in range(3):
    spool.append(bytes(52))
print("uncounted", spool.uncounted)
"""


def record(number: int) -> bytes:
    return pack(number, number.to_bytes(16), 1, number, bytes(8), 0, 10)


def held(spool: Spool) -> list[Scan | None]:
    """What all sealed files hold, as their messages tell it."""
    scans: list[Scan | None] = []
    for path in spool.waiting():
        name, body = spool.message(path)
        event = msgspec.json.decode(body)
        assert event["id"] == name
        scans += unpack(base64.b64decode(event["data_base64"]))
    return scans


@given(
    st.integers(0, LATEST),
    st.binary(min_size=16, max_size=16),
    st.integers(0, 2**26 - 1),
    st.integers(-1, 2**20 - 1),
    st.binary(min_size=8, max_size=8),
    st.integers(0, 99_999),
    st.integers(0, len(NAMES) - 1),
    st.binary(min_size=3, max_size=3),
)
def test_a_record_reads_back_as_it_was_packed(
    at: int,
    request: bytes,
    batch: int,
    serial: int,
    user: bytes,
    commune: int,
    place: int,
    source: bytes,
) -> None:
    packed = pack(at, request, batch, serial, user, commune, place, source)
    assert len(packed) == SIZE
    told = source if any(source) else user[:3]
    expected = Scan(
        at, request, batch, serial, user, commune, NAMES[place], int.from_bytes(told, "little")
    )
    assert list(unpack(packed)) == [expected]


@given(st.integers(LATEST + 1, 2**64 - 1))
def test_a_record_of_a_time_that_cannot_be_is_damaged(at: int) -> None:
    packed = pack(at, bytes(16), 1, 1, bytes(8), 1, 0, bytes(3))
    assert list(unpack(packed)) == [None]


@given(st.integers(0, SIZE * 8 - 1))
def test_a_record_with_one_wrong_bit_is_not_counted(bit: int) -> None:
    data = bytearray(record(5))
    data[bit // 8] ^= 1 << bit % 8
    assert list(unpack(bytes(data))) == [None]


def test_a_torn_last_record_loses_only_itself() -> None:
    data = record(1) + record(2)[:-3]
    assert [scan and scan.serial for scan in unpack(data)] == [1, None]


def test_what_a_killed_process_wrote_is_sealed_and_sent_by_the_next(tmp_path: Path) -> None:
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert writer.stdout is not None
    assert writer.stdin is not None
    assert writer.stdout.readline() == "written\n"
    spool = Spool(tmp_path, "r1")
    spool.open()
    spool.seal_left()
    assert spool.waiting() == []  # It lives: its file is its own.
    writer.send_signal(signal.SIGKILL)
    writer.wait()
    writer.stdin.close()
    writer.stdout.close()
    spool.seal_left()
    assert [scan.serial for scan in held(spool) if scan] == list(range(1000))
    spool.finish()


def test_a_full_file_is_sealed_under_its_own_name_and_another_begun(tmp_path: Path) -> None:
    spool = Spool(tmp_path, "r1")
    spool.open()
    for number in range(MOST_RECORDS + 5):
        spool.append(record(number))
    assert len(spool.waiting()) == 1
    spool.finish()
    names = [spool.message(path)[0] for path in spool.waiting()]
    assert names == [f"r1/{spool.incarnation}/1", f"r1/{spool.incarnation}/2"]
    assert [scan.serial for scan in held(spool) if scan] == list(range(MOST_RECORDS + 5))


def test_of_a_file_that_was_sent_no_scan_stays_on_the_disk(tmp_path: Path) -> None:
    spool = Spool(tmp_path, "r1")
    for number in range(MOST_SPARE + 2):
        spool.open()
        spool.append(record(number))
        spool.finish()
    for path in spool.waiting():
        spool.release(path)
    left = list(tmp_path.rglob("*.*"))
    assert len(left) == MOST_SPARE
    assert not any(path.read_bytes().strip(b"\0") for path in left)
    spool.forget_spares()
    assert list(tmp_path.rglob("*.*")) == []


def test_a_file_that_was_sent_serves_again_and_nothing_old_is_in_it(tmp_path: Path) -> None:
    spool = Spool(tmp_path, "r1")
    spool.open()
    for number in range(MOST_RECORDS):
        spool.append(record(number))
    (sent,) = spool.waiting()
    inode = sent.stat().st_ino
    spool.release(sent)
    assert spool.waiting() == []
    spool.append(record(1))
    spool.seal()  # The next file is the one that was sent.
    spool.append(record(2))
    spool.finish()
    first, second = spool.waiting()
    assert second.stat().st_ino == inode
    assert first.stat().st_ino != inode
    assert [scan.serial for scan in held(spool) if scan] == [1, 2]


def test_a_process_killed_with_spare_files_leaves_nothing_to_send_twice(tmp_path: Path) -> None:
    gone = Spool(tmp_path, "r1")
    gone.open()
    gone.append(record(1))
    gone.seal()
    gone.release(gone.waiting()[0])
    gone.finish()
    assert [path.suffix for path in gone.folder.iterdir()] == [".spare"]
    spool = Spool(tmp_path, "r1")
    spool.seal_left()
    assert list(spool.folder.iterdir()) == []


def test_spare_files_tidied_away_by_another_process_cost_no_scan(tmp_path: Path) -> None:
    spool = Spool(tmp_path, "r1")
    spool.open()
    spool.append(record(1))
    spool.seal()
    spool.release(spool.waiting()[0])
    Spool(tmp_path, "r1").seal_left()
    spool.append(record(2))
    spool.seal()
    spool.append(record(3))
    spool.finish()
    assert spool.uncounted == 0
    assert [scan.serial for scan in held(spool) if scan] == [2, 3]


def test_only_a_few_sent_files_are_kept(tmp_path: Path) -> None:
    spool = Spool(tmp_path, "r1")
    spool.open()
    for number in range(3 * MOST_SPARE):
        spool.append(record(number))
        spool.seal()
    for path in spool.waiting():
        spool.release(path)
    spool.finish()
    assert len(list(spool.folder.iterdir())) == MOST_SPARE
    spool.forget_spares()
    assert list(spool.folder.iterdir()) == []


def test_an_empty_spool_leaves_no_file(tmp_path: Path) -> None:
    spool = Spool(tmp_path, "r1")
    spool.open()
    spool.seal()
    spool.finish()
    assert list(spool.folder.iterdir()) == []


def test_a_full_disk_is_met_when_a_file_is_begun_and_costs_only_the_count(tmp_path: Path) -> None:
    """A limit on the size of files stands for the full disk; it needs a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert done.stdout.splitlines()[-1] == "uncounted 3"
    assert list((tmp_path / "r1").iterdir()) == []


def test_without_a_folder_scans_are_uncounted_until_it_can_be_made(tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("a file in the way")
    spool = Spool(tmp_path / "spool", "r1")
    spool.open()
    spool.append(record(1))
    assert spool.uncounted == 1
    (tmp_path / "spool").unlink()
    spool.seal()
    spool.append(record(2))
    spool.finish()
    assert [scan.serial for scan in held(spool) if scan] == [2]


def test_every_verdict_has_a_place_in_the_records() -> None:
    assert set(VERDICTS) <= set(NAMES)
