"""Figures for Prometheus. Labels are bands and languages, never people or texts."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

CONTENT_TYPE = CONTENT_TYPE_LATEST
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)


class Metrics:
    """One registry per server, so that tests do not share counts."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.messages = Counter(
            "digivinkki_messages", "Messages answered", ["channel", "language", "kind"], registry=self._registry
        )
        self.questions = Counter("digivinkki_questions", "Questions by band", ["band"], registry=self._registry)
        self.seconds = Histogram(
            "digivinkki_answer_seconds", "From message to reply", registry=self._registry, buckets=_SECONDS
        )
        self.failures = Counter("digivinkki_failures", "Requests that failed inside", registry=self._registry)
        self.tips = Gauge("digivinkki_tips", "Tips in force", registry=self._registry)

    def text(self) -> bytes:
        """The figures in Prometheus' text format."""
        return generate_latest(self._registry)
