"""Train other pipelines on the same services and judge them on the same held-out phrases and real titles.

`python -m nlu.training.compare --data nlu_data [--real DIR] CONFIG …`, with the Rasa environment's
Python. One line per pipeline: is what we serve still the best? Only services are trained, which is what
the pipelines share.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

os.environ.update(
    RASA_TELEMETRY_ENABLED="false", RASA_MAX_CACHE_SIZE="0", SQLALCHEMY_SILENCE_UBER_WARNING="1"
)

from nlu.evaluate import categories
from nlu.evaluation import sets
from nlu.training.data import stage, stage_config
from nlu.training.progress import Progress


async def _intents(archive: str, texts: Sequence[str]) -> list[str]:
    from rasa.core.agent import Agent

    agent = Agent.load(archive)
    out = []
    for text in texts:
        parse = await agent.parse_message(text)
        # Our own pipeline says the service beside the intent; the others know nothing else.
        out.append(str((parse.get("service") or parse["intent"])["name"]))
    return out


def _judge(config: Path, data: Path, real: Path, half: str, progress: Progress) -> None:
    from rasa.model_training import train_nlu
    from rasa.utils.log_utils import configure_structlog

    configure_structlog()
    began = time.process_time()
    with tempfile.TemporaryDirectory(prefix="lianxin-compare-") as folder:
        staged = stage(data, Path(folder) / "phrases")
        for other in ("acts", "conduct"):
            for path in (staged / other).glob("*.yml"):
                path.unlink()
        made = train_nlu(str(stage_config(data, Path(folder), config)), str(staged), folder)
        trained = time.process_time() - began
        ours, rows = sets.ours(data, half, "services"), sets.rows(real, "topics", half)
        texts = [phrase.text for phrase in ours] + [row["title"] for row in rows]
        found = asyncio.run(_intents(str(made), texts))
    category = categories(data)
    right = sum(phrase.intent == name for phrase, name in zip(ours, found, strict=False))
    titles = sum(
        category.get(name) == row["topic"] for name, row in zip(found[len(ours) :], rows, strict=True)
    )
    progress.stage(
        "compared",
        pipeline=config.stem,
        service=round(right / len(ours), 3),
        category_of_titles=round(titles / len(rows), 3) if rows else None,
        training_cpu_s=round(trained),
        peak_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="nlu.training.compare")
    parser.add_argument("config", type=Path, nargs="+")
    parser.add_argument("--data", type=Path, default=Path("nlu_data"))
    parser.add_argument("--real", type=Path, default=Path("../shared/data"))
    parser.add_argument("--half", choices=tuple(sets.HALVES), default="dev")
    options = parser.parse_args(arguments)
    progress = Progress()
    for config in options.config:
        _judge(config.resolve(), options.data.resolve(), options.real, options.half, progress)
    return 0


if __name__ == "__main__":
    sys.exit(main())
