"""Transcripts of tests/conversations and who plays them: the studio uses the same (bot/studio/rehearsal)."""

from bot.config import ROOT
from bot.studio.rehearsal.player import (
    Player,
    Transcript,
    catalogue,
    play,
    remember,
    transcripts,
    unknown_words,
)

__all__ = ["ROOT", "Player", "Transcript", "catalogue", "play", "remember", "transcripts", "unknown_words"]
