"""The result of a guided task, from its answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bot.answers.builder import CardBuilder
from bot.answers.card import Card
from bot.answers.guided.desk import desk_result
from bot.answers.guided.interpreter import interpreter_result
from bot.answers.guided.moving import moving_result
from bot.answers.guided.passport import passport_result
from bot.answers.guided.ukraine import ukraine_result
from bot.answers.request import Request
from bot.dialogue.payload import build as build_payload
from bot.dialogue.payload import of_task
from bot.dialogue.tasks import TaskState
from bot.knowledge.store import PublicKnowledge

Result = Callable[[CardBuilder, TaskState, Request], Card]

_RESULTS: dict[str, Result] = {
    "passport": passport_result,
    "desk": desk_result,
    "interpreter": interpreter_result,
    "moving": moving_result,
    "ukraine": ukraine_result,
}


def result_card(knowledge: PublicKnowledge, state: TaskState, request: Request) -> Card:
    """What the answers lead to. The state must be complete."""
    builder = CardBuilder(request.language, request.now, knowledge)
    card = _RESULTS[state.task](builder, state, replace(request, intent="task_result"))
    about = replace(card.about, task=state.task, payload=of_task(state))
    again = CardBuilder(request.language, request.now, None)
    again.reply(again.text("task.change"), of_task(state.back))
    again.reply(again.text("task.again"), build_payload("task", id=state.task))
    return replace(card, about=about, actions=(*card.actions, *again.actions))
