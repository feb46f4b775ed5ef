"""The arrows of the house: who may import whom. Read from the source, so nothing needs to start."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PURE = ("bot.dialogue", "bot.services", "bot.city", "bot.errors", "bot.words")
OURS = {"bot", "channels", "actions", "nlu", "standins", "tests", "bench"}


def imports(path: Path) -> Iterator[str]:
    """Full names of what a file imports, those under TYPE_CHECKING included."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: relative import"
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def files(*folders: str) -> list[Path]:
    found = [
        path
        for folder in folders
        for path in (sorted((ROOT / folder).rglob("*.py")) if (ROOT / folder).is_dir() else [ROOT / folder])
    ]
    assert found, folders
    return found


def strangers(path: Path, allowed: tuple[str, ...]) -> list[str]:
    """What of ours a file imports although it must not."""
    return [
        name
        for name in imports(path)
        if name.split(".")[0] in OURS and not any(name == a or name.startswith(f"{a}.") for a in allowed)
    ]


@pytest.mark.parametrize("path", files("channels"), ids=str)
def test_a_channel_knows_only_its_base_and_itself(path: Path) -> None:
    inside = path.relative_to(ROOT / "channels").parts
    own = f"channels.{inside[0]}" if len(inside) > 1 else "channels"
    shared = ("channels.base", "channels.wild", "channels.outgoing", "channels.choices")
    assert strangers(path, (*shared, own)) == []


@pytest.mark.parametrize("path", files("actions"), ids=str)
def test_an_action_knows_only_its_base_and_the_words_of_channels(path: Path) -> None:
    assert strangers(path, ("actions.base", "actions.tickets", "channels.base")) == []


@pytest.mark.parametrize("path", files("bot/dialogue", "bot/tickets/states.py"), ids=str)
def test_deciding_is_pure(path: Path) -> None:
    banned = {"sqlalchemy", "aiohttp", "psycopg", "asyncio", "time", "random", "requests", "pathlib"}
    assert {name.split(".")[0] for name in imports(path)} & banned == set()
    assert strangers(path, (*PURE, "actions.base", "channels.base")) == []


@pytest.mark.parametrize("path", files("nlu"), ids=str)
def test_understanding_knows_nothing_of_the_app(path: Path) -> None:
    assert strangers(path, ("nlu",)) == []


@pytest.mark.parametrize("path", files("bot"), ids=str)
def test_the_app_knows_nothing_of_understanding_but_http(path: Path) -> None:
    assert [name for name in imports(path) if name.split(".")[0] in ("nlu", "tests", "bench")] == []


@pytest.mark.parametrize("path", files("standins"), ids=str)
def test_a_stand_in_is_a_provider_not_a_part_of_the_house(path: Path) -> None:
    assert [name for name in imports(path) if name.split(".")[0] in ("bot", "actions", "nlu", "tests")] == []


def test_only_the_wiring_names_every_channel_and_action() -> None:
    """Explicit registries: nobody else in the house imports a channel's or an action's own module."""
    for path in files("bot"):
        if path.name in ("registry.py", "app.py"):
            continue
        own = [n for n in imports(path) if n.startswith(("channels.", "actions."))]
        shared = ("channels.base", "channels.wild", "actions.base")
        assert [n for n in own if not n.startswith(shared)] == [], path


def test_broad_excepts_stand_only_in_outermost_loops() -> None:
    allowed = {
        "bot/console/live.py",
        "bot/outbox.py",
        "bot/studio/keeper.py",
        "bot/studio/trainer.py",
        "bot/sweeper.py",
        "bot/turn.py",
        "channels/web/socket.py",
        "nlu/serving/work.py",
        "nlu/training/train.py",
    }
    for path in files("bot", "channels", "actions", "nlu", "standins"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ExceptHandler):
                kind = getattr(node.type, "id", "")
                broad = node.type is None or kind in ("Exception", "BaseException")
                assert not broad or str(path.relative_to(ROOT)) in allowed, f"{path}:{node.lineno}"


def test_every_module_says_why_it_exists() -> None:
    for path in files("bot", "channels", "actions", "nlu", "standins"):
        if "migrations/versions" not in str(path):
            assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), path
