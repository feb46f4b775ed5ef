"""Finds the entities inside Rasa's graph; training means reading the city's places once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.reading.clock import today
from nlu.reading.entities.extract import as_rasa, find
from nlu.reading.entities.gazetteer import Gazetteer
from nlu.training.components.normaliser import NORMALISED
from nlu.training.data import ROOT
from nlu.training.divisions import gazetteer, named_in


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR], is_trainable=True)
class Entities(GraphComponent):
    """Rules, the city's places, and the names that training phrases mark."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Where the city pack lies; relative to the repository."""
        return {"city": "nlu_data/city"}

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        places: Gazetteer | None = None,
    ) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._places = places

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Entities:
        """Knows no places yet."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> Entities:
        """With the places of a trained model."""
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, Gazetteer.load(Path(folder)))

    def train(self, training_data: TrainingData) -> Resource:
        """Read the city's places and the marked names."""
        marked = [
            (message.get(TEXT)[entity["start"] : entity["end"]], entity["entity"])
            for message in training_data.training_examples
            for entity in message.get(ENTITIES) or []
        ]
        self._places = named_in(marked, gazetteer(ROOT / self._config["city"]))
        with self._model_storage.write_to(self._resource) as folder:
            self._places.save(Path(folder))
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Find them; spans are those of the citizen's own text already."""
        if self._places is None:
            raise RuntimeError("the places were neither trained nor loaded")
        for message in messages:
            normalised = message.get(NORMALISED)
            if normalised is not None:
                found = as_rasa(find(normalised.text, self._places, today()), normalised)
                message.set(ENTITIES, found, add_to_output=True)
        return messages
