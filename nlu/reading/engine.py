"""A trained model without Rasa: one folder of tables, one call that answers what Rasa's parse would.

`rasa run` reaches the same functions through the components in `nlu.training.components`, in the same
order; a gate compares the two on every phrase whenever a model is made.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from nlu.reading.answer import areas, requests
from nlu.reading.clock import today
from nlu.reading.entities.extract import as_rasa, find
from nlu.reading.entities.gazetteer import Gazetteer
from nlu.reading.normalise import normalise
from nlu.reading.reader import Reader

READER, PLACES, META = "reader", "places", "model.json"


class ModelError(Exception):
    """The folder holds no usable model; the text says why."""


@dataclass(frozen=True)
class Meta:
    """Where the model comes from: what `GET /status` and `GET /version` say."""

    name: str
    model_id: str
    rasa: str
    minimum_rasa: str

    @classmethod
    def load(cls, folder: Path) -> Meta:
        """Read what the export wrote."""
        try:
            return cls(**json.loads((folder / META).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise ModelError(f"{folder} holds no exported model ({error})") from error


class Engine:
    """Immutable once loaded; a new model is a new engine."""

    def __init__(self, meta: Meta, reader: Reader, gazetteer: Gazetteer) -> None:
        self.meta = meta
        self.reader = reader
        self._gazetteer = gazetteer

    @classmethod
    def load(cls, folder: Path) -> Engine:
        """Read an exported model."""
        meta = Meta.load(folder)
        try:
            return cls(meta, Reader.load(folder / READER), Gazetteer.load(folder / PLACES))
        except (OSError, ValueError, KeyError) as error:
            raise ModelError(f"{folder} is incomplete or damaged ({error})") from error

    def about(self, text: str) -> dict[str, float]:
        """The share of every service, acts and danger left aside."""
        return self.reader.about(normalise(text.strip()).text)

    def entities(self, text: str, day: date) -> list[dict[str, Any]]:
        """The details of a message that was written on a certain day."""
        normalised = normalise(text)
        return as_rasa(find(normalised.text, self._gazetteer, day), normalised)

    def warm(self) -> None:
        """Build what is built at the first reading, so that no citizen waits for it."""
        self.parse("你好，解放路12号3栋1单元昨天上午停水了，電話13800138000。" * 3)

    def parse(self, text: str, at_once: bool = False) -> dict[str, Any]:
        """The answer of `POST /model/parse`; with `at_once` raises Slow rather than ask the encoder."""
        text = text.strip()  # as Rasa does before anything else
        normalised = normalise(text)
        entities = as_rasa(find(normalised.text, self._gazetteer, today()), normalised)
        answers = self.reader.read(normalised.text, areas(entities), at_once)
        answers["requests"] = requests(answers["requests"], normalised)
        intent = answers.pop("intent")
        return {"text": text, "intent": intent, "entities": entities, **answers}
