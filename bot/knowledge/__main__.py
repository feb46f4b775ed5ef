"""`python -m bot.knowledge`: how good the knowledge answers are, as a table; `--json FILE` keeps them."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from dataclasses import asdict
from pathlib import Path

from bot.config import load
from bot.errors import LianxinError
from bot.knowledge.evaluation import evaluate, table


def main() -> int:
    parser = argparse.ArgumentParser("python -m bot.knowledge", description=__doc__)
    parser.add_argument("--json", type=Path, help="write the figures to this file as well")
    arguments = parser.parse_args()
    try:
        settings = load()
        found = asyncio.run(evaluate(settings.nlu_data, settings.data_dir / "knowledge"))
    except LianxinError as error:
        print(f"lianxin: {error}", file=sys.stderr)
        return 1
    print(table(found))
    if arguments.json:
        figures = {name: asdict(one) for name, one in found.items()}
        arguments.json.write_text(json.dumps(figures, ensure_ascii=False, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
