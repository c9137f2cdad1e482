"""Counters for Prometheus. No label ever holds a resident's words or a session's id."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """The gateway's counters, one registry an app."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "guide_requests_total", "HTTP requests", ("route", "method", "status"), registry=self.registry
        )
        self.duration = Histogram(
            "guide_request_seconds", "Time to answer a request", ("route",), buckets=_SECONDS, registry=self.registry
        )
        self.answers = Counter(
            "guide_answers_total", "Answers given", ("status", "language", "channel"), registry=self.registry
        )
        self.degraded = Counter(
            "guide_degraded_total", "Answers given without Rasa, by reason", ("reason",), registry=self.registry
        )
        self.emergencies = Counter(
            "guide_emergencies_total", "Emergency cards given", ("kind", "language"), registry=self.registry
        )
        self.translations = Counter(
            "guide_translations_total", "Messages and answers of other languages, by outcome", ("outcome",),
            registry=self.registry,
        )  # fmt: skip
        self.masked = Counter(
            "guide_personal_data_masked_total", "Messages with hidden personal data", ("kind",), registry=self.registry
        )
        self.part_up = Gauge(
            "guide_part_up", "1 while a part of the guide works, else 0", ("part",), registry=self.registry
        )
        self.unsaved = Gauge(
            "guide_unsaved_messages", "Messages waiting for the conversation store", registry=self.registry
        )

    def exposition(self) -> bytes:
        """All counters in Prometheus' text format."""
        return generate_latest(self.registry)
