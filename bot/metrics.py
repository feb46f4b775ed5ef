"""What Prometheus reads at /metrics. Counters live in the process; queue lengths are asked at scrape time."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

_FAST = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4.5, 10)

MESSAGES = Counter("lianxin_messages_total", "Messages accepted", ["channel", "outcome"])
TURN_SECONDS = Histogram(
    "lianxin_turn_seconds", "From accept to commit of the turn", ["channel"], buckets=_FAST
)
TURN_FAILURES = Counter("lianxin_turn_failures_total", "Turns that raised", ["error"])
DELIVERIES = Counter("lianxin_deliveries_total", "Deliveries by outcome", ["channel", "outcome"])
NLU_SECONDS = Histogram("lianxin_nlu_seconds", "Time of one parse", buckets=_FAST)
NLU_FAILURES = Counter("lianxin_nlu_failures_total", "Parses without an answer", ["error"])
NLU_CONFIDENCE = Histogram(
    "lianxin_nlu_confidence", "Confidence of the best service", buckets=[n / 10 for n in range(1, 11)]
)
MEANINGS = Counter("lianxin_meanings_total", "Questions read for their meaning, by outcome", ["outcome"])
QUEUE = Gauge("lianxin_queue_waiting", "Conversations waiting for a person")
INBOX_OPEN = Gauge("lianxin_inbox_open", "Messages accepted and not handled yet")
OUTBOX_QUEUED = Gauge("lianxin_outbox_queued", "Messages not delivered yet")
OUTBOX_AGE = Gauge("lianxin_outbox_age_seconds", "Age of the oldest message due for delivery")
GIVEN_UP = Gauge("lianxin_outbox_given_up", "Messages that were given up")
