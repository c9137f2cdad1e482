"""Procedures: how, documents, fee, duration, online, who may, collecting; and passports of other countries."""

from __future__ import annotations

from typing import get_args

from actions.base import GuideAction, Outcome
from bot.answers import AnswerService
from bot.answers.contacts import choices
from bot.answers.request import ProcedureAsk
from bot.dialogue.payload import build
from bot.dialogue.turn import Turn
from bot.i18n.languages import only_country_of


class ActionProcedure(GuideAction):
    """Answers the `procedure_…` intents."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_procedure"

    def outcome(self, service: AnswerService, turn: Turn) -> Outcome:
        """The answer about the procedure named, or the one last talked about."""
        ask = turn.intent.removeprefix("procedure_")
        if ask not in get_args(ProcedureAsk):
            return Outcome(service.fallback(turn.request()))
        country = turn.first("country")
        if country and country != choices().passport.home_country:
            return foreign_passport(service, turn, country)
        identifier = turn.first("procedure") or turn.context.procedure
        card = service.procedure(ask, identifier, turn.request())  # type: ignore[arg-type]
        return Outcome(card, build("procedure", id=card.about.procedure, ask=ask))


class ActionForeignPassport(GuideAction):
    """Answers `foreign_passport`."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_foreign_passport"

    def outcome(self, service: AnswerService, turn: Turn) -> Outcome:
        """The mission of the country named, or of the only country that a language named is official in."""
        country = turn.first("country") or service.country_of(turn.all("office"))
        return foreign_passport(service, turn, country or only_country_of(turn.first("language")))


def foreign_passport(service: AnswerService, turn: Turn, country: str | None) -> Outcome:
    """The card about another country's passport."""
    foreign = country if country != choices().passport.home_country else None
    card = service.foreign_passport(foreign, turn.request())
    return Outcome(card, build("foreign_passport", country=foreign))
