"""A new release of the page for places without signal reaches telephones that keep an older one,
and an update that breaks off leaves them a whole page: all of one release, old or new."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from services.scan.desk import offline_pages
from services.scan.desk.main import build
from shared.ids import now
from shared.settings import Settings
from tests import in_process
from tests.in_process import served
from tests.scan.desk import Desk
from tests.scan.test_desk import desk_settings
from tests.scan.test_offline_page import GOOD, PATH, Stand, answer, visited

# Looked at by the page itself only where its data are as old.
MINUTES = 20
LATEST = 60_000


class Failing:
    """A server that answers some addresses with something else."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.instead: dict[str, ASGIApp] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = scope["path"] + "?" + scope["query_string"].decode()
        for part, response in self.instead.items():
            if part in asked:
                await response(scope, receive, send)
                return
        await self.app(scope, receive, send)


class Releases(Stand):
    def __init__(self, desk: Desk, origin: str, folder: Path, server: Failing) -> None:
        super().__init__(desk, origin, folder)
        self.server = server

    def release(self, number: str) -> str:
        """From now on the desk is of this release; its version."""
        files = offline_pages.FILES
        for name in ("page.js", "camera.js", "check.js"):
            kept, _, _ = (files / name).read_text().partition("\n//RELEASE\n")
            mark = f'document.documentElement.dataset.{name[:-3]} = "{number}";'
            (files / name).write_text(f"{kept}\n//RELEASE\n{mark}\n")
        forget()
        return offline_pages.version(self.desk.settings)

    async def look(self, page: Page) -> None:
        """What the page does every ten minutes and whenever the network is there again."""
        await page.evaluate("window.dispatchEvent(new Event('online'))")


def forget() -> None:
    offline_pages.names.cache_clear()
    offline_pages._version.cache_clear()


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The page's files, to be changed."""
    folder = tmp_path / "offline_files"
    shutil.copytree(offline_pages.FILES, folder)
    with monkeypatch.context() as patched:
        patched.setattr(offline_pages, "FILES", folder)
        forget()
        yield
    forget()


@pytest_asyncio.fixture(scope="module")
async def stand(
    settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Releases]:
    made = desk_settings(settings)
    folder = tmp_path_factory.mktemp("phones")
    async with in_process.running(build(made), Desk, made) as desk:
        server = Failing(desk.app)
        async with served(server) as address:
            yield Releases(desk, address.replace("127.0.0.1", "localhost"), folder, server)


async def shown(page: Page) -> set[str | None]:
    """Of which releases the parts of a page are that is open."""
    await page.locator("html[data-page]").wait_for(state="attached")
    every = await page.evaluate("({...document.documentElement.dataset})")
    return {every.get(name) for name in ("page", "camera", "check")}


async def until(page: Page, number: str) -> None:
    await page.locator(f'html[data-page="{number}"]').wait_for(state="attached", timeout=LATEST)


async def lacking(page: Page, version: str) -> list[str]:
    """Files of a version that are kept no more, whatever the browser has in its own memory."""
    urls = [f"{PATH}/files/{version}/{name}" for name in sorted(offline_pages.names())]
    gone: list[str] = await page.evaluate(
        """async (urls) => {
          const kept = await Promise.all(urls.map((url) => caches.match(url)));
          return urls.filter((url, n) => !kept[n] && !url.endsWith(".LICENSE"));
        }""",
        urls,
    )
    return gone


async def broken_off(page: Page) -> str:
    """Has the page look for a new release; what becomes of the worker that it finds."""
    state: str = await page.evaluate(
        """async () => {
          const { scope } = document.querySelector("#offline").dataset;
          const workers = navigator.serviceWorker;
          const registered = await workers.getRegistration();
          const coming = new Promise((resolve) => {
            registered?.addEventListener("updatefound", () => resolve(registered.installing));
          });
          window.dispatchEvent(new Event("online"));
          // What nothing is left of is registered anew by the page.
          const found = registered ? await coming : await (async () => {
            for (;;) {
              const kept = await workers.getRegistration(scope);
              if (kept?.installing) return kept.installing;
              await new Promise((resolve) => setTimeout(resolve, 1));
            }
          })();
          return new Promise((resolve) => {
            found.addEventListener("statechange", () => resolve(found.state));
          });
        }"""
    )
    return state


async def test_a_new_release_reaches_a_page_that_is_kept_open_and_then_works_without_network(
    stand: Releases,
) -> None:
    await stand.publish(as_of=now() - timedelta(minutes=MINUTES))
    stand.release("1")
    async with stand.phone("open") as context:
        page = await visited(context)
        assert await shown(page) == {"1"}
        await page.goto(f"{PATH}?lang=en")
        await page.locator('[data-part="kept"]').wait_for()
        version = stand.release("2")
        await stand.look(page)
        await until(page, "2")
        assert await shown(page) == {"2"}
        await context.set_offline(True)
        await page.goto(PATH)
        assert await shown(page) == {"2"}
        assert await lacking(page, version) == []
        # The language is remembered, and so are the data.
        assert "Not known to be bad" in await answer(page, GOOD)


async def test_a_new_release_reaches_a_page_when_it_is_opened(stand: Releases) -> None:
    await stand.publish()
    stand.release("1")
    async with stand.phone("opened") as context:
        await visited(context)
    version = stand.release("2")
    async with stand.phone("opened") as context:
        page = await context.new_page()
        await page.goto(PATH)
        await until(page, "2")
    async with stand.phone("opened") as context:
        await context.set_offline(True)
        page = await context.new_page()
        await page.goto(PATH)
        assert await shown(page) == {"2"}
        assert await lacking(page, version) == []


