"""How well messages are read, by the model and the app's emergency rules together.

`python -m bench.understanding --model DIR --out DIR`: the same options as `nlu.evaluate`, which may not
import the app and so judges the model alone.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from bot.safety import load_net
from bot.services import load_catalogue
from bot.understanding import Words, joined, read_answer
from nlu import evaluate
from nlu.evaluation.judge import Net


def both(data: Path) -> Net:
    """The alarms as the app raises them."""
    net, catalogue = load_net(data / "safety" / "net.yml"), load_catalogue(data)
    words = Words(frozenset(catalogue.services), frozenset(catalogue.acts))
    return lambda text, parse: (
        joined(text, read_answer(json.dumps(parse).encode()), net.cries(text), words).alarms
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    data = Path(given[given.index("--data") + 1]) if "--data" in given else Path("nlu_data")
    return evaluate.main(given, both(data))


if __name__ == "__main__":
    sys.exit(main())
