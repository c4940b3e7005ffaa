"""How fast a file of facilities is judged and written: `python -m tests.bench.imports [ROWS]`.

With `known` after the number, as a list of facilities that do not take part.
"""

import asyncio
import io
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from deploy.local.servers import fresh_pair, start_together, stop_together
from services.registry import store
from services.registry.actions.imports import importing
from services.registry.domain.communes import communes
from services.registry.domain.imports import Import, Listed, Sort, Stage
from services.registry.domain.records import Aggregate
from services.registry.sheets.columns import COLUMNS
from services.registry.sheets.writing import XlsxTable, headers_of
from services.registry.store import imports
from services.registry.workers import importer
from shared.auth import Principal
from shared.ids import new_id, now
from shared.mongo import Database
from tests.bench.saying import say

WHO = Principal(
    account_id="bench",
    name="Người nhập",
    tier="department",
    kinds=frozenset({"approve"}),
    unit_id="bench",
    session_id="bench",
    communes=("*",),
    issued_at=int(time.time()),
)
FAMILY = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Phan", "Vũ", "Đặng", "Bùi", "Đỗ")
MIDDLE = ("Văn", "Thị", "Đức", "Minh", "Thanh", "Quốc", "Hữu", "Ngọc")
GIVEN = ("An", "Bình", "Cường", "Dung", "Giang", "Hà", "Khôi", "Linh", "Nam", "Phúc", "Quân", "Tú")


def rows(count: int, sort: Sort) -> list[list[object]]:
    """Names as they are: few words, many alike, a number of the stall in the address."""
    places = [one.name for one in communes().values()]
    filled = []
    for number in range(count):
        name = f"Hộ kinh doanh {FAMILY[number % 10]} {MIDDLE[number // 10 % 8]} "
        name += f"{GIVEN[number // 80 % 12]} {number}"
        values: dict[str, object] = {
            "name": name,
            "form": "Hộ kinh doanh",
            "facility_class": "Diện ký cam kết",
            "sector": "Nông nghiệp và Môi trường",
            "kinds": "Trồng trọt; Cửa hàng",
            "commune": places[number % len(places)],
            "address": f"Số {number}, khu {number % 9}",
            "phone": f"0203 {number:07d}",
            "certificates.0.kind": "Bản cam kết sản xuất, kinh doanh thực phẩm an toàn",
            "certificates.0.number": f"{number}/CK",
            "certificates.0.issuer": "Ủy ban nhân dân",
            "certificates.0.issued_on": "01/03/2026",
        }
        filled.append([values.get(c.field) for c in COLUMNS[sort]])
    return filled


async def until(db: Database, import_id: str, stages: set[Stage]) -> Import:
    while (one := await imports.get(db, import_id)).stage not in stages:
        await asyncio.sleep(0.1)
    return one


def megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


# Its own highest memory (kB): what a parent is told of a child includes the parent's own.
READER = """
import re, sys
from shared.sheets import reading
reading.main()
sys.stderr.write(re.search("VmHWM:.*?([0-9]+)", open("/proc/self/status").read())[1])
"""


def reader_megabytes(file: Path) -> float:
    done = subprocess.run(
        [sys.executable, "-c", READER, str(file)], capture_output=True, check=True, text=True
    )
    return int(done.stderr) / 1024


async def bench(count: int, sort: Sort, folder: Path, url: str) -> None:
    db = Database(url, "bench_registry", "registry")
    await store.prepare(db)
    file = folder / "a.xlsx"
    table = XlsxTable(file, headers_of(COLUMNS[sort]))
    for row in rows(count, sort):
        table.add(row)
    table.close()
    before = megabytes()
    worker = asyncio.create_task(importer.work_off(db))
    say(f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}; {count:,} rows")
    for turn in ("first upload", "the same again"):
        began, cpu = time.monotonic(), time.process_time()
        one = await importing.upload(
            io.BytesIO(file.read_bytes()),
            "a.xlsx",
            sort,
            import_id=new_id(),
            who=WHO,
            now=now(),
            db=db,
        )
        one = await until(db, one.id, {Stage.READY, Stage.FAILED})
        report(f"{turn}: read and judged", count, began, cpu)
        say(f"  verdicts {dict(one.counts)} {one.failure or ''}")
        if one.to_write:
            began, cpu = time.monotonic(), time.process_time()
            await importing.apply(one.id, version=one.version, who=WHO, now=now(), db=db)
            one = await until(db, one.id, {Stage.DONE, Stage.FAILED})
            report("  written and submitted", count, began, cpu)
            say(f"  outcomes {dict(one.outcomes)}")
    say(f"highest memory: {megabytes():.0f} MB ({before:.0f} before),")
    say(f"  of the process that reads the file: {reader_megabytes(file):.0f} MB")
    worker.cancel()
    await asyncio.gather(worker, return_exceptions=True)
    await db.close()


def report(what: str, count: int, began: float, cpu: float) -> None:
    seconds, busy = time.monotonic() - began, time.process_time() - cpu
    say(f"{what:34}{seconds:7.1f} s  {count / seconds:8,.0f} rows/s  {busy:6.1f} s of processor")


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    sort: Sort = Listed.KNOWN if "known" in sys.argv[2:] else Aggregate.FACILITY
    with tempfile.TemporaryDirectory(prefix="txng-imports-") as name:
        folder = Path(name)
        given = os.environ.get("TXNG_TEST_MONGO_URL")
        if given:
            asyncio.run(bench(count, sort, folder, given))
            return
        mongod, _ = fresh_pair(folder)
        start_together([mongod])
        try:
            asyncio.run(bench(count, sort, folder, mongod.url))
        finally:
            stop_together([mongod])


if __name__ == "__main__":
    main()
