"""Logs, metrics and traces of a process: JSON lines, Prometheus, OpenTelemetry."""

import logging
import os
import sys
from collections.abc import Iterable, Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any, Final

import structlog
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.propagate import extract
from opentelemetry.sdk import trace as sdk
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import Link, Span, SpanKind, format_span_id, format_trace_id

_tracer = trace.get_tracer("txng")

# The exporter gives up quickly: with the collector away, its default would block a shutdown 30 s.
EXPORT_TIMEOUT_SECONDS = 1
_ADDRESSES: Final = frozenset({"url.path", "url.query", "url.full", "http.target", "http.url"})


def start(service: str) -> None:
    """Set logs and traces up, once per process. Spans leave it only if an endpoint is set."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(message)s")
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            _with_trace,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)
    trace.set_tracer_provider(provider(service))


def provider(service: str) -> TracerProvider:
    """What makes a service's spans, and sends them where an endpoint is set."""
    ratio = float(os.environ.get("TXNG_TRACE_RATIO", "1"))
    made = TracerProvider(
        resource=Resource.create({"service.name": f"txng-{service}"}),
        sampler=ParentBased(TraceIdRatioBased(ratio)),
    )
    made.add_span_processor(_WithoutAddresses())
    if os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415
            OTLPSpanExporter,  # It is heavy to import, and most processes never need it.
        )

        made.add_span_processor(
            BatchSpanProcessor(OTLPSpanExporter(timeout=EXPORT_TIMEOUT_SECONDS))
        )
    return made


class _WithoutAddresses(SpanProcessor):
    """Takes out of spans where a request went and what it asked for: paths hold the codes of
    stamps, applications and questions, queries what somebody looked for. The route's template,
    which the span gets at its end, says what it was about."""

    def on_start(self, span: sdk.Span, parent_context: Context | None = None) -> None:
        for name in _ADDRESSES & (span.attributes or {}).keys():
            span.set_attribute(name, "")


def stop() -> None:
    """Send what is left; waits no longer than the exporter's own time-out."""
    running = trace.get_tracer_provider()
    if isinstance(running, TracerProvider):
        running.shutdown()


@contextmanager
def span(
    name: str,
    *,
    traceparent: str | None = None,
    links: Iterable[str | None] = (),
    kind: SpanKind = SpanKind.INTERNAL,
    **attributes: str | int | float | bool,
) -> Iterator[Span]:
    """A span around a piece of work, child of `traceparent` or of the current span.

    `links` are the traceparents of what else the work is done for, as in a batch.
    """
    parent = _context(traceparent) if traceparent else None
    linked = [
        Link(trace.get_current_span(_context(one)).get_span_context()) for one in links if one
    ]
    with _tracer.start_as_current_span(
        name,
        context=parent,
        kind=kind,
        attributes=attributes,
        links=linked,
        record_exception=False,
    ) as current:
        yield current


def _context(traceparent: str) -> Context:
    return extract({"traceparent": traceparent}, context=Context())


def current_traceparent() -> str | None:
    """The W3C traceparent of the current span, to be carried by an event."""
    context = trace.get_current_span().get_span_context()
    if not context.is_valid:
        return None
    trace_id, span_id = format_trace_id(context.trace_id), format_span_id(context.span_id)
    return f"00-{trace_id}-{span_id}-{context.trace_flags:02x}"


def current_trace_id() -> str:
    """The current trace id in hex, or "" outside any span."""
    context = trace.get_current_span().get_span_context()
    return format_trace_id(context.trace_id) if context.is_valid else ""


def _with_trace(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if trace_id := current_trace_id():
        event["trace_id"] = trace_id
    return event
