"""Questions about an office: where, how to get there, hours, open now, phone, languages, services."""

from __future__ import annotations

from typing import get_args

from actions.base import GuideAction, Outcome
from bot.answers import AnswerService
from bot.answers.request import OfficeAsk
from bot.dialogue.payload import build
from bot.dialogue.subject import office_subject
from bot.dialogue.turn import Turn


class ActionOffice(GuideAction):
    """Answers the `office_…` intents."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_office"

    def outcome(self, service: AnswerService, turn: Turn) -> Outcome:
        """The answer about the office named, or the one last talked about."""
        ask = turn.intent.removeprefix("office_")
        if service.knowledge is None or ask not in get_args(OfficeAsk):
            return Outcome(service.fallback(turn.request()))
        subject = office_subject(turn, service.knowledge)
        if not subject.offices and subject.kind:
            card = service.list_offices(subject.kind, subject.ward, turn.request())  # type: ignore[arg-type]
            return Outcome(card, build("list", kind=subject.kind, ward=subject.ward))
        if not subject.offices and ask == "languages" and turn.first("language"):
            card = service.list_offices(service.default_kind, None, turn.request())
            return Outcome(card, build("list", kind=service.default_kind))
        card = service.office(ask, subject.offices, turn.request())  # type: ignore[arg-type]
        payload = None
        if len(subject.offices) == 1:
            payload = build("office", id=subject.offices[0], ask=ask)
        elif subject.kind and not subject.ward:
            payload = build("office", kind=subject.kind, ask=ask)
        return Outcome(card, payload)
