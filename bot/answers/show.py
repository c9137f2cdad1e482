"""Show-and-point cards: an answer in the reader's language and, beside it, in Japanese for a clerk to read."""

from __future__ import annotations

from dataclasses import replace

from bot.answers.card import Card, CardAction
from bot.i18n import text
from bot.i18n.catalogues import SOURCE_LANGUAGE


def side_by_side(own: Card, japanese: Card) -> Card:
    """The reader's card without what is only to be tapped, with the Japanese one beside it."""
    code = own.language
    return replace(
        own,
        notices=(text("show.notice", code), *own.notices),
        actions=_to_call(own.actions),
        beside=replace(japanese, notices=(text("show.please", SOURCE_LANGUAGE), *japanese.notices), actions=()),
    )


def _to_call(actions: tuple[CardAction, ...]) -> tuple[CardAction, ...]:
    return tuple(action for action in actions if action.kind != "reply")
