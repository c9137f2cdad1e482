"""Guided tasks as data: every way through them ends within five questions, and only their own answers are taken."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.dialogue.payload import PayloadError, build, of_task, parse, to_rasa
from bot.dialogue.tasks import MOST_STEPS, TaskError, TaskState, longest_path, tasks
from bot.i18n import has_text

SAMPLES = {
    "country": "BR", "language": "vi", "ward": "naka", "place": "ward:tsurumi", "date": "2026-12-05", "time": "now",
}  # fmt: skip


def ways(state: TaskState) -> Iterator[TaskState]:
    """Every complete state that the choices lead to from here."""
    step = state.next_step
    if step is None:
        yield state
        return
    for value in step.options or (SAMPLES[step.kind],):
        yield from ways(state.answered(value))


@pytest.mark.parametrize("name", tasks())
def test_at_most_five_questions(name: str) -> None:
    assert 1 <= longest_path(tasks()[name]) <= MOST_STEPS


@pytest.mark.parametrize("name", tasks())
def test_every_question_and_option_has_its_text(name: str) -> None:
    for step in tasks()[name].steps:
        assert has_text(f"task.{name}.{step.id}")
        assert has_text(f"task.hint.{step.kind}")
        assert all(has_text(f"option.{option}") for option in step.options)


@pytest.mark.parametrize("name", tasks())
def test_a_state_survives_as_a_payload(name: str) -> None:
    for state in ways(TaskState(name)):
        payload = parse(of_task(state))
        assert payload.task == state
        assert to_rasa(payload).startswith("/task_result{")
        assert to_rasa(parse(of_task(state.back))).startswith("/guided_task{")
        parse(build("show", of=of_task(state)))


def test_a_question_that_does_not_matter_is_not_asked() -> None:
    lost = TaskState("passport").answered("lost").answered("yokohama")
    assert lost.next_step is not None
    assert lost.next_step.id == "day"
    assert TaskState("passport").answered("foreign").answered("BR").next_step is None


@pytest.mark.parametrize(
    ("task", "answers"),
    [
        ("nothing", None),
        ("passport", "registered:yokohama"),
        ("passport", "whose:nobody"),
        ("passport", "whose:lost,channel:online"),
        ("passport", "whose:lost,whose:lost"),
        ("passport", "whose:lost,registered:yokohama,day:2026-13-40"),
        ("passport", "whose:lost,registered:yokohama,day:20261205"),
        ("desk", "need:visa,language:Vietnamese please"),
        ("desk", "need:visa,language:vi,place:moon:crater"),
        ("desk", "need:visa,language:vi,place:anywhere,time:2026-12-05T25:00"),
        ("ukraine", "about:everything,about:money"),
    ],
)
def test_other_answers_are_refused(task: str, answers: str | None) -> None:
    with pytest.raises(TaskError):
        TaskState.decoded(task, answers)
    with pytest.raises(PayloadError):
        build("task", id=task, answers=answers)


def test_ids_are_confirmed() -> None:
    def known(type_: str, value: str) -> bool:
        return (type_, value) != ("ward", "atlantis")

    parse("task?id=desk&answers=need%3Avisa%2Clanguage%3Avi%2Cplace%3Award%3Anaka", known)
    with pytest.raises(PayloadError):
        parse("task?id=desk&answers=need%3Avisa%2Clanguage%3Avi%2Cplace%3Award%3Aatlantis", known)


def test_the_menu_has_no_answers() -> None:
    assert parse("task").task is None
    with pytest.raises(PayloadError):
        parse("task?answers=whose%3Alost")
