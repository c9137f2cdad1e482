"""The conversation itself: change of language, did you mean, hand-over, out of scope, fallback."""

from __future__ import annotations

from dataclasses import replace

from actions.base import GuideAction, Outcome
from bot.answers import AnswerService, Card
from bot.answers.request import Request
from bot.dialogue.context import offered_by
from bot.dialogue.follow_up import SURE
from bot.dialogue.payload import build, of_task, parse
from bot.dialogue.turn import Turn, offered_language


class ActionChangeLanguage(GuideAction):
    """Answers `change_language`."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_change_language"

    def outcome(self, service: AnswerService, turn: Turn) -> Outcome:
        """Confirms the language named (or the one written in) and gives the last answer again in it; or offers all."""
        wanted = offered_language(turn.first("language"))
        if wanted is None:
            return Outcome(service.language(turn.request(), chosen=False))
        request = replace(turn.request(), language=wanted)
        card = service.language(request, chosen=True)
        # A guided task asks its question again by itself.
        last = turn.context.payload if turn.loop is None else None
        more = (service.completed(_again(service, last, request), last),) if last else ()
        return Outcome(card, None, {"language": wanted}, more)


def _again(service: AnswerService, payload: str, request: Request) -> Card:
    """An answer given before, once more."""
    return service.from_payload(parse(payload), replace(request, intent=None, confidence=None))


class ActionGoBack(GuideAction):
    """Answers `go_back`."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_go_back"

    def outcome(self, service: AnswerService, turn: Turn) -> Outcome:
        """The answer before the last one; after a guided task its last question."""
        state = turn.task
        if state is not None and turn.context.payload == of_task(state):
            return Outcome(service.task(state.back, turn.request()), asks=state.back)
        context = turn.context
        if context.previous is None:
            return Outcome(service.steering("nothing_before", turn.request()))
        card = _again(service, context.previous, turn.request())
        back = replace(context, offices=card.about.offices, procedure=card.about.procedure, topic=card.about.topic,
                       payload=context.previous, previous=None, offered=offered_by(card))  # fmt: skip
        return Outcome(card, context.previous, {"context": back.as_slot(turn.now)})


class ActionStop(GuideAction):
    """Answers `stop` outside a guided task."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_stop"

    def outcome(self, service: AnswerService, turn: Turn) -> Outcome:
        """That nothing is going on, and what the guide can do."""
        return Outcome(service.steering("nothing_to_stop", turn.request()), ends_task=True)


class ActionStartOver(GuideAction):
    """Answers `start_over`."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_start_over"

    def outcome(self, service: AnswerService, turn: Turn) -> Outcome:
        """Forgets what was talked about (not the language) and begins again."""
        slots = {"context": None, "task": None}
        return Outcome(service.steering("started_over", turn.request()), None, slots, ends_task=True)


class ActionDeleteMyData(GuideAction):
    """Answers `delete_my_data`. The gateway, which holds the conversation, deletes it when it sees this answer."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_delete_my_data"

    def outcome(self, service: AnswerService, turn: Turn) -> Outcome:
        """That it has been deleted; in doubt what is kept, with the button that deletes: it cannot be undone."""
        if not turn.is_payload and turn.confidence < SURE:
            return Outcome(service.stored(turn.request()), build("what_is_stored"))
        return Outcome(service.deleted(turn.request()), None, {"context": None, "task": None}, ends_task=True)


class ActionWhatIsStored(GuideAction):
    """Answers `what_is_stored`."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_what_is_stored"

    def outcome(self, service: AnswerService, turn: Turn) -> Outcome:
        """What is kept, for how long, and how to delete it."""
        return Outcome(service.stored(turn.request()), build("what_is_stored"))


class ActionTalk(GuideAction):
    """Answers `affirm` and `deny` where the conversation does not tell what they go with."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_talk"

    def outcome(self, service: AnswerService, turn: Turn) -> Outcome:
        """A no after "did you mean": what else there is. Else a word of small talk."""
        if turn.intent == "deny" and turn.context.asked_back:
            return Outcome(service.fallback(turn.request()))
        return Outcome(service.talk(turn.intent, turn.request()))


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
