"""The whole house with the keyword model, its citizens, and those who teach."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.conftest import Running
from tests.console.conftest import admin, browser, operator  # noqa: F401  # fixtures
from tests.console.seat import Seat
from tests.house.conftest import citizen, house, nlu  # noqa: F401  # fixtures


@pytest.fixture
async def teacher(house: Running) -> AsyncIterator[Seat]:  # noqa: F811
    """The admin."""
    async with browser(house) as client:
        yield await Seat(client).enter("admin")


@pytest.fixture
async def seat(house: Running) -> AsyncIterator[Seat]:  # noqa: F811
    async with browser(house) as client:
        yield await Seat(client).enter("seat1")


def unsure(text: str, *guesses: tuple[str, float], **more: Any) -> str:
    """An answer of the model, for KeywordNlu.broken."""
    ranking = [{"name": name, "confidence": share} for name, share in guesses]
    answer = {"text": text, "intent": ranking[0], "intent_ranking": ranking, "model_id": "m7"}
    return json.dumps(answer | more)
