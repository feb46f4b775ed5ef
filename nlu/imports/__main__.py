"""Command line: shows by default, `--yes` writes, `--undo NAME` takes back. Training is a step of its own."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from nlu.imports import columns as columns_module
from nlu.imports import labels as labels_module
from nlu.imports import preview, store, table
from nlu.imports.choosing import Judge
from nlu.imports.errors import ImportFailed
from nlu.imports.plan import plan
from nlu.reading.engine import Engine, ModelError
from nlu.serving.models import Served

_ROLES = ("title", "body", "category", "department", "kind", "personal")


def parser() -> argparse.ArgumentParser:
    """The options; the first three are set by `./lianxin import-tickets`."""
    out = argparse.ArgumentParser(
        prog="import-tickets",
        description="A city's past tickets as training phrases; shows first, writes with --yes.",
    )
    out.add_argument("--data", type=Path, required=True, help=argparse.SUPPRESS)
    out.add_argument("--into", type=Path, required=True, help=argparse.SUPPRESS)
    out.add_argument("--models", type=Path, required=True, help=argparse.SUPPRESS)
    out.add_argument(
        "file", type=Path, nargs="?", help="CSV of UTF-8, UTF-16 or GBK, any delimiter, with a header"
    )
    for role in _ROLES:
        out.add_argument(
            f"--{role}",
            action="append",
            metavar="COL",
            help="column; may be given again for several levels"
            if role in ("category", "personal")
            else "column",
        )
    out.add_argument(
        "--map",
        action="append",
        metavar="LABEL=TARGET",
        default=[],
        help="what a label means: a service, a category or a department",
    )
    out.add_argument("--most", type=int, default=300, help="of each service no more than this (300)")
    out.add_argument("--name", help="name of the import (that of the file)")
    out.add_argument("--json", action="store_true", help="the preview as JSON")
    out.add_argument("--yes", action="store_true", help="write it")
    out.add_argument("--undo", metavar="NAME", help="take an import back")
    out.add_argument("--list", action="store_true", help="the imports there are")
    return out


def judge(models: Path) -> Judge | None:
    """The present model, if there is one."""
    try:
        engine: Engine = Served(models).engine
    except ModelError:
        return None
    return engine.about


def _pairs(given: Sequence[str]) -> dict[str, str]:
    for one in given:
        if "=" not in one:
            raise ImportFailed(f"--map {one}: write LABEL=TARGET")
    return {label: target for label, _, target in (pair.rpartition("=") for pair in given)}


def _run(options: argparse.Namespace) -> None:
    if options.list:
        for path in store.files(options.into):
            print(f"{path.stem}  ({store.count(path)} phrases)")
        return
    if options.undo:
        print(f"took back {store.undo(options.into, options.undo)} phrases; now train: ./lianxin train")
        return
    if options.file is None:
        raise ImportFailed("name the file to import (or --list, --undo NAME)")
    read = table.read(options.file)
    given = {role: getattr(options, role) or [] for role in _ROLES}
    if options.json and not (guess := columns_module.guess(read.header, given)).enough:
        print(json.dumps({"file": preview.about(read, guess)}, ensure_ascii=False))
        return
    columns = columns_module.assign(read.header, given)
    labels = labels_module.load(options.data, _pairs(options.map))
    planned = plan(read, columns, labels, judge(options.models), store.texts(options.into), options.most)
    facts = preview.facts(read, columns, labels, planned)
    print(json.dumps(facts, ensure_ascii=False) if options.json else "\n".join(preview.lines(facts)))
    if options.yes and planned.taken:
        path = store.write(options.into, options.name or store.name_of(options.file), planned.taken)
        _say(options, f"wrote {len(planned.taken)} phrases to {path}; now train: ./lianxin train")
    elif planned.taken:
        _say(options, "nothing is written yet: look at it, then say --yes")


def _say(options: argparse.Namespace, text: str) -> None:
    """Beside the preview; with --json it goes to stderr, so that stdout stays one document."""
    print(f"\n{text}", file=sys.stderr if options.json else sys.stdout)


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when all went well."""
    try:
        _run(parser().parse_args(arguments))
    except ImportFailed as error:
        print(f"nothing imported: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
