"""Learns the axes inside Rasa's graph and answers them in the parse; the answers themselves are
`nlu.reading`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.reading.answer import areas, requests
from nlu.reading.reader import Reader as Tables
from nlu.training.components.normaliser import NORMALISED
from nlu.training.data import ROOT, handing
from nlu.training.learn import PhraseFacts, learn


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER], is_trainable=True)
class Reader(GraphComponent):
    """Service, act, kind, safety and conduct from one set of features."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """How strongly to fit (scikit-learn's C), and where the city pack lies (relative to the
        repository).
        """
        return {"strength": 100.0, "city": "nlu_data/city", "second_opinion": False}

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        tables: Tables | None = None,
    ) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._tables = tables

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Reader:
        """A reader that has learnt nothing yet."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> Reader:
        """A reader with the tables of a trained model."""
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, Tables.load(Path(folder)))

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from all phrases; a block's metadata says which classes hold."""
        phrases = [
            PhraseFacts(
                message.get(TEXT), message.get(INTENT), (message.get("metadata") or {}).get("intent") or {}
            )
            for message in training_data.training_examples
            if message.get(TEXT) and message.get(INTENT)
        ]
        city = ROOT / self._config["city"]
        strength, meaning = float(self._config["strength"]), bool(self._config["second_opinion"])
        self._tables = learn(phrases, strength, handing(city), meaning)
        with self._model_storage.write_to(self._resource) as folder:
            self._tables.save(Path(folder))
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Answer every axis and set the intent from the answers."""
        if self._tables is None:
            raise RuntimeError("the reader was neither trained nor loaded")
        for message in messages:
            answers = self._tables.read(message.get(TEXT) or "", areas(message.get(ENTITIES) or []))
            answers["requests"] = requests(answers["requests"], message.get(NORMALISED))
            for name, value in answers.items():
                message.set(name, value, add_to_output=True)
        return messages
