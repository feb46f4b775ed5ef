"""Every transcript of tests/conversations, with the reader by rules: all the dialogue, no server or model."""

from __future__ import annotations

import pytest

from tests.unit import fake_reader
from tests.unit.transcripts import Transcript, play, transcripts, unknown_words

ALL = list(transcripts())


@pytest.mark.parametrize("transcript", ALL, ids=lambda one: f"{one.file}:{one.name}")
async def test_the_conversation_goes_as_written(transcript: Transcript) -> None:
    assert await play(transcript, fake_reader.read) == []


def test_transcripts_use_known_words_only() -> None:
    for transcript in ALL:
        for line in transcript.lines:
            assert not unknown_words(line), (transcript.name, line)


def test_names_are_told_apart() -> None:
    names = [(one.file, one.name) for one in ALL]
    assert len(names) == len(set(names))
