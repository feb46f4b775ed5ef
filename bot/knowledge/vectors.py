"""The vectors of the articles' texts: kept on disk, and computed only for texts that are new.

On disk a text goes by a hash that holds the encoder's name as well, so another encoder starts afresh, and a
changed sentence costs one vector.
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

Vectors = Mapping[str, Numbers]  # by text
log = structlog.get_logger()
_BATCH = 16


def completed(encoder: Encoder, known: Vectors, texts: Sequence[str], go_on: Callable[[], bool]) -> Vectors:
    """`known` with the missing ones computed, as far as `go_on` allows."""
    found = dict(known)
    todo = [text for text in texts if text not in known]
    for start in range(0, len(todo), _BATCH):
        if not go_on():
            break
        batch = todo[start : start + _BATCH]
        found |= dict(zip(batch, encoder.encode(batch), strict=True))
    return found


def load(file: Path, encoder: Encoder, texts: Sequence[str]) -> Vectors:
    """Those of `texts` that the file holds; a broken or foreign file holds none."""
    try:
        with file.open("rb") as raw, np.load(raw, allow_pickle=False) as kept:
            rows = dict(zip(kept["names"].tolist(), kept["vectors"].astype(np.float32), strict=True))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        log.warning("knowledge.cache_unreadable", error=type(error).__name__)
        return {}
    return {text: rows[name] for text in texts if (name := _name(encoder, text)) in rows}


def store(file: Path, encoder: Encoder, vectors: Vectors) -> None:
    """Whole or not at all: several processes may write the same file."""
    half = file.with_name(f"{file.name}.{os.getpid()}.half")
    names = np.array([_name(encoder, text) for text in vectors], dtype="U32")
    rows = np.array(list(vectors.values()), dtype=np.float16)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with half.open("wb") as out:
            np.savez(out, names=names, vectors=rows)
        half.replace(file)
    except OSError as error:  # a full disk costs the next start some seconds, no answer
        log.warning("knowledge.cache_not_kept", error=type(error).__name__)
        half.unlink(missing_ok=True)


def _name(encoder: Encoder, text: str) -> str:
    return hashlib.sha256(f"{encoder.name}\n{text}".encode()).hexdigest()[:32]