async def test_whoever_reads_an_answer_keeps_it_and_opens_the_new_release_himself(
    stand: Releases,
) -> None:
    await stand.publish(as_of=now() - timedelta(minutes=MINUTES))
    old = stand.release("1")
    async with stand.phone("reading") as context:
        page = await visited(context)
        await answer(page, GOOD)
        stand.release("2")
        await stand.look(page)
        await page.get_by_text("Trang này đã có bản mới").wait_for(timeout=LATEST)
        assert await shown(page) == {"1"}
        assert "Chưa biết điều gì xấu" in await page.locator('[data-part="answer"]').inner_text()
        # The page hears of its new worker before that has put its caches in order.
        await page.evaluate(
            """async () => {
              const kept = await navigator.serviceWorker.getRegistration();
              while (kept.active.state !== "activated") {
                await new Promise((done) => setTimeout(done, 50));
              }
            }"""
        )
        # What it has not loaded yet is there still, as the reader of the camera's picture.
        await context.set_offline(True)
        assert await lacking(page, old) == []
        await context.set_offline(False)
        await page.locator('[data-part="reopen"]').click()
        await until(page, "2")
        await expect(page.locator('[data-part="renewed"]')).to_be_hidden()


@pytest.mark.parametrize(
    "what", ["a file is away", "a file of another release", "a page of another release"]
)
async def test_an_update_that_breaks_off_leaves_the_old_release_whole_and_is_tried_again(
    stand: Releases, what: str
) -> None:
    await stand.publish(as_of=now() - timedelta(minutes=MINUTES))
    old = stand.release("1")
    async with stand.phone(what.replace(" ", "-")) as context:
        page = await visited(context)
        before = (await stand.desk.client.get(f"{PATH}?lang=en")).text
        new = stand.release("2")
        instead: dict[str, dict[str, ASGIApp]] = {
            "a file is away": {f"{new}/camera.js": Response(status_code=503)},
            "a file of another release": {
                f"{new}/camera.js": Response("// other", media_type="text/javascript")
            },
            "a page of another release": {"lang=en": Response(before, media_type="text/html")},
        }
        stand.server.instead = instead[what]
        assert await broken_off(page) == "redundant"
        await context.set_offline(True)
        for lang in ("vi", "en"):
            await page.goto(f"{PATH}?lang={lang}")
            assert await shown(page) == {"1"}
        assert await lacking(page, old) == []
        stand.server.instead = {}
        await context.set_offline(False)
        await stand.look(page)
        await until(page, "2")
        await context.set_offline(True)
        await page.goto(PATH)
        assert await shown(page) == {"2"}
        assert await lacking(page, new) == []


async def test_what_broke_off_leaves_nothing_that_would_push_out_an_older_release(
    stand: Releases,
) -> None:
    await stand.publish(as_of=now() - timedelta(minutes=MINUTES))
    old = stand.release("1")
    async with stand.phone("leaves-nothing") as context:
        page = await visited(context)
        for number in ("2", "3"):
            new = stand.release(number)
            stand.server.instead = {f"{new}/camera.js": Response(status_code=503)}
            assert await broken_off(page) == "redundant"
        stand.server.instead = {}
        kept = await page.evaluate("caches.keys()")
        assert [one for one in kept if one.startswith("txng-offline-")] == [f"txng-offline-{old}"]


async def test_a_first_visit_whose_keeping_breaks_off_is_told_so_and_keeps_the_page_later(
    stand: Releases,
) -> None:
    await stand.publish(as_of=now() - timedelta(minutes=MINUTES))
    version = stand.release("1")
    stand.server.instead = {f"{version}/camera.js": Response(status_code=503)}
    async with stand.phone("first") as context:
        page = await context.new_page()
        await page.goto(PATH)
        not_kept = page.locator('[data-part="not-kept"]')
        await not_kept.wait_for(timeout=LATEST)
        assert "Hãy mở lại trang khi có mạng" in await not_kept.inner_text()
        # It breaks off again, and is tried again all the same.
        assert await broken_off(page) == "redundant"
        stand.server.instead = {}
        await stand.look(page)
        await page.locator('[data-part="kept"]').wait_for(timeout=LATEST)
        await expect(not_kept).to_be_hidden()
        await context.set_offline(True)
        await page.goto(PATH)
        assert await shown(page) == {"1"}
        assert await lacking(page, version) == []


async def test_a_page_that_is_loading_its_data_is_not_opened_anew_under_them(
    stand: Releases,
) -> None:
    await stand.publish(as_of=now() - timedelta(minutes=MINUTES))
    stand.release("1")
    async with stand.phone("loading") as context:
        page = await visited(context)
        stand.release("2")
        go_on = asyncio.Event()

        async def slow(scope: Scope, receive: Receive, send: Send) -> None:
            await go_on.wait()
            await stand.server.app(scope, receive, send)

        stand.server.instead = {"/api/scan/v1/snapshot": slow}
        try:
            await stand.look(page)
            await page.get_by_text("Trang này đã có bản mới").wait_for(timeout=LATEST)
            assert await shown(page) == {"1"}
        finally:
            go_on.set()
            stand.server.instead = {}
        await page.get_by_text("Đã tải: dữ liệu lúc").wait_for()
