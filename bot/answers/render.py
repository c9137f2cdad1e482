"""Renders a card as plain text: complete, so that a reader of the text alone misses nothing."""

from __future__ import annotations

from bot.answers import formatting
from bot.answers.card import Card, Row
from bot.i18n import text
from bot.i18n.languages import language, registry


def render_text(card: Card) -> str:
    """The whole card as plain text, paragraphs separated by empty lines.

    What is to be shown to a clerk stands first, in Japanese. A card in a language without texts of our own (machine
    translation) has headings in the common fallback language.
    """
    code = card.language if registry().find(card.language) else registry().common_fallback.code
    blocks = [card.title, card.body]
    blocks.append("\n".join(_row(row, code) for row in card.rows))
    blocks.extend(card.notices)
    if card.sources:
        lines = [
            text("source.line", code, name=source.name, date=formatting.reduced_date(source.date, code))
            for source in card.sources
        ]
        blocks.append("\n".join([text("source.title", code), *lines]))
    replies = [action.label for action in card.actions if action.kind == "reply"]
    if replies:
        blocks.append("\n".join([text("replies.title", code), *(text("list.bullet", code, item=r) for r in replies)]))
    whole = "\n\n".join(block for block in blocks if block)
    shown = with_readings(whole) if language(code).furigana else whole
    return shown if card.beside is None else f"{render_text(card.beside)}\n\n{shown}"


def with_readings(whole: str) -> str:
    """Plain text with the readings of kanji in brackets. Loaded on first use: most languages never need it."""
    from bot.i18n.furigana import to_brackets

    return to_brackets(whole)


def _row(row: Row, code: str) -> str:
    value = f"\n{row.value}" if "\n" in row.value else row.value
    return text("row.line", code, label=row.label, value=value)
