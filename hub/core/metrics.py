"""Counters for Prometheus; labels are route templates, job names and kinds, never ids of people or organizations."""

from collections import Counter as Tally
from collections.abc import Iterator

from prometheus_client import REGISTRY, Counter, Gauge, Histogram
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

HTTP_REQUESTS = Counter("hub_http_requests_total", "HTTP requests", ["method", "route", "status"])
HTTP_SECONDS = Histogram("hub_http_request_seconds", "Time to answer a request", ["method", "route"])
WEBHOOKS = Counter("hub_webhooks_total", "Inbound webhooks", ["source", "outcome"])
ATTEMPTS = Counter("hub_grouped_attempts_total", "Groups written in one statement, or again under locks", ["outcome"])
JOBS = Counter("hub_jobs_total", "Outbox rows run", ["job", "outcome"])
JOB_SECONDS = Histogram("hub_job_seconds", "Time to run an outbox row", ["job"])
OUTBOX_AGE = Gauge("hub_outbox_oldest_due_seconds", "Age of the oldest row that is due")
SOCKETS = Gauge("hub_live_connections", "Open live connections", ["kind"])
FRAMES: Tally[str] = Tally()  # by kind: counted by the ten thousand a second, so without a lock
SOCKET_CLOSES = Counter("hub_live_closes_total", "Live connections closed by us", ["code"])
TASK_RESTARTS = Counter("hub_task_restarts_total", "Background tasks started again", ["task"])
PROVIDER_CALLS = Counter("hub_provider_calls_total", "Calls to outside systems", ["provider", "outcome"])
PROVIDER_SECONDS = Histogram("hub_provider_call_seconds", "Time of calls to outside systems", ["provider"])


class _Frames(Collector):
    def collect(self) -> Iterator[CounterMetricFamily]:
        family = CounterMetricFamily("hub_live_frames_total", "Frames sent to live connections", labels=["kind"])
        for kind, count in FRAMES.items():
            family.add_metric([str(kind)], count)
        yield family


REGISTRY.register(_Frames())
