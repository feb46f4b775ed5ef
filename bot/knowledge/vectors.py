"""The vectors of the articles' questions: kept on disk, and computed only for questions that are new.

A text's name holds the encoder's name, so another encoder starts afresh and a changed answer costs nothing.
"""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import structlog

from bot.knowledge.encoder import Encoder
from bot.knowledge.words import Numbers

Vectors = Mapping[str, Numbers]  # by name
log = structlog.get_logger()
_BATCH = 16


def names(encoder: Encoder, texts: Sequence[str]) -> list[str]:
    return [hashlib.sha256(f"{encoder.name}\n{text}".encode()).hexdigest()[:32] for text in texts]


def stacked(known: Vectors, wanted: Sequence[str]) -> Numbers | None:
    """One row per name if all are known."""
    return np.stack([known[name] for name in wanted]) if all(name in known for name in wanted) else None


def completed(
    encoder: Encoder, known: Vectors, texts: Mapping[str, str], go_on: Callable[[], bool]
) -> Vectors:
    """`known` with the missing ones computed, as far as `go_on` allows; of no more texts than are given."""
    found = {name: known[name] for name in texts if name in known}
    todo = [name for name in texts if name not in known]
    for start in range(0, len(todo), _BATCH):
        if not go_on():
            break
        batch = todo[start : start + _BATCH]
        found |= dict(zip(batch, encoder.encode([texts[name] for name in batch]), strict=True))
    return found


def load(file: Path) -> Vectors:
    """What the file holds by name; a broken or foreign file holds nothing."""
    try:
        with file.open("rb") as raw, np.load(raw, allow_pickle=False) as kept:
            return dict(zip(kept["names"].tolist(), kept["vectors"].astype(np.float32), strict=True))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        log.warning("knowledge.cache_unreadable", error=type(error).__name__)
        return {}


def store(file: Path, vectors: Vectors) -> None:
    """Whole or not at all: several processes may write the same file."""
    half = file.with_name(f"{file.name}.{os.getpid()}.half")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with half.open("wb") as out:
            rows = np.stack(list(vectors.values())) if vectors else np.zeros((0, 0))
            np.savez(out, names=np.array(list(vectors), dtype="U32"), vectors=rows.astype(np.float16))
        half.replace(file)
    except OSError as error:  # a full disk costs the next start some seconds, no answer
        log.warning("knowledge.cache_not_kept", error=type(error).__name__)
        half.unlink(missing_ok=True)
