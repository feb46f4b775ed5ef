"""Words of a text without a word list: runs of two Chinese characters, and Latin words.

Good enough to see what citizens say that the training data never did, and to count what keeps coming.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.safety import normalised

_RUN = re.compile(r"[\u3400-\u9fff]+|[a-z][a-z0-9]{2,}")
_HIDDEN = re.compile(r"\*+")


def runs(text: str) -> list[str]:
    """Stretches of Chinese characters, and Latin words; what is masked parts them."""
    return _RUN.findall(_HIDDEN.sub(" ", normalised(text)))


def terms(text: str) -> Iterator[str]:
    """Pairs of neighbouring characters, and Latin words."""
    for run in runs(text):
        if run[0] < "\u3400":
            yield run
        else:
            yield from (run[i : i + 2] for i in range(len(run) - 1))
