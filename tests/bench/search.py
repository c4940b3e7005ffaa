"""How long lists and searches take over 100,000 products, beside the same over 1,000.

Run as `python -m tests.bench.search [--products 100000] [--rounds 200]`, over servers of its own.
Both sizes stand in one database server, each behind a registry of its own in this process; told is
also how long each reads until it can search, and how much larger it makes the process. Every round
asks each page once of either, in turn, so that whatever else the machine does meets both.
Timed is the whole page: query, count, template. At the end the database server tells for every
query by which index it went.
"""

import argparse
import asyncio
import logging
import os
import tempfile
import time
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median, quantiles
from typing import Any
from urllib.parse import quote

import structlog

from deploy import topology
from deploy.local.secrets import create_missing
from deploy.local.servers import fresh_pair, start_together, stop_together
from services.registry import store
from services.registry.domain.categories import categories
from services.registry.domain.communes import communes
from services.registry.domain.facility import Facility
from services.registry.domain.product import Product
from services.registry.domain.records import Aggregate, Author, Owner, Record, State
from services.registry.domain.words import fold
from services.registry.store.codec import COLLECTIONS, to_document
from services.registry.store.search.catalogue import StillLoading
from shared.mongo import Database
from shared.settings import Settings
from tests.bench.saying import say
from tests.registry.conftest import Registry, running

AT = datetime(2026, 11, 1, tzinfo=UTC)
BY = Author("maker", "Người nhập", "commune", "unit")
GOODS = (
    "Na dai", "Chả mực", "Trà hoa vàng", "Miến dong", "Gà Tiên Yên", "Ruốc hàu", "Sá sùng",
    "Mực khô", "Cam Vạn Yên", "Vải chín sớm", "Ổi", "Thanh long ruột đỏ", "Bưởi Diễn", "Chè",
    "Nước mắm", "Tôm thẻ", "Rau cải", "Trứng gà", "Mật ong", "Khoai lang", "Gạo nếp", "Lạc đỏ",
    "Nấm linh chi", "Giò lụa", "Sữa chua", "Bánh gật gù", "Rượu ba kích", "Dưa lưới", "Bí xanh",
    "Cá song", "Hàu sữa", "Ngao hai cùi", "Cua biển", "Bề bề", "Thịt lợn", "Bò một nắng",
)  # fmt: skip
KINDS = (
    "loại một",
    "loại hai",
    "hữu cơ",
    "sấy khô",
    "đóng hộp",
    "hút chân không",
    "tươi",
    "xuất khẩu",
)
PLACES = ("Đông Triều", "Hạ Long", "Vân Đồn", "Cô Tô", "Bình Liêu", "Móng Cái", "Tiên Yên",
          "Đầm Hà", "Ba Chẽ", "Hải Hà", "Quảng Yên", "Uông Bí", "Cẩm Phả", "An Sinh")  # fmt: skip
FAMILY = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi", "Đỗ", "Ngô")
GIVEN = ("An", "Bình", "Cường", "Dung", "Giang", "Hà", "Khôi", "Linh", "Nam", "Phúc", "Quân", "Tú")
# Of every kind of search: in a hundred names, in thousands, two words, a brand, none at all.
ASKED = ("chả mực", "na dai Đông Triều", "trà", "hữu cơ", "Bình Liêu", "nguyễn", "mật ong Ba Chẽ",
         "sá sùng Vân Đồn xuất khẩu", "không có gì như vậy", "gà", "h")  # fmt: skip


def owner(number: int) -> Owner:
    place = list(communes())[number % len(communes())]
    name = f"Hộ kinh doanh {FAMILY[number % 10]} Văn {GIVEN[number // 10 % 12]} {number}"
    sector = ("agriculture", "agriculture", "industry_trade", "health")[number % 4]
    return Owner(f"f{number:06d}", name, f"CS22-{number:08d}", place, sector)


def record(kind: Aggregate, number: int, of: Owner, content: Any, chance: Random) -> Any:
    """One in twenty waits for a check; the rest is published."""
    waits = chance.random() < 0.05
    at = AT - timedelta(minutes=number)
    prefix = "CS22" if kind is Aggregate.FACILITY else "SP22"
    return to_document(
        Record(
            id=of.facility_id if kind is Aggregate.FACILITY else f"p{number:06d}",
            aggregate=kind,
            version=2 if waits else 4,
            state=State.SUBMITTED if waits else State.PUBLISHED,
            code=f"{prefix}-{number:08d}",
            owner=of,
            draft=content if waits else None,
            published=None if waits else content,
            created_at=at,
            updated_at=at,
            editors=(BY,) if waits else (),
            published_at=None if waits else at,
        )
    )


