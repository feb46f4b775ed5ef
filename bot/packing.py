"""Cutting what leaves to a channel's limits: joined, split at sentence ends, or one template for a turn.

Pure: values in, values out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from channels.base import Limits, Outbound

ORDER = (
    "alarm",
    "receipt",
    "status",
    "continue",
    "person",
)  # of templates: what a citizen must not miss first


def pack(messages: Sequence[Outbound], limits: Limits) -> list[Outbound]:
    """What really goes over the wire for these messages, in order. Choices stay with the last piece."""
    if not limits.free_text:
        return [told] if (told := _template_only(messages)) else []
    joined: list[Outbound] = []
    for message in messages:
        last = joined[-1] if joined else None
        if (
            last
            and limits.coalesce
            and not (last.choices or last.attachment or message.attachment)
            and last.author == message.author
        ):
            both = f"{last.text}\n\n{message.text}"
            if not limits.max_bytes or len(both.encode()) <= limits.max_bytes:
                joined[-1] = replace(
                    last, text=both, choices=message.choices, template=message.template or last.template
                )
                continue
        joined.append(message)
    out: list[Outbound] = []
    for message in joined:
        parts = split(message.text, limits.max_bytes)
        out += [replace(message, text=part, choices=(), attachment=None) for part in parts[:-1]]
        out.append(replace(message, text=parts[-1]))
    return out


def _template_only(messages: Sequence[Outbound]) -> Outbound | None:
    """One approved sentence for the whole turn: the most telling of those that are there."""

    def rank(message: Outbound) -> int:
        return ORDER.index(message.template.name) if message.template else len(ORDER)

    return min(messages, key=rank, default=None)


def split(words: str, max_bytes: int) -> list[str]:
    """Cut on code points, at a line or sentence end where one is near, each part at most `max_bytes`."""
    if not max_bytes or len(words.encode()) <= max_bytes:
        return [words]
    parts: list[str] = []
    while len(words.encode()) > max_bytes:
        head = words.encode()[:max_bytes].decode(errors="ignore")
        ends = [head.rfind(mark) + 1 for mark in ("\n", "。", "！", "？", "；", ". ")]
        cut = max(ends)
        if cut < len(head) // 2:
            cut = len(head)
        parts.append(words[:cut].rstrip("\n"))
        words = words[cut:].lstrip("\n")
    return [*parts, words] if words else parts
