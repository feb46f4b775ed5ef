"""The message catalogue: every sentence the bot says, in Chinese and English.

`say("zh", "receipt", number=…)` gives the words. It knows no dialogue: keys and values are all it is told.
A missing key or value raises, and tests walk through every key, so that none is missing in use.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from fluent.runtime import FluentBundle, FluentResource
from fluent.syntax import ast

LANGUAGES = ("zh", "en")


@lru_cache(maxsize=len(LANGUAGES))
def _bundle(language: str) -> FluentBundle:
    name = language if language in LANGUAGES else LANGUAGES[0]
    bundle = FluentBundle([name], use_isolating=False)
    for path in sorted(Path(__file__).parent.glob(f"{name}*.ftl")):
        bundle.add_resource(FluentResource(path.read_text("utf-8")))
    return bundle


def say(language: str, key: str, /, **values: Any) -> str:
    """The sentence `key` in `language`, its values filled in. Raises KeyError for an unknown key."""
    bundle = _bundle(language)
    if not bundle.has_message(key):
        raise KeyError(f"no sentence '{key}' in {language}.ftl")
    pattern = bundle.get_message(key).value
    assert pattern is not None  # noqa: S101  # only attributes without a text would have none
    text, errors = bundle.format_pattern(pattern, _plain(values))
    if errors:
        raise KeyError(f"sentence '{key}' in {language}.ftl: {errors[0]}")
    return str(text)


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Flags become words, so that selectors can tell them apart."""
    return {name: str(v).lower() if isinstance(v, bool) else v for name, v in values.items()}


def keys(language: str) -> frozenset[str]:
    """All keys of a language: the two must be equal."""
    paths = Path(__file__).parent.glob(f"{language}*.ftl")
    entries = [entry for path in paths for entry in FluentResource(path.read_text("utf-8")).body]
    return frozenset(entry.id.name for entry in entries if isinstance(entry, ast.Message))
