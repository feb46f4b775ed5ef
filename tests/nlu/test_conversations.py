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
from tests.unit.transcripts import play, transcripts

pytestmark = pytest.mark.rasa
DATA = Path(__file__).resolve().parents[2] / "nlu_data"
ALL = [one for one in transcripts() if one.reader != "rules"]
NET = load_net(DATA / "safety" / "net.yml")
CATALOGUE = load_catalogue(DATA)
WORDS = Words(frozenset(CATALOGUE.services), frozenset(CATALOGUE.acts))


LEAST = 0.93  # training differs a little from machine to machine, and a transcript is all or nothing


async def test_conversations_go_as_written(nlu_url: str) -> None:
    def read(text: str) -> Understanding:
        body = json.dumps({"text": text}).encode()
        with urllib.request.urlopen(f"{nlu_url}/model/parse", body, timeout=10) as response:  # noqa: S310  # ours
            return joined(text, read_answer(response.read()), NET.cries(text), WORDS)

    wrong = {f"{one.file}: {one.name}": found for one in ALL if (found := await play(one, read))}
    print("\n".join(f"{name}: {found[0]}" for name, found in wrong.items()))
    assert len(wrong) <= (1 - LEAST) * len(ALL), wrong
