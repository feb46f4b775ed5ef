"""First in the pipeline: every later component sees normalised text, in training as in use."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.reading.normalise import normalise

NORMALISED = "lianxin_normalised"


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER], is_trainable=False)
class Normaliser(GraphComponent):
    """Replaces the text by its normalised form and keeps the map back to the original."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Normaliser:
        """Rasa's way to make a component."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Normalise what a citizen wrote."""
        for message in messages:
            if message.get(TEXT) is None:
                continue
            normalised = normalise(message.get(TEXT))
            message.set(NORMALISED, normalised)
            message.set(TEXT, normalised.text)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Normalise training phrases, moving their annotated spans along."""
        for message in training_data.training_examples:
            if not message.get(TEXT):
                continue
            normalised = normalise(message.get(TEXT))
            moved = [self._move(entity, normalised) for entity in message.get(ENTITIES) or []]
            message.set(TEXT, normalised.text)
            if moved:
                message.set(ENTITIES, moved)
        return training_data

    @staticmethod
    def _move(entity: dict[str, Any], normalised: Any) -> dict[str, Any]:
        start, end = normalised.from_original(entity["start"], entity["end"])
        return {**entity, "start": start, "end": end, "value": normalised.text[start:end]}
