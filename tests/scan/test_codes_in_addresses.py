"""Addresses that hold a stamp's whole code: no span, log line or figure tells it."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client import REGISTRY, generate_latest
from structlog.testing import capture_logs

from services.scan.desk.main import build
from shared import telemetry
from shared.settings import Settings
from tests import in_process
from tests.scan.desk import Desk
from tests.scan.reports import code_of
from tests.scan.test_desk import desk_settings
from tests.scan.test_pins import printed, tried


@pytest_asyncio.fixture(scope="module")
async def desk(settings: Settings) -> AsyncIterator[Desk]:
    made = desk_settings(settings)
    async with in_process.running(build(made), Desk, made) as found:
        yield found


@pytest.fixture
def spans(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    """Those of the desk, made as its process makes them."""
    kept = InMemorySpanExporter()
    provider = telemetry.provider("desk")
    provider.add_span_processor(SimpleSpanProcessor(kept))
    monkeypatch.setitem(desk.app._telemetry, "tracer_provider", provider)
    return kept


@pytest.mark.parametrize(
    ("address", "status", "route"),
    [
        ("/pin/{code}", 200, "/pin/{code}"),
        ("/bao-van-de/{code}", 200, "/bao-van-de/{code}"),
        ("/bao-van-de/{code}?v=genuine&code={code}", 200, "/bao-van-de/{code}"),
        ("/pin/{code}0", 404, "/pin/{code}"),
        ("//pin/{code}", 404, ""),
        ("/PIN/{code}", 404, ""),
        ("/pin/{code}/more", 404, ""),
    ],
)
async def test_no_span_log_or_figure_tells_the_code_of_an_address(
    desk: Desk, spans: InMemorySpanExporter, address: str, status: int, route: str
) -> None:
    goods = await desk.goods()
    await printed(desk, goods, 0, 9)
    code = code_of(desk, goods, 1)
    with capture_logs() as logged:
        answer = await desk.browser().get(address.replace("{code}", code))
        # What is sent has it in its body, whatever comes of it.
        await tried(desk, code, "1")
    assert answer.status_code == status
    (line,) = [one for one in logged if one["event"] == "request" and one["status"] == status][:1]
    assert line["route"] == (route or "unmatched")
    found = [one for one in spans.get_finished_spans() if (one.attributes or {}).get("url.scheme")]
    assert route in [str((one.attributes or {}).get("http.route", "")) for one in found]
    for told in ([one.to_json() for one in found], logged, [generate_latest(REGISTRY).decode()]):
        assert told
        assert code.lower() not in repr(told).lower()
