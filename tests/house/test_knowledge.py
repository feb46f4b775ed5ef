"""A question through the whole app with the real encoder: read for its meaning ahead of the transaction."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from prometheus_client import REGISTRY

from tests.conftest import Running, start, until
from tests.house.conftest import Citizen
from tests.house.nlu import KeywordNlu

if TYPE_CHECKING:
    from bot.config import Settings

ROOT = Path(__file__).resolve().parents[2]
ARTICLES = """\
articles:
- {id: warm, questions: [暖气不热能退费吗, 温度不够怎么退钱], answer: 不到18度的按天退费。, service: heating}
- {id: lamp, questions: [路灯几点亮], answer: 天黑前半小时。, service: street_lights}
"""


@pytest.fixture
async def house(settings: Settings, nlu: KeywordNlu, tmp_path: Path) -> AsyncIterator[Running]:
    """Our own data with two articles, so that their vectors are there at once."""
    data = tmp_path / "nlu_data"
    shutil.copytree(ROOT / "nlu_data", data, ignore=shutil.ignore_patterns("knowledge", "tests"))
    (data / "knowledge").mkdir()
    (data / "knowledge" / "few.yml").write_text(ARTICLES, encoding="utf-8")
    running, runner = await start(settings.model_copy(update={"nlu_data": data, "knowledge_meaning": True}))
    yield running
    await runner.cleanup()


def read_for_meaning() -> float:
    names = ("ready", "late", "busy")
    return sum(REGISTRY.get_sample_value("lianxin_meanings_total", {"outcome": n}) or 0 for n in names)


async def until_ready(house: Running) -> None:
    async def ready() -> bool:
        return house.world.knowledge.by_meaning

    await until(ready)


async def test_a_question_is_read_for_its_meaning_and_answered(house: Running, citizen: Citizen) -> None:
    await until_ready(house)
    before = read_for_meaning()
    await citizen.write("我要咨询，暖气不热能退费吗")
    assert "18度" in await citizen.told("按天退费")
    assert read_for_meaning() == before + 1
    assert (house.world.settings.data_dir / "knowledge" / "vectors.npz").is_file()


async def test_a_complaint_is_not(house: Running, citizen: Citizen) -> None:
    await until_ready(house)
    before = read_for_meaning()
    await citizen.write("幸福里小区暖气坏了三天")
    await citizen.settled()
    assert read_for_meaning() == before
