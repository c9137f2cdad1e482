"""Emergencies."""

from __future__ import annotations

from typing import get_args

from actions.base import GuideAction, Outcome
from bot.answers import AnswerService
from bot.answers.contacts import EmergencyKind
from bot.dialogue.payload import build
from bot.dialogue.turn import Turn


class ActionEmergency(GuideAction):
    """Answers the `emergency_…` intents."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_emergency"

    def outcome(self, service: AnswerService, turn: Turn) -> Outcome:
        """The emergency card."""
        kind = turn.intent.removeprefix("emergency_")
        known: EmergencyKind = kind if kind in get_args(EmergencyKind) else "medical"  # type: ignore[assignment]
        return Outcome(service.emergency(known, turn.request()), build("emergency", kind=known))
