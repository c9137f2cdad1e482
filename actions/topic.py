"""Topics: the frequent ones by intent, the long tail by retrieval."""

from __future__ import annotations

from actions.base import GuideAction, Outcome
from bot.answers import AnswerService
from bot.dialogue.payload import build
from bot.dialogue.turn import Turn


class ActionTopic(GuideAction):
    """Answers the `topic_…` intents and `ask_topic`."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_topic"

    def outcome(self, service: AnswerService, turn: Turn) -> Outcome:
        """The topic found by retrieval, or the first one of the intent."""
        if turn.intent == "ask_topic":
            card = service.topic(turn.first("topic") or next(iter(turn.topics), ""), turn.request())
        else:
            card = service.topic_of_intent(turn.intent, turn.request())
        payload = build("topic", id=card.about.topic) if card.about.topic else None
        return Outcome(card, payload)
