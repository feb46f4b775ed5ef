"""Take a trained Rasa archive apart into the folder that the server reads.

Our components store plain arrays and JSON, so nothing is converted. Whatever else a pipeline contains is
refused: an export that quietly left a component out would answer differently from Rasa.
"""

from __future__ import annotations

import json
import shutil
import tarfile
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from nlu.reading.engine import META, PLACES, READER, Meta

_COMPONENTS = "nlu.training.components."
_TABLES = {"reader.Reader": READER, "entities.Entities": PLACES}
_COVERED = {"normaliser.Normaliser", "finish.Finish", *_TABLES}
# Rasa adds these to every graph by itself; they take a message in and hand it on.
_RASAS_OWN = {"NLUMessageConverter", "RegexMessageHandler"}


class NotCovered(Exception):
    """The pipeline has a component the export does not know; the text names it."""


def _nodes(metadata: dict[str, Any]) -> dict[str, dict[str, Any]]:
    nodes: dict[str, dict[str, Any]] = metadata["predict_schema"]["nodes"]
    return nodes


def _check(nodes: dict[str, dict[str, Any]]) -> None:
    for node in nodes.values():
        full = str(node["uses"])
        ours = full.startswith(_COMPONENTS)
        if (ours and full[len(_COMPONENTS) :] in _COVERED) or full.rpartition(".")[2] in _RASAS_OWN:
            continue
        raise NotCovered(f"the export does not cover {full}; serve this model with `rasa run`")


def export(archive: Path, into: Path) -> Path:
    """Write the folder for one archive."""
    with tempfile.TemporaryDirectory(prefix="lianxin-export-") as temporary:
        opened = Path(temporary)
        with tarfile.open(archive) as tar:
            tar.extractall(opened, filter="data")
        metadata = json.loads((opened / "metadata.json").read_text(encoding="utf-8"))
        nodes = _nodes(metadata)
        _check(nodes)
        shutil.rmtree(into, ignore_errors=True)
        into.mkdir(parents=True)
        for node in nodes.values():
            name = str(node["uses"]).removeprefix(_COMPONENTS)
            if name in _TABLES:
                shutil.copytree(opened / "components" / node["resource"]["name"], into / _TABLES[name])
    meta = Meta(archive.name, metadata["model_id"], metadata["rasa_open_source_version"], _minimum())
    (into / META).write_text(json.dumps(asdict(meta)), encoding="utf-8")
    return into


def _minimum() -> str:
    from rasa.constants import MINIMUM_COMPATIBLE_VERSION

    return str(MINIMUM_COMPATIBLE_VERSION)
