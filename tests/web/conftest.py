"""The demonstration application, called in process and through a real server."""

import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx2
import pytest
import structlog
import uvicorn
from fastapi import FastAPI

from shared.web.unreadable import Protocol
from tests.answers import token_in
from tests.web.demo import demo_app

ORIGIN = "http://localhost:8080"


@pytest.fixture(scope="package", autouse=True)
def _plain_logs() -> Iterator[None]:
    """One line a log entry, as in production, so that traces can be looked for."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ]
    )
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="module")
def app(secrets_dir: Path) -> FastAPI:
    return demo_app(secrets_dir)


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx2.AsyncClient]:
    """Nobody yet; speaks Vietnamese."""
    async with browser(app) as opened:
        yield opened


@pytest.fixture
async def officer(app: FastAPI) -> AsyncIterator[httpx2.AsyncClient]:
    """A signed-in person's browser."""
    async with browser(app, cookies={"txng_access": "officer"}) as opened:
        yield opened


def browser(app: FastAPI, **options: object) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=app, raise_app_exceptions=False),
        base_url=ORIGIN,
        **options,  # type: ignore[arg-type]
    )


async def token_on(client: httpx2.AsyncClient, path: str) -> str:
    """The CSRF token in the forms of a page."""
    return token_in((await client.get(path)).text)


@pytest.fixture(scope="module")
def server(app: FastAPI) -> Iterator[str]:
    """The address of the application behind a real uvicorn."""
    serving = uvicorn.Server(uvicorn.Config(app, port=0, http=Protocol, log_level="warning"))
    thread = threading.Thread(target=serving.run, daemon=True)
    thread.start()
    while not serving.started and thread.is_alive():
        thread.join(0.01)
    port = serving.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    serving.should_exit = True
    thread.join(10)
