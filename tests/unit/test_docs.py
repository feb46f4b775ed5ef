"""Documents that cannot lie: commands, settings, folders and links of README and docs exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.cli import COMMANDS
from bot.config import Settings

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
ids = [str(page.relative_to(ROOT)) for page in PAGES]


@pytest.mark.parametrize("page", PAGES, ids=ids)
def test_commands_exist(page: Path) -> None:
    for command in re.findall(r"\./lianxin ([a-z-]+)", page.read_text(encoding="utf-8")):
        assert command in COMMANDS, command


@pytest.mark.parametrize("page", PAGES, ids=ids)
def test_settings_exist(page: Path) -> None:
    known = {f"LIANXIN_{name.upper()}" for name in Settings.model_fields}
    for name in re.findall(r"LIANXIN_[A-Z_]*[A-Z]", page.read_text(encoding="utf-8")):
        assert name in known, name


@pytest.mark.parametrize("page", PAGES, ids=ids)
def test_links_and_paths_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for link in re.findall(r"\]\(([^)#\s]+)\)", text):
        if not link.startswith("http"):
            assert (page.parent / link).exists(), link
    for path in re.findall(
        r"`((?:bot|channels|actions|nlu|nlu_data|tests|standins|web|docs)/[\w./-]+)`", text
    ):
        assert (ROOT / path).exists(), path


def test_the_house_on_one_screen_is_the_real_one() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    house = text.split("## The house")[1].split("```")[1]
    folders = re.findall(r"^([a-z_]+)/", house, re.MULTILINE)
    assert {"bot", "channels", "actions", "nlu_data", "nlu", "web"} <= set(folders)
    for name in [*folders, *re.findall(r"\b(\w+\.py)\b", house)]:
        assert (ROOT / name).exists() or (ROOT / "bot" / name).exists(), name


def test_readme_names_both_commands_and_ci_calls_the_test() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "./lianxin up" in readme and "./lianxin test" in readme
    assert "./lianxin test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_every_account_setting_is_documented() -> None:
    accounts = (ROOT / "docs" / "accounts.md").read_text(encoding="utf-8")
    for name in Settings.model_fields:
        if name.split("_")[0] in ("wechat", "twilio", "aliyun", "tencent"):
            assert f"LIANXIN_{name.upper()}" in accounts, name


def test_no_lock_file_names_a_host_or_a_local_path() -> None:
    locks = [
        *ROOT.glob("*.lock"),
        *(ROOT / "nlu").rglob("*.lock"),
        *(p for p in (ROOT / "web").glob("package-lock.json")),
    ]
    assert len(locks) >= 3
    for lock in locks:
        text = lock.read_text(encoding="utf-8")
        found = re.findall(r"(?:https?|file)://\S+", text)
        found = [f for f in found if "resolved" in f or "simple" in f or "file:" in f]
        assert not found and '"resolved": "http' not in text, lock
