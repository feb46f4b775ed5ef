"""`./lianxin check`: format, lint, types, the front end's own checks, and the architecture test."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from bot.config import ROOT
from bot.errors import SetupError
from bot.machine import environment
from bot.machine.steps import Steps, command

CHECKS: tuple[tuple[str, list[str]], ...] = (
    ("format", ["ruff", "format", "--check", "."]),
    ("lint", ["ruff", "check", "."]),
    ("types", ["mypy"]),
    ("architecture", ["pytest", "-q", "tests/unit/test_architecture.py"]),
)


async def check() -> int:
    """0 when all is well; every failure is shown, not only the first."""
    failures: list[str] = []
    async with Steps() as steps:

        async def one(name: str, words: list[str | Path]) -> None:
            async def work(detail: object) -> bool:
                await command(words, lambda _: None, cwd=ROOT, what=name, keep=200)
                return True

            try:
                await steps.run(name, work)
            except SetupError as error:
                failures.append(str(error))

        async def front_end() -> None:
            async def work(detail: object) -> bool:
                await environment.pages(lambda _: None)
                await environment.npm(["run", "check"], lambda _: None, what="front end")
                return True

            try:
                await steps.run("front end", work)
            except SetupError as error:
                failures.append(str(error))

        ours = [one(name, [sys.executable, "-m", *words]) for name, words in CHECKS]
        await asyncio.gather(front_end(), *ours)
    for failure in failures:
        print(failure, file=sys.stderr)
    return 1 if failures else 0
