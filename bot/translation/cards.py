"""A whole answer card in another language: what people read is translated, what they use (numbers) is not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from bot.answers.card import Card, RowKind

UNTRANSLATED: Final[frozenset[RowKind]] = frozenset({"phone", "email", "url", "map"})

Translate = Callable[[Sequence[str]], list[str]]


def translated(card: Card, language: str, translate: Translate, notice: str) -> Card:
    """The card in `language`, marked as translated by a machine, with `notice` (translated too) before the others.

    `translate` gets all texts at once and gives as many. What it raises passes through.
    """
    values = [row.value for row in card.rows if row.kind not in UNTRANSLATED]
    texts = [
        notice, card.title, card.body, *card.notices, *(row.label for row in card.rows), *values,
        *(action.label for action in card.actions),
    ]  # fmt: skip
    new = dict(zip(texts, translate(texts), strict=True))
    rows = tuple(
        replace(row, label=new[row.label], value=row.value if row.kind in UNTRANSLATED else new[row.value])
        for row in card.rows
    )
    return replace(
        card,
        language=language,
        translation="machine",
        title=new[card.title],
        body=new[card.body],
        rows=rows,
        notices=(new[notice], *(new[each] for each in card.notices)),
        actions=tuple(replace(action, label=new[action.label]) for action in card.actions),
    )
