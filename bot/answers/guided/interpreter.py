"""I need an interpreter: who can ask, how, cost, the phone to call, and a sentence in Japanese to show."""

from __future__ import annotations

from bot.answers import formatting, hours
from bot.answers.builder import CardBuilder
from bot.answers.card import About, Card, Row
from bot.answers.contacts import choices
from bot.answers.office import contact_actions, language_line, same_language, voice_of
from bot.answers.request import Request
from bot.answers.topics import use_topic
from bot.dialogue.tasks import ANY_LANGUAGE, TaskState
from bot.i18n import text
from bot.i18n.catalogues import SOURCE_LANGUAGE


def interpreter_result(builder: CardBuilder, state: TaskState, request: Request) -> Card:
    """The way that fits the place and the time left, from the topics `data/answers.yaml` names for it."""
    assert builder.knowledge is not None
    where, when, spoken = state.get("where") or "", state.get("when") or "", state.get("language") or ANY_LANGUAGE
    plan = choices().interpreter
    for identifier in plan.topics[where].get(when) or plan.topics[where]["any"]:
        use_topic(builder, identifier)
    _sentence(builder, where, spoken)
    office = builder.knowledge.office(plan.offices[where])
    if office is not None:
        label = formatting.official_name(office.names, builder.language)
        voice = voice_of(office)
        if voice is not None:
            builder.rows.append(Row(label, voice.number, "phone", voice.number))
            builder.use(voice, label)
        if office.schedules:
            builder.row("row.hours", hours.week(builder, office.schedules[0].hours), "hours", fact=office.schedules[0])
            builder.row("row.open_now", hours.now(builder, office.schedules[0].hours, request), "hours")
        entry = next((one for one in office.languages if same_language(one.code, spoken)), None)
        if entry is not None:
            builder.row("row.languages", language_line(builder, entry, request), "languages", fact=entry)
        elif spoken != ANY_LANGUAGE:
            asked = formatting.language_name(spoken, builder.language)
            builder.notice(builder.text("interpreter.ask_language", language=asked))
        contact_actions(builder, office)
    if when == "now":
        builder.notice(builder.text("interpreter.now"))
    title = builder.text("interpreter.title", where=builder.text(f"option.{where}"))
    return builder.build("answered", title, "", About(request.intent, offices=(plan.offices[where],)))


def _sentence(builder: CardBuilder, where: str, spoken: str) -> None:
    """What to show at the counter, in Japanese with its meaning below."""

    def sentence(code: str) -> str:
        said = text(f"interpreter.sentence.{where}", code)
        if spoken == ANY_LANGUAGE:
            return said
        name = formatting.language_name(spoken, code)
        return f"{said} {text('interpreter.my_language', code, language=name)}"

    meaning = sentence(builder.language)
    japanese = sentence(SOURCE_LANGUAGE)
    builder.text(f"interpreter.sentence.{where}")
    value = japanese if builder.language == SOURCE_LANGUAGE else f"{japanese}\n{meaning}"
    builder.row("row.show_this", value)
