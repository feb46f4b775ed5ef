"""Last in the pipeline: gives the citizen's own text back, with every span carried to it."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, TEXT, TEXT_TOKENS
from rasa.shared.nlu.training_data.message import Message

from nlu.training.components.normaliser import NORMALISED


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR], is_trainable=False)
class Finish(GraphComponent):
    """Undoes what the normaliser did to the text; meaning was found in the normalised form."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Finish:
        """Rasa's way to make a component."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Restore text and spans."""
        for message in messages:
            normalised = message.get(NORMALISED)
            if normalised is None:
                continue
            for entity in message.get(ENTITIES) or []:
                start, end = normalised.to_original(entity["start"], entity["end"])
                entity.update(start=start, end=end, value=normalised.original[start:end])
            tokens = message.get(TEXT_TOKENS) or []
            for token in tokens:
                token.start, token.end = normalised.to_original(token.start, token.end)
            message.set(TEXT, normalised.original)
        return messages
