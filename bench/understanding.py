"""How well messages are read, by the model and the app's emergency rules together.

`python -m bench.understanding --model DIR --out DIR`: the same options as `nlu.evaluate`, which may not
import the app and so judges the model alone.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from bot.safety import load_net
from nlu import evaluate


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    data = Path(given[given.index("--data") + 1]) if "--data" in given else Path("nlu_data")
    return evaluate.main(given, load_net(data / "safety" / "net.yml").match)


if __name__ == "__main__":
    sys.exit(main())
