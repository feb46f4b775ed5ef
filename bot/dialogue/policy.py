"""The numbers by which the dialogue decides. A city sets them; nothing else in here is a setting."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Policy:
    threshold: float = 0.45  # a service below this is not taken for granted
    gap: float = 0.08  # … nor one whose runner-up is this close
    plausible: float = 0.08  # worth offering as a choice
    beside: float = 0.03  # … and beside a likelier one
    act: float = 0.6  # a dialogue act below this is not believed
    kind: float = 0.5
    conduct: float = 0.6
    strong: float = 0.85  # abuse so sure that one message is enough, if the words are angry too
    switch: float = 0.6  # a further request, while another is collected, must be at least this sure
    offers: int = 3  # services offered when it is unclear
    questions: int = 3  # asked per request, the summary not counted
    optional: int = 1  # of these, questions that may be left unanswered
    misunderstood: int = 2  # in a row, then a person
    silence_seconds: int = 600
    recent_seconds: int = 3600  # so long after filing, loose words and photos belong to that ticket
