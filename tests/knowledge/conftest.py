"""The city's services, and knowledge that is closed after each test."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from bot.knowledge import Entry, Knowledge
from bot.knowledge.encoder import Encoder
from bot.knowledge.meaning import Meaning
from bot.services import Catalogue, load_catalogue
from tests.knowledge.sample import ENTRIES, FOLDER, Make


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Knowledge by meaning with the given encoder, started; closed at the end."""
    made: list[Knowledge] = []

    def make(encoder: Encoder, entries: Sequence[Entry] = ENTRIES) -> Knowledge:
        knowledge = Knowledge(entries, Meaning(encoder, entries, tmp_path / "v" / "vectors.npz"))
        made.append(knowledge)
        knowledge.start()
        return knowledge

    yield make
    for knowledge in made:
        knowledge.close()


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return load_catalogue(FOLDER)
