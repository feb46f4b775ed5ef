"""The captured payloads that providers really send. They are no part of the project; where they are absent,
the tests that need them are skipped and say so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

PAYLOADS = Path(__file__).parent / "payloads"
VECTORS = Path(__file__).resolve().parents[3] / "shared" / "vectors"


def vector(name: str) -> Path:
    """A file or folder of the vectors; skips the test where they are absent."""
    if not VECTORS.is_dir():
        pytest.skip("the captured payloads (../shared/vectors) are not here")
    return VECTORS / name


def vector_json(name: str) -> Any:
    return json.loads(vector(name).read_text(encoding="utf-8"))


def payload(name: str) -> str:
    """One of our own small payloads."""
    return (PAYLOADS / name).read_text(encoding="utf-8")
