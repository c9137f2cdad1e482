"""The conversation itself: change of language, did you mean, hand-over, out of scope, fallback."""

from __future__ import annotations

from dataclasses import replace

from actions.base import GuideAction, Outcome
from bot.answers import AnswerService
from bot.dialogue.payload import build
from bot.dialogue.turn import Turn, offered_language


class ActionChangeLanguage(GuideAction):
    """Answers `change_language`."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_change_language"

    def outcome(self, service: AnswerService, turn: Turn) -> Outcome:
        """Confirms the language named (or the one written in), or offers all."""
        wanted = offered_language(turn.first("language"))
        if wanted is None:
            return Outcome(service.language(turn.request(), chosen=False))
        return Outcome(
            service.language(replace(turn.request(), language=wanted), chosen=True), None, {"language": wanted}
        )


class ActionDidYouMean(GuideAction):
    """Answers `nlu_unsure`."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_did_you_mean"

    def outcome(self, service: AnswerService, turn: Turn) -> Outcome:
        """The likely meanings as buttons."""
        return Outcome(service.unsure(turn.candidates, turn.request()))


class ActionFallback(GuideAction):
    """Answers `nlu_fallback` and whatever no rule covers."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_fallback"

    def outcome(self, service: AnswerService, turn: Turn) -> Outcome:
        """The nearest topics and the consultation centre."""
        return Outcome(service.fallback(turn.request(), turn.topics))


class ActionOutOfScope(GuideAction):
    """Answers `out_of_scope`."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_out_of_scope"

    def outcome(self, service: AnswerService, turn: Turn) -> Outcome:
        """What the guide is for."""
        return Outcome(service.out_of_scope(turn.request()))


class ActionTalkToPerson(GuideAction):
    """Answers `talk_to_person`."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_talk_to_person"

    def outcome(self, service: AnswerService, turn: Turn) -> Outcome:
        """The desk that talks with people."""
        return Outcome(service.person(turn.request()), build("person"))
