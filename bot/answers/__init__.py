"""Answers: from knowledge to cards, from cards to text."""

from bot.answers.card import About, Card, CardAction, Row, SourceNote
from bot.answers.render import render_text
from bot.answers.service import AnswerService

__all__ = ["About", "AnswerService", "Card", "CardAction", "Row", "SourceNote", "render_text"]
