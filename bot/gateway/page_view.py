"""Turns a conversation into the page's HTML. Answers are text: nothing in them becomes markup or script."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

import structlog
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from bot.answers import formatting
from bot.answers.card import Card, CardAction, Row
from bot.answers.contacts import EmergencyKind, emergency_numbers
from bot.gateway.conversations import Entry
from bot.i18n import text
from bot.i18n.furigana import to_ruby
from bot.i18n.languages import enabled_languages, language, registry

log = structlog.get_logger(__name__)

_JUDGED: Final = frozenset({"answered", "unanswered", "handoff", "degraded"})
_NOT_JUDGED: Final = frozenset(
    {"greet", "thank", "goodbye", "affirm", "deny", "change_language", "feedback", "delete_my_data", "stop",
     "start_over", "go_back"}
)  # fmt: skip
_DIALLED = re.compile(r"[+#*]?[0-9][0-9-]{1,20}")
_MAIL = re.compile(r"[^@\s:?&/<>\"]+@[^@\s:?&/<>\"]+")
_STRIP: Final[tuple[tuple[EmergencyKind, str], ...]] = (
    ("fire", "page.emergency.fire"),
    ("crime", "page.emergency.police"),
)


@dataclass(frozen=True, slots=True)
class Item:
    """One message as the page shows it. `card` None with author `guide`: only the text can be shown.

    `answer`: the id for feedback, "" where there is nothing to judge.
    """

    author: str
    language: str
    text: str
    card: Card | None = None
    latest: bool = False
    answer: str = ""


@dataclass(frozen=True, slots=True)
class EmergencyNumber:
    """A number of the strip at the top, and the key of what it is for."""

    key: str
    number: str


@dataclass(frozen=True, slots=True)
class View:
    """Everything a page shows. `language` is the page's own; `error` a finished text; `draft` what was typed."""

    language: str
    items: Sequence[Item] = ()
    form_token: str = ""
    first_visit: bool = False
    begun: bool = False
    retention_days: int = 30
    draft: str = ""
    error: str | Markup = ""


def render_page(view: View) -> str:
    """The chat page."""
    return _render("page.html", view)


def render_answer(card: Card, language: str) -> str:
    """One answer on a page of its own, to be printed, linked or shown."""
    return _render("answer.html", View(language=language, items=[Item("guide", language, "", card)]))


def render_error(view: View) -> str:
    """A page that only says what went wrong."""
    return _render("error.html", view)


def items_of(entries: Sequence[Entry]) -> list[Item]:
    """The messages of a conversation; the last question (or else the last answer) is where the page opens."""
    questions = [place for place, entry in enumerate(entries) if entry.author == "resident"]
    latest = questions[-1] if questions else len(entries) - 1
    return [
        Item(entry.author, entry.language, entry.text, card := _card(entry), place == latest, _judged(entry, card))
        for place, entry in enumerate(entries)
    ]


def _judged(entry: Entry, card: Card | None) -> str:
    """The answer's id if a reader can say whether it was right: it is an answer, not a question or small talk."""
    if card is None or entry.answer is None or card.about.intent is None or card.about.intent in _NOT_JUDGED:
        return ""
    return entry.answer if card.status in _JUDGED else ""


def display(value: str, code: str) -> Markup:
    """A text as HTML: escaped, line breaks kept, readings above kanji where the language is shown with them."""
    found = registry().find(code)
    if found is not None and found.furigana:
        try:
            return Markup("<br>").join(to_ruby(line) for line in value.split("\n"))
        except Exception:
            log.exception("furigana failed")
    return lines(value)


def lines(value: str) -> Markup:
    """A text as HTML, escaped, line breaks kept."""
    return Markup("<br>").join(escape(line) for line in value.split("\n"))


def telephone(number: str) -> str:
    """The `tel:` address of a number, or "" when it is none."""
    return f"tel:{quote(number, safe='+*-')}" if _DIALLED.fullmatch(number) else ""


def web(address: str | None) -> str:
    """The address if it leads to the web, else ""."""
    return address if address is not None and re.match(r"https?://[^\s\"<>]+$", address, re.IGNORECASE) else ""


def mail(address: str) -> str:
    """The `mailto:` address, or "" when it is none."""
    return f"mailto:{address}" if _MAIL.fullmatch(address) else ""


def row_address(row: Row) -> str:
    """Where a row's value leads, or "" when it is only to be read."""
    target = row.target or ""
    if row.kind == "phone":
        return telephone(target)
    if row.kind == "email":
        return mail(target)
    return web(target)


def action_address(action: CardAction) -> str:
    """Where an action leads, or "" when its address is not to be trusted."""
    if action.kind == "call":
        return telephone(action.payload)
    if action.kind == "email":
        return mail(action.payload)
    return web(action.payload)


def answer_page(card: Card) -> str:
    """The address that shows a card's answer by itself, in its language beside the Japanese; "" without one."""
    payload = card.about.payload
    return f"/answer?of={quote(payload, safe='')}&language={quote(card.language)}" if payload else ""


def _card(entry: Entry) -> Card | None:
    if entry.card is None:
        return None
    try:
        return Card.from_dict(entry.card)
    except ValueError:
        return None


def _day(iso: str, code: str) -> str:
    try:
        return formatting.reduced_date(iso, code)
    except ValueError:
        return iso


def _emergency_strip() -> list[EmergencyNumber]:
    try:
        numbers = emergency_numbers()
        return [EmergencyNumber(key, numbers[kind][0].number) for kind, key in _STRIP if numbers.get(kind)]
    except Exception:
        log.exception("emergency numbers cannot be read")
        return []


def _render(template: str, view: View) -> str:
    code = view.language

    def say(key: str, **values: object) -> str:
        return text(key, code, **values)

    def show(key: str, **values: object) -> Markup:
        return display(text(key, code, **values), code)

    return _environment.get_template(template).render(
        language=code,
        own_name=language(code).name,
        languages=enabled_languages(),
        emergency=_emergency_strip(),
        items=view.items,
        form_token=view.form_token,
        first_visit=view.first_visit,
        begun=view.begun,
        retention_days=view.retention_days,
        draft=view.draft,
        error=view.error,
        say=say,
        show=show,
    )


def _environment_() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        display=display,
        lines=lines,
        localised=lambda key, code: display(text(key, code), code),
        tel=telephone,
        web=web,
        day=_day,
        row_address=row_address,
        action_address=action_address,
        answer_page=answer_page,
    )
    # Names of sources are given as the sources themselves write them.
    environment.globals["source_language"] = registry().first.code
    return environment


_environment = _environment_()
