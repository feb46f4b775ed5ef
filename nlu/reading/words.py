"""The one way to cut text into words; jieba, made safe.

jieba keeps a cache at a predictable name in the shared temporary folder, where another user could plant one, and
prints to stderr while it loads. Both are taken from it here.
"""

from __future__ import annotations

import logging
import os
import tempfile
from functools import lru_cache
from pathlib import Path

import jieba

CACHE_SETTING = "LIANXIN_NLU_CACHE"


@lru_cache(maxsize=1)
def prepare() -> None:
    """Load the dictionary once, with its cache in our own folder."""
    jieba.setLogLevel(logging.WARNING)
    jieba.dt.tmp_dir = str(_cache_folder())
    jieba.initialize()


def _cache_folder() -> Path:
    given = os.environ.get(CACHE_SETTING)
    if not given:
        return Path(tempfile.mkdtemp(prefix="lianxin-jieba-"))
    folder = Path(given)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def cut(text: str) -> list[str]:
    """Words in order, blanks left out."""
    prepare()
    return [word for word in jieba.cut(text) if not word.isspace()]
