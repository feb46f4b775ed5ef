"""The transcripts of tests/conversations, read by the real model: what citizens would really get."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path

import pytest

from bot.dialogue.types import Understanding
from bot.safety import load_net
from bot.services import load_catalogue
from bot.understanding import Words, joined, read_answer
from tests.unit.transcripts import Transcript, play, transcripts

pytestmark = pytest.mark.rasa
DATA = Path(__file__).resolve().parents[2] / "nlu_data"
ALL = [one for one in transcripts() if one.reader != "rules"]
NET = load_net(DATA / "safety" / "net.yml")
CATALOGUE = load_catalogue(DATA)
WORDS = Words(frozenset(CATALOGUE.services), frozenset(CATALOGUE.acts))


@pytest.mark.parametrize("transcript", ALL, ids=lambda one: f"{one.file}:{one.name}")
async def test_the_conversation_goes_as_written(transcript: Transcript, nlu_url: str) -> None:
    def read(text: str) -> Understanding:
        body = json.dumps({"text": text}).encode()
        with urllib.request.urlopen(f"{nlu_url}/model/parse", body, timeout=10) as response:  # noqa: S310  # ours
            return joined(text, read_answer(response.read()), NET.match(text), WORDS)

    assert await play(transcript, read) == []