def facility(number: int, chance: Random) -> Any:
    of = owner(number)
    content = Facility(
        name=of.name,
        address=f"Số {number}, khu {number % 9}",
        commune=of.commune,
        sector=of.sector,
        kinds=("grower",) if number % 3 else ("processing", "packing"),
        facility_class="certificate" if number % 5 == 0 else "commitment",
        representative=of.name.removeprefix("Hộ kinh doanh "),
        phone=f"0203 {number:07d}",
    )
    return record(Aggregate.FACILITY, number, of, content, chance)


def product(number: int, facilities: int, chance: Random) -> Any:
    of = owner(number % facilities)
    name = f"{chance.choice(GOODS)} {chance.choice(KINDS)} {chance.choice(PLACES)}"
    content = Product(
        facility_id=of.facility_id,
        name=name,
        category=chance.choice(list(categories())),
        brand=f"{chance.choice(FAMILY)} {chance.choice(GIVEN)}",
        net_content="500 g",
        ocop_stars=chance.choice((None, None, None, None, 3, 4, 5)),
        key_product=chance.random() < 0.02,
        shelf_life_days=30,
    )
    return record(Aggregate.PRODUCT, number, of, content, chance)


async def fill(db: Database, products: int) -> None:
    """Facilities with eight products each."""
    chance = Random(7)
    facilities = max(products // 8, 1)
    made: dict[Aggregate, Any] = {
        Aggregate.FACILITY: (facility(n, chance) for n in range(facilities)),
        Aggregate.PRODUCT: (product(n, facilities, chance) for n in range(products)),
    }
    for kind, rows in made.items():
        batch: list[Any] = []
        for row in rows:
            batch.append(row)
            if len(batch) == 2_000:
                await db.collection(COLLECTIONS[kind]).insert_many(batch, ordered=False)
                batch = []
        if batch:
            await db.collection(COLLECTIONS[kind]).insert_many(batch, ordered=False)


async def entered(told: Settings, products: int) -> None:
    db = Database(told.mongo_url, told.database("registry"), "registry")
    try:
        began = time.monotonic()
        await store.prepare(db)
        await fill(db, products)
        say(f"{products:,} products entered in {time.monotonic() - began:.0f} s")
    finally:
        await db.close()


def megabytes() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


Case = tuple[str, tuple[str, ...], str]


def searched(address: str) -> list[tuple[str, tuple[str, ...]]]:
    """The same words with their diacritics and without."""
    spelt = {"with diacritics": ASKED, "without": tuple(fold(text) for text in ASKED)}
    return [(how, tuple(address + quote(text) for text in words)) for how, words in spelt.items()]


def cases() -> list[Case]:
    """Name, addresses that are asked for in turn, and who asks."""
    found: list[Case] = [("home page", ("/",), "")]
    for page in ("/products", "/facilities"):
        found += [(f"{page}?q= {how}", asked, "") for how, asked in searched(f"{page}?q=")]
    places = tuple(f"/products?commune={code}" for code in list(communes())[:10])
    named = tuple(f"/products?category={key}" for key in list(categories())[:10])
    found += [
        ("/products", ("/products",), ""),
        ("/products, page 400", ("/products?page=400",), ""),
        ("/products by commune", places, ""),
        ("/products by category", named, ""),
        ("/products, OCOP, q", tuple(f"/products?ocop=any&q={quote(a)}" for a in ASKED), ""),
        ("/products/groups", ("/products/groups",), ""),
        ("/facilities", ("/facilities",), ""),
        ("/facilities by kind", ("/facilities?kind=packing",), ""),
    ]
    home = "/console/registry"
    for who in ("department", "commune", "facility"):
        found.append((f"{who}: work list", (home,), who))
        found.append((f"{who}: products", (f"{home}/products",), who))
        for how, asked in searched(f"{home}/products?q="):
            found.append((f"{who}: products, q {how}", asked, who))
    found += [
        ("department: facilities, q", tuple(f"{home}/facilities?q={quote(a)}" for a in ASKED),
         "department"),
        ("department: waiting", (f"{home}/products?state=submitted",), "department"),
        ("commune: waiting for my check", (f"{home}/products?waiting=check",), "commune"),
        ("department: least complete", (f"{home}/products?quality=worst",), "department"),
        ("department: page 400", (f"{home}/products?page=400",), "department"),
        ("department: choose a facility", (f"{home}/products/new?q=nguyen",), "department"),
    ]  # fmt: skip
    return found


def tokens(registry: Registry) -> dict[str, str]:
    place = owner(0).commune
    return {
        "": "",
        "department": registry.token("department", "approve"),
        "commune": registry.token("commune", "check", "operate", communes=[place]),
        "facility": registry.operator(owner(0).facility_id),
    }


async def timed(browser: Any, address: str) -> float:
    began = time.perf_counter()
    answer = await browser.get(address)
    took = time.perf_counter() - began
    assert answer.status_code == 200, (address, answer.status_code)
    return took * 1000


async def measure(sides: dict[str, Registry], rounds: int) -> dict[str, dict[str, list[float]]]:
    """Milliseconds by case and side; the sides take turns in who comes first."""
    browsers = {
        (side, who): registry.browser(token)
        for side, registry in sides.items()
        for who, token in tokens(registry).items()
    }
    found: dict[str, dict[str, list[float]]] = {
        name: {side: [] for side in sides} for name, _, _ in cases()
    }
    for turn in range(-2, rounds):  # Two rounds to warm up.
        for name, addresses, who in cases():
            order = list(sides) if turn % 2 else list(sides)[::-1]
            for side in order:
                took = await timed(browsers[side, who], addresses[turn % len(addresses)])
                if turn >= 0:
                    found[name][side].append(took)
    for browser in browsers.values():
        await browser.aclose()
    return found


async def scans(registry: Registry) -> tuple[int, list[str]]:
    """How many queries the pages made, and which of them read a whole collection of records."""
    handle = registry.db.handle
    await handle.command({"profile": 2})
    for _, addresses, who in cases():
        async with registry.browser(tokens(registry)[who]) as browser:
            for address in addresses:
                await timed(browser, address)
    await handle.command({"profile": 0})
    kept = {f"{handle.name}.{name}" for name in COLLECTIONS.values()}
    wanted = {"ns": {"$in": sorted(kept)}}
    number = await handle["system.profile"].count_documents(wanted)
    whole = [
        f"{row['ns']}: {row.get('command')}"[:200]
        async for row in handle["system.profile"].find({**wanted, "planSummary": "COLLSCAN"})
    ]
    return number, whole


def p99(values: list[float]) -> float:
    return quantiles(values, n=100, method="inclusive")[98]


def report(found: dict[str, dict[str, list[float]]], small: str, large: str) -> None:
    say(f"{'milliseconds':48}{small:>16}{large:>16}   ratio")
    say(f"{'':48}{'p50':>8}{'p99':>8}{'p50':>8}{'p99':>8}   of p50")
    for name, sides in found.items():
        one, other = sides[small], sides[large]
        ratio = median(other) / median(one)
        figures = (median(one), p99(one), median(other), p99(other))
        say(f"{name:48}" + "".join(f"{value:8.1f}" for value in figures) + f"{ratio:8.2f}")
    worst = max(found, key=lambda name: p99(found[name][large]))
    say(f"slowest page: {worst}, p99 {p99(found[worst][large]):.1f} ms over {large} products")
    say(f"load average {os.getloadavg()[0]:.1f}")


async def loaded(registry: Registry) -> None:
    """Wait until it can search; each question waits for some seconds by itself."""
    while True:
        with suppress(StillLoading):
            await registry.app.state.catalogue.tables()
            return


async def bench(products: int, rounds: int, folder: Path, urls: tuple[str, str]) -> None:
    secrets = folder / "secrets"
    create_missing(secrets)
    say(f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}, {rounds} rounds")
    async with AsyncExitStack() as open_:
        sides = {}
        for size in (1_000, products):
            told = Settings(
                mongo_url=urls[0],
                amqp_url=urls[1],
                db_prefix=f"bench{size}",
                bus_prefix=f"bench{size}.",
                secrets_dir=secrets,
            )
            await topology.declare(told)
            await entered(told, size)
            began, before = time.monotonic(), megabytes()
            registry = await open_.enter_async_context(running(told))
            await loaded(registry)
            say(
                f"a registry over {size:,} products answers {time.monotonic() - began:.1f} s after"
                f" its start, the process has grown by {megabytes() - before:.0f} MB"
            )
            sides[f"{size:,}"] = registry
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
        small, large = list(sides)
        report(await measure(sides, rounds), small, large)
        number, whole = await scans(sides[large])
        say(f"{number} queries of the pages looked at: {len(whole)} read a whole collection")
        for line in whole[:10]:
            say(f"  {line}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=200)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="txng-search-") as name:
        folder = Path(name)
        mongod, rabbitmq = fresh_pair(folder)
        start_together([mongod, rabbitmq])
        try:
            urls = (mongod.url, rabbitmq.url)
            asyncio.run(bench(asked.products, asked.rounds, folder, urls))
        finally:
            stop_together([mongod, rabbitmq])


if __name__ == "__main__":
    main()
