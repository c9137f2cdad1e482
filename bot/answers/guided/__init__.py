"""Guided tasks as cards: the questions, and the result of each task from its answers."""

from bot.answers.guided.questions import menu_card, nearest_station, question_card
from bot.answers.guided.results import result_card

__all__ = ["menu_card", "nearest_station", "question_card", "result_card"]
