"""Lists of offices and the nearest ones."""

from __future__ import annotations

from actions.base import GuideAction, Outcome
from bot.answers import AnswerService
from bot.dialogue.payload import build
from bot.dialogue.subject import list_kind
from bot.dialogue.turn import Turn


class ActionListOffices(GuideAction):
    """Answers `list_offices`."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_list_offices"

    def outcome(self, service: AnswerService, turn: Turn) -> Outcome:
        """All offices of a kind, or those of the ward named."""
        kind, ward = list_kind(turn, service.knowledge), turn.first("ward") or service.ward_of(turn.all("office"))
        card = service.list_offices(kind, ward, turn.request())
        return Outcome(card, build("list", kind=kind, ward=ward))


class ActionNearestOffice(GuideAction):
    """Answers `nearest_office`."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_nearest_office"

    def outcome(self, service: AnswerService, turn: Turn) -> Outcome:
        """The offices nearest to the station or ward named, or to the reader's position."""
        kind, station = list_kind(turn, service.knowledge), turn.first("station")
        ward = None if station else turn.first("ward")
        card = service.nearest(kind, ward, station, turn.request())
        payload = build("nearest", kind=kind, ward=ward, station=station) if ward or station else None
        return Outcome(card, payload, focus=card.about.offices[:1] if card.status != "clarify" else None)
