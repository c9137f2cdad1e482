"""Which action answers an intent, for turns whose meaning comes from the conversation."""

from __future__ import annotations

from typing import Final

from actions.base import GuideAction
from actions.conversation import ActionDidYouMean, ActionFallback, ActionTalkToPerson
from actions.lists import ActionListOffices, ActionNearestOffice
from actions.office import ActionOffice
from actions.procedure import ActionForeignPassport, ActionProcedure
from actions.topic import ActionTopic

_BY_INTENT: Final[dict[str, type[GuideAction]]] = {
    "list_offices": ActionListOffices,
    "nearest_office": ActionNearestOffice,
    "foreign_passport": ActionForeignPassport,
    "ask_topic": ActionTopic,
    "talk_to_person": ActionTalkToPerson,
    "nlu_unsure": ActionDidYouMean,
}
_BY_FAMILY: Final[dict[str, type[GuideAction]]] = {
    "office": ActionOffice,
    "procedure": ActionProcedure,
    "topic": ActionTopic,
}


def action_of(intent: str) -> GuideAction:
    """The action that answers an intent; the fallback for one that no question has."""
    found = _BY_INTENT.get(intent) or _BY_FAMILY.get(intent.partition("_")[0]) or ActionFallback
    return found()
