"""Who reads whom: a value, so that the understander needs to know nothing of tables and publications."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plan:
    """Names of models. "" as `live` is whatever the NLU serves by itself; "" elsewhere is none."""

    publication: int = 0
    live: str = ""
    staged: str = ""
    share: int = 0  # per cent of conversations that the staged model reads
    shadow: str = ""

    def reads(self, conversation: int) -> str:
        """The model of a conversation: always the same one, so that nobody meets two minds in one talk."""
        return self.staged if self.staged and lot(conversation, self.staged) < self.share else self.live

    @property
    def names(self) -> tuple[str, ...]:
        """Every model it needs, each once."""
        return tuple(dict.fromkeys(name for name in (self.live, self.staged, self.shadow) if name))


def lot(conversation: int, model: str) -> int:
    """0–99, drawn from the conversation and the model: another candidate meets other citizens first."""
    digest = hashlib.blake2s(f"{model}:{conversation}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % 100
