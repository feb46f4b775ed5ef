"""Transcripts of tests/conversations and who plays them: the studio uses the same (bot/studio/rehearsal)."""

from typing import Any

from bot.config import ROOT
from bot.studio.rehearsal.player import Player, Transcript, catalogue, play, remember, transcripts

__all__ = ["ROOT", "Player", "Transcript", "catalogue", "play", "remember", "transcripts", "unknown_words"]

_DOING = "citizen button photos location event voice model later department"
_EXPECTED = (
    "service kind asks says never steps details text pending photos_kept urgency anonymous language"
    " reason choices"
)


def unknown_words(line: dict[str, Any]) -> set[str]:
    """Slips in a transcript itself."""
    return set(line) - set(_DOING.split()) - set(_EXPECTED.split())
