"""Rasa's `utter_…` responses from the catalogues: one mechanism for all texts, in the language of the turn."""

from __future__ import annotations

from typing import Any

from rasa.core.nlg.generator import NaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from bot.answers.service import AnswerService, tokyo_now
from bot.dialogue.turn import Turn

PREFIX = "utter_"


class CatalogueNaturalLanguageGenerator(NaturalLanguageGenerator):
    """Answers `utter_<name>` with the card of the texts `talk.<name>.…`."""

    def __init__(self, endpoint_config: EndpointConfig | None = None, domain: Domain | None = None) -> None:
        self._answers = AnswerService(None)

    async def generate(
        self, utter_action: str, tracker: DialogueStateTracker, output_channel: str, **kwargs: Any
    ) -> dict[str, Any] | None:
        """The response as Rasa's message: a card under `custom`. None for a name without texts."""
        message = tracker.latest_message.parse_data if tracker.latest_message else {}
        turn = Turn.read(message, tracker.current_slot_values(), tokyo_now())
        card = self._answers.talk(utter_action.removeprefix(PREFIX), turn.request())
        return {"custom": {"card": card.as_dict()}}
