"""Carrying what was found in the normalised text back to the citizen's own characters."""

from __future__ import annotations

from typing import Any

from nlu.reading.normalise import Normalised
from nlu.reading.reader import Areas


def areas(entities: list[dict[str, Any]]) -> Areas:
    """Whether a message is about a town or a village."""
    return Areas(
        town=any(e["entity"] == "town" and e["value"].endswith(("镇", "乡")) for e in entities),
        village=any(e["entity"] == "community" and e["value"].endswith("村") for e in entities),
    )


_LOOSE = " \t\r\n,，、;；"  # what stays hanging where a message is cut


def requests(found: list[dict[str, Any]], normalised: Normalised) -> list[dict[str, Any]]:
    """The separate requests with spans and words of the original."""
    out = []
    for one in found:
        start, end = normalised.to_original(one["start"], one["end"])
        out.append({**one, "start": start, "end": end, "text": normalised.original[start:end].strip(_LOOSE)})
    return out
