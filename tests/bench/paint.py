"""When a slow phone first shows something: public pages in Chromium with a slowed processor and
network, each time with an empty cache.

`python -m tests.bench.paint [--origin http://localhost:8080] [--rounds 5] [PATH …]` asks a running
system. Without paths: the home page, the lists, one product, one facility, the news, one stamp.
"""

import argparse
import asyncio
import re
from dataclasses import dataclass
from statistics import median
from typing import Any

from playwright.async_api import Browser, Page

from tests import chromium

PHONE = {"viewport": {"width": 360, "height": 740}, "device_scale_factor": 2, "is_mobile": True}


@dataclass(frozen=True)
class Network:
    """Round-trip time in milliseconds, bytes a second down and up, times slower a processor."""

    name: str
    latency: int
    down: int
    up: int
    slowdown: int


# The first as Lighthouse slows a phone down, the second as Chromium's own tools name it.
NETWORKS = (
    Network("slow 4G, CPU 4×", 150, 204_800, 93_750, 4),
    Network("slow 3G, CPU 6×", 2_000, 50_000, 50_000, 6),
)
LARGEST = """() => new Promise(done => {
  let last = 0;
  new PerformanceObserver(list => { for (const e of list.getEntries()) last = e.startTime; })
    .observe({type: 'largest-contentful-paint', buffered: true});
  setTimeout(() => done(last), 100);
})"""
FIRST = """() => (performance.getEntriesByName('first-contentful-paint')[0] || {}).startTime || 0"""


@dataclass(frozen=True)
class Visit:
    """Milliseconds from the start of navigation; bytes as they came over the wire."""

    first: float
    largest: float
    transferred: int
    requests: int


async def visit(browser: Browser, address: str, network: Network) -> Visit:
    context = await browser.new_context(**PHONE)  # type: ignore[arg-type]
    page = await context.new_page()
    seen = {"bytes": 0, "requests": 0}
    session = await context.new_cdp_session(page)

    def finished(event: Any) -> None:
        seen["bytes"] += int(event["encodedDataLength"])
        seen["requests"] += 1

    session.on("Network.loadingFinished", finished)
    await session.send("Network.enable")
    await session.send("Emulation.setCPUThrottlingRate", {"rate": network.slowdown})
    await session.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": network.latency,
            "downloadThroughput": network.down,
            "uploadThroughput": network.up,
        },
    )
    try:
        answer = await page.goto(address, wait_until="load", timeout=120_000)
        assert answer is not None
        assert answer.ok, (address, answer.status)
        first, largest = await page.evaluate(FIRST), await page.evaluate(LARGEST)
    finally:
        await context.close()
    return Visit(first, largest, seen["bytes"], seen["requests"])


async def found(page: Page, origin: str, path: str, pattern: str) -> str | None:
    """The first address of this kind that a page links to."""
    await page.goto(f"{origin}{path}")
    hit = re.search(pattern, await page.content())
    return hit[1] if hit else None


async def usual(browser: Browser, origin: str) -> list[str]:
    page = await browser.new_page()
    one = r'href="({}/[0-9a-f-]{{36}})"'
    product = await found(page, origin, "/products", one.format("/products"))
    facility = await found(page, origin, "/facilities", one.format("/facilities"))
    article = await found(page, origin, "/news", one.format("/news"))
    await page.close()
    some = [path for path in (product, facility, article) if path]
    return ["/", "/products", "/facilities", "/news", "/recalls", *some]


async def main(origin: str, rounds: int, paths: list[str]) -> None:
    async with chromium.started() as browser:
        asked = paths or await usual(browser, origin)
        for network in NETWORKS:
            print(f"\n{network.name} · median of {rounds}, empty cache")  # noqa: T201
            print(f"{'page':48} {'first':>8} {'largest':>8} {'KB':>7} {'requests':>8}")  # noqa: T201
            for path in asked:
                visits = [await visit(browser, origin + path, network) for _ in range(rounds)]
                told = (
                    f"{median(v.first for v in visits):6.0f}ms",
                    f"{median(v.largest for v in visits):6.0f}ms",
                    f"{median(v.transferred for v in visits) / 1000:7.1f}",
                    f"{median(v.requests for v in visits):8.0f}",
                )
                print(f"{path[:48]:48} {' '.join(told)}")  # noqa: T201


if __name__ == "__main__":
    reading = argparse.ArgumentParser(description=__doc__)
    reading.add_argument("--origin", default="http://localhost:8080")
    reading.add_argument("--rounds", type=int, default=5)
    reading.add_argument("paths", nargs="*", metavar="PATH")
    given = reading.parse_args()
    asyncio.run(main(given.origin.rstrip("/"), given.rounds, given.paths))
