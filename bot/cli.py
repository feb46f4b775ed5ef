"""The commands: ./lianxin up · test · check · train · import-tickets · export · evaluate · bench · user …"""

from __future__ import annotations

import argparse
import asyncio
import getpass
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from bot.config import ROOT, Settings, load
from bot.errors import LianxinError
from bot.roles import ROLES


def main() -> None:
    arguments, rest = _parser().parse_known_args()
    if rest and arguments.command not in PASSED_ON:
        _parser().error(f"unknown: {' '.join(rest)}")
    try:
        sys.exit(COMMANDS[arguments.command](arguments, rest) or 0)
    except LianxinError as error:
        print(f"lianxin: {error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("lianxin", description="连心: the text intake of a city's 12345 line")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, text in (("up", "set up and run everything"), ("serve", "run the app alone")):
        one = commands.add_parser(name, help=text)
        one.add_argument("--host")
        one.add_argument("--port", type=int)
        one.add_argument("--data-dir", type=Path)
    commands.add_parser("test", help="set up and run the tests; further words go to pytest", add_help=False)
    commands.add_parser("check", help="format, lint, types, architecture")
    train = commands.add_parser("train", help="train a model from nlu_data")
    train.add_argument("--data-dir", type=Path)
    jobs = commands.add_parser("trainings", help="what the studio trained; --start trains and follows")
    jobs.add_argument("--start", action="store_true", help="train the present data")
    jobs.add_argument("--follow", action="store_true", help="follow the one that runs")
    jobs.add_argument("--note", default="")
    jobs.add_argument("--data-dir", type=Path)
    past = "past tickets as training phrases: shows first, --yes writes, --undo NAME takes back"
    commands.add_parser("import-tickets", help=past, add_help=False)
    export = commands.add_parser("export", help="write the studio's training data back to files")
    export.add_argument("folder", type=Path, nargs="?", help="default: where nlu_data lies")
    export.add_argument("--data-dir", type=Path)
    commands.add_parser("evaluate", help="measure the model and write a report", add_help=False)
    commands.add_parser("bench", help="measure speed and memory; further words name what", add_help=False)
    commands.add_parser("config", help="print the settings, secrets hidden")
    commands.add_parser("migrate", help="bring the database of LIANXIN_DATABASE_URL up to date")
    user = commands.add_parser("user", help="add somebody who may log in")
    user.add_argument("login")
    user.add_argument("--name", required=True)
    user.add_argument("--role", choices=ROLES, default="operator")
    return parser


def _settings(arguments: argparse.Namespace) -> Settings:
    """Settings with the command line's say on top."""
    names = ("host", "port", "data_dir")
    given: dict[str, Any] = {n: getattr(arguments, n, None) for n in names}
    if given["data_dir"]:
        given["data_dir"] = given["data_dir"].resolve()
    return load(**{n: v for n, v in given.items() if v is not None})


def _up(arguments: argparse.Namespace, _: list[str]) -> int:
    from bot.machine.up import up

    asyncio.run(up(_settings(arguments)))
    return 0


def _serve(arguments: argparse.Namespace, _: list[str]) -> int:
    from bot.app import serve

    serve(_settings(arguments))
    return 0


def _test(_: argparse.Namespace, rest: list[str]) -> int:
    """Unit tests alone need no server, so they set up nothing."""
    from bot.machine.up import set_up_tests

    paths = [word for word in rest if (ROOT / word.split("::")[0]).exists()]
    unit = bool(paths) and all(
        (ROOT / p.split("::")[0]).is_relative_to(ROOT / "tests" / "unit") for p in paths
    )
    env = os.environ.copy()
    if not unit:
        env |= asyncio.run(set_up_tests(load()))
    return subprocess.run([sys.executable, "-m", "pytest", *rest], cwd=ROOT, env=env, check=False).returncode  # noqa: S603  # our own words


def _check(_: argparse.Namespace, __: list[str]) -> int:
    from bot.machine.check import check

    return asyncio.run(check())


def _train(arguments: argparse.Namespace, _: list[str]) -> int:
    from bot.machine.up import train_only

    asyncio.run(train_only(_settings(arguments)))
    return 0


def _trainings(arguments: argparse.Namespace, _: list[str]) -> int:
    from bot.studio.terminal import show

    settings = _settings(arguments)
    return asyncio.run(show(settings, arguments.start, arguments.note[:100], arguments.follow))


def _import_tickets(arguments: argparse.Namespace, rest: list[str]) -> int:
    from bot.machine.model import imports, models

    settings = _settings(arguments)
    places = {"--data": settings.nlu_data, "--into": imports(settings), "--models": models(settings)}
    words = [str(word) for pair in places.items() for word in pair]
    command = [sys.executable, "-m", "nlu.imports", *words, *rest]
    env = os.environ | {"PYTHONPATH": str(ROOT)}  # no cwd: the admin names the file from where they stand
    return subprocess.run(command, env=env, check=False).returncode  # noqa: S603  # our own words


def _export(arguments: argparse.Namespace, _: list[str]) -> int:
    from bot.app import export

    settings = _settings(arguments)
    done = asyncio.run(export(settings, (arguments.folder or settings.nlu_data).resolve()))
    for path in done.changed:
        print(f"wrote    {path}")
    for path in done.removed:
        print(f"removed  {path}")
    print(f"revision {done.revision}: {done.files} files, {len(done.changed)} written")
    return 0


def _evaluate(_: argparse.Namespace, rest: list[str]) -> int:
    """The model in service and the safety net together; trains first if there is no model. With `--curve`,
    what a city's past tickets add."""
    from bot.machine.environment import RASA_PYTHON
    from bot.machine.model import models, served
    from bot.machine.up import train_only

    settings = load()
    if "--curve" in rest:
        rest.remove("--curve")
        return _module("nlu.curve", rest, str(RASA_PYTHON))
    if "--model" not in rest and not served(models(settings)):
        asyncio.run(train_only(settings))
    for option, default in (("--model", models(settings)), ("--out", settings.data_dir / "evaluation")):
        if option not in rest:
            rest += [option, str(default)]
    return _module("bench.understanding", rest)


def _bench(_: argparse.Namespace, rest: list[str]) -> int:
    return _module("bench", rest)


def _module(name: str, rest: list[str], python: str = sys.executable) -> int:
    return subprocess.run([python, "-m", name, *rest], cwd=ROOT, check=False).returncode  # noqa: S603  # our own words


def _config(arguments: argparse.Namespace, _: list[str]) -> int:
    from bot.machine.up import print_config

    print_config(_settings(arguments))
    return 0


def _migrate(arguments: argparse.Namespace, _: list[str]) -> int:
    from bot.errors import ConfigError
    from bot.store.database import migrate

    url = _settings(arguments).text("database_url")
    if not url:
        raise ConfigError(
            "LIANXIN_DATABASE_URL is not set; `./lianxin up` migrates its private database itself."
        )
    migrate(url)
    return 0


def _user(arguments: argparse.Namespace, _: list[str]) -> int:
    from bot.app import add_user

    password = getpass.getpass("password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    asyncio.run(add_user(_settings(arguments), arguments.login, arguments.name, arguments.role, password))
    return 0


COMMANDS = {
    "up": _up,
    "serve": _serve,
    "test": _test,
    "check": _check,
    "train": _train,
    "trainings": _trainings,
    "import-tickets": _import_tickets,
    "export": _export,
    "evaluate": _evaluate,
    "bench": _bench,
    "config": _config,
    "migrate": _migrate,
    "user": _user,
}
PASSED_ON = frozenset({"test", "import-tickets", "evaluate", "bench"})

if __name__ == "__main__":
    main()
