"""The errors of the house, drawn once.

LianxinError                 everything of ours that may be shown to a person, in one plain sentence
├── ConfigError              settings missing or wrong, all named together
├── DataError                a file of nlu_data is wrong: file, line and what to mend
├── SetupError               the machine lacks something: what to install, which port is busy …
├── NotAllowed               the role does not permit it                                   (HTTP 403)
├── NotFound                 no such thing, or not yours to see                             (HTTP 404)
├── Conflict                 somebody was faster, or the state does not permit it           (HTTP 409)
└── Invalid                  a field is wrong: `fields` says which and why                  (HTTP 422)
Errors of channels are in `channels.base`; a model that does not answer is a value, not an error.
"""

from __future__ import annotations

from pathlib import Path


class LianxinError(Exception):
    """Base of all; its text is fit for a person."""


class ConfigError(LianxinError):
    pass


class DataError(LianxinError):
    def __init__(self, path: Path, line: int, what: str) -> None:
        super().__init__(f"{path}:{line}: {what}")
        self.path, self.line, self.what = path, line, what


class SetupError(LianxinError):
    pass


class NotAllowed(LianxinError):
    pass


class NotFound(LianxinError):
    pass


class Conflict(LianxinError):
    pass


class Invalid(LianxinError):
    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {why}" for name, why in fields.items()))
        self.fields = fields
