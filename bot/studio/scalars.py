"""Values as YAML writes them on one line: plain where that reads back the same, quoted otherwise."""

from __future__ import annotations

from typing import Any

import yaml


def scalar(value: Any, *, flow: bool = False) -> str:
    """`flow`: it will stand inside [ ] or { }, where commas and brackets end a plain text."""
    shown = str(
        yaml.safe_dump([value] if flow else value, allow_unicode=True, width=2**31, default_flow_style=True)
    )
    if flow:
        return shown.strip().removeprefix("[").removesuffix("]")
    return shown.removesuffix("\n").removesuffix("\n...")
