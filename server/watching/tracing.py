"""Traces for OpenTelemetry: a span per request, and one per read of the store within it.

The library is an extra and imported only if an endpoint is set.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from multiprocessing.util import Finalize
from typing import TYPE_CHECKING, Any, TypeVar

from shared import __version__
from shared.errors import SettingsError

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span

Result = TypeVar("Result")

EXPORT_TIMEOUT_SECONDS = 4
"""Shorter than a worker that is told to stop gets."""
DATABASES = {"SQLiteStore": "sqlite", "DynamoDBStore": "aws.dynamodb"}
"""The names that OpenTelemetry's conventions have for them."""


class Tracing:
    """Spans that go to `provider`; W3C traceparent headers are continued."""

    def __init__(self, provider: "TracerProvider") -> None:
        from opentelemetry import trace
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        self._tracer = provider.get_tracer("kindred", __version__)
        self._kinds = trace.SpanKind
        self._propagator = TraceContextTextMapPropagator()

    @contextmanager
    def request(self, environ: Mapping[str, Any]) -> Iterator["RequestSpan"]:
        sent = {
            name: environ[header]
            for name, header in (
                ("traceparent", "HTTP_TRACEPARENT"),
                ("tracestate", "HTTP_TRACESTATE"),
            )
            if header in environ
        }
        method = environ["REQUEST_METHOD"]
        with self._tracer.start_as_current_span(
            method,
            context=self._propagator.extract(sent),
            kind=self._kinds.SERVER,
            attributes={"http.request.method": method},
        ) as span:
            yield RequestSpan(span, method)

    def store_read(
        self, database: str, model_handle: str, users: int, read: Callable[[], Result]
    ) -> Result:
        """What `read` gives, in a span within that of the request."""
        with self._tracer.start_as_current_span(
            "read lists",
            kind=self._kinds.CLIENT,
            attributes={
                "db.system.name": DATABASES.get(database, database),
                "kindred.model_handle": model_handle,
                "kindred.users": users,
            },
        ):
            return read()


class RequestSpan:
    def __init__(self, span: "Span", method: str) -> None:
        self._span = span
        self._method = method

    @property
    def trace_id(self) -> str:
        return f"{self._span.get_span_context().trace_id:032x}"

    def answered(self, route: str, status: str, tenant: str, request_id: str) -> None:
        from opentelemetry.trace import StatusCode

        self._span.update_name(f"{self._method} {route}")
        self._span.set_attributes(
            {
                "http.route": route,
                "http.response.status_code": int(status),
                "kindred.tenant": tenant,
                "kindred.request_id": request_id,
            }
        )
        if status >= "500":
            self._span.set_status(StatusCode.ERROR)


def require_library(endpoint: str) -> None:
    """Raises SettingsError if traces are asked for and OpenTelemetry is not installed."""
    with suppress(ModuleNotFoundError):
        if not endpoint or find_spec("opentelemetry.exporter.otlp.proto.http"):
            return
    raise SettingsError(
        "OTLP_ENDPOINT is set, but OpenTelemetry is not installed: pip install -r "
        "requirements-tracing.txt, or leave OTLP_ENDPOINT empty."
    )


def open_tracing(endpoint: str) -> Tracing | None:
    """Traces sent to an OTLP/HTTP endpoint, or None if there is none.

    To be called in each worker, since the thread that sends does not outlive a fork. Raises
    SettingsError if the library is not installed.
    """
    if not endpoint:
        return None
    require_library(endpoint)
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    service = {"service.name": "kindred", "service.version": __version__}
    instance = {"service.instance.id": str(os.getpid())}
    provider = TracerProvider(resource=Resource.create(service | instance), shutdown_on_exit=False)
    exporter = OTLPSpanExporter(
        endpoint=f"{endpoint.rstrip('/')}/v1/traces", timeout=EXPORT_TIMEOUT_SECONDS
    )
    provider.add_span_processor(BatchSpanProcessor(exporter))
    # Workers end without running what atexit knows; what multiprocessing knows runs in both cases.
    Finalize(None, provider.shutdown, exitpriority=1)
    return Tracing(provider)
