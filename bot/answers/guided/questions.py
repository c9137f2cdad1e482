"""The questions of guided tasks: buttons for the likely answers, and always free text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from bot.answers import formatting
from bot.answers.builder import CardBuilder
from bot.answers.card import About, Card, InputKind
from bot.answers.contacts import choices
from bot.answers.request import Request
from bot.dialogue.payload import build as build_payload
from bot.dialogue.payload import of_task
from bot.dialogue.tasks import ANY_LANGUAGE, ANY_TIME, ANYWHERE, NOW, Step, StepKind, TaskState, tasks
from bot.i18n.languages import enabled_languages
from bot.knowledge.distance import Degrees, distance
from bot.knowledge.models import Station
from bot.knowledge.opening_hours import parse_hours
from bot.knowledge.store import PublicKnowledge

_INPUTS: dict[StepKind, InputKind] = {
    "choice": "text", "country": "country", "language": "language", "ward": "place", "place": "place", "date": "date",
    "time": "date",
}  # fmt: skip
MISSES_BEFORE_A_PERSON = 2


def menu_card(request: Request) -> Card:
    """The guided tasks to choose from."""
    builder = CardBuilder(request.language, request.now, None)
    for name in tasks():
        builder.reply(builder.text(f"task.{name}.title"), build_payload("task", id=name))
    about = About("guided_task", confidence=request.confidence, payload=build_payload("task"))
    return builder.build("clarify", builder.text("task.menu.title"), builder.text("task.menu.body"), about)


def question_card(knowledge: PublicKnowledge | None, state: TaskState, request: Request, *, misses: int = 0) -> Card:
    """The next question of a task. `misses`: how often in a row the reader's words were no answer to it.

    The state must have a next question.
    """
    step = state.next_step
    assert step is not None, "a task without a next question has a result"
    builder = CardBuilder(request.language, request.now, knowledge)
    if misses:
        builder.notice(builder.text("task.not_understood"))
    for label, value in _choices(builder, step, request):
        builder.reply(label, of_task(state.answered(value)))
    _offer_own_language(builder, state)
    if state.answers:
        builder.reply(builder.text("task.back"), of_task(state.back))
    builder.reply(builder.text("task.stop"), build_payload("stop"))
    if misses >= MISSES_BEFORE_A_PERSON:
        builder.reply(builder.text("person.reply"), build_payload("person"))
    progress = builder.text("task.progress", task=builder.text(f"task.{state.task}.title"), number=state.step_number)
    body = f"{progress}\n{builder.text(f'task.hint.{step.kind}')}"
    about = About("guided_task", task=state.task, confidence=request.confidence, payload=of_task(state))
    question = builder.text(f"task.{state.task}.{step.id}")
    return builder.build("clarify", question, body, about, _INPUTS[step.kind])


def _offer_own_language(builder: CardBuilder, state: TaskState) -> None:
    """A task for people of one language offers that language first to those who read another."""
    code = choices().task_languages.get(state.task)
    own = next((entry for entry in enabled_languages() if entry.code == code), None)
    if own is not None and own.code != builder.language:
        replies, builder.actions = builder.actions, []
        builder.reply(own.name, build_payload("language", code=own.code))
        builder.actions += replies


def _choices(builder: CardBuilder, step: Step, request: Request) -> Iterator[tuple[str, str]]:
    """The likely answers: label and value."""
    match step.kind:
        case "choice":
            yield from ((option_label(builder, value), value) for value in step.options)
        case "country":
            yield from _countries(builder)
        case "language":
            yield from _languages(builder)
        case "ward":
            yield from _wards(builder, "")
        case "place":
            if request.position is not None and (station := nearest_station(builder.knowledge, request.position)):
                label = builder.text("option.here")
                yield f"{label} ({formatting.name(station.names, builder.language)})", f"station:{station.id}"
            yield option_label(builder, ANYWHERE), ANYWHERE
            yield from _wards(builder, "ward:")
        case "date":
            yield from ((_day_label(builder, day, request), day.isoformat()) for day in _days(request.today))
        case "time":
            yield from ((option_label(builder, value), value) for value in (NOW, ANY_TIME))
            yield from ((formatting.day(day, builder.language), day.isoformat()) for day in _coming_days(request.today))


def nearest_station(knowledge: PublicKnowledge | None, position: Degrees) -> Station | None:
    """The station nearest to a position. It stands for the position, which is not kept."""
    stations = knowledge.stations() if knowledge else ()
    return min(stations, key=lambda one: distance(position, (one.position.lat, one.position.lon)), default=None)


def option_label(builder: CardBuilder, value: str) -> str:
    """An option in the reader's words."""
    return builder.text(f"option.{value}")


def _countries(builder: CardBuilder) -> Iterator[tuple[str, str]]:
    missions = builder.knowledge.offices(kind="consulate") if builder.knowledge else ()
    for country in dict.fromkeys(office.serves_country for office in missions):
        if country is not None:
            yield formatting.territory_name(country, builder.language), country


def _languages(builder: CardBuilder) -> Iterator[tuple[str, str]]:
    """The reader's own language first; a way of writing counts as the language that is spoken."""
    spoken = dict.fromkeys(entry.code.split("-")[0] for entry in enabled_languages())
    own = builder.language.split("-")[0]
    for code in sorted(spoken, key=lambda code: code != own):
        yield formatting.language_name(code, builder.language), code
    yield option_label(builder, ANY_LANGUAGE), ANY_LANGUAGE


def _wards(builder: CardBuilder, prefix: str) -> Iterator[tuple[str, str]]:
    for ward in builder.knowledge.wards() if builder.knowledge else ():
        yield formatting.name(ward.names, builder.language), f"{prefix}{ward.id}"


def _day_label(builder: CardBuilder, day: dt.date, request: Request) -> str:
    shown = formatting.day(day, builder.language)
    return builder.text("task.today", date=shown) if day == request.today else shown


def _days(today: dt.date) -> Sequence[dt.date]:
    """Today, the next day on which offices work, and a week from now."""
    working = next_working_day(today + dt.timedelta(days=1))
    return list(dict.fromkeys((today, working, today + dt.timedelta(days=7))))


def next_working_day(day: dt.date) -> dt.date:
    """The first day, from `day` on, on which offices work."""
    hours = parse_hours(choices().working_days)
    while not hours.on(day):
        day += dt.timedelta(days=1)
    return day


def _coming_days(today: dt.date) -> Sequence[dt.date]:
    """Tomorrow, and the next Saturday and Sunday."""
    weekend = [today + dt.timedelta(days=(weekday - today.weekday()) % 7 or 7) for weekday in (5, 6)]
    return sorted({today + dt.timedelta(days=1), *weekend})
