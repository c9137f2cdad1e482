"""Answers about procedures: steps, documents, fees on a date, duration, online, who may, collecting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from bot.answers import formatting, hours
from bot.answers.builder import CardBuilder
from bot.answers.card import About, Card, CardAction, Row
from bot.answers.contacts import choices
from bot.answers.office import contact_actions, hours_answer
from bot.answers.request import ProcedureAsk, Request
from bot.dialogue.payload import build as build_payload
from bot.knowledge.models import Fee, Office, Procedure, TextFact, Topic
from bot.knowledge.store import PublicKnowledge

ASKS: tuple[ProcedureAsk, ...] = ("how", "documents", "fee", "duration", "online", "eligibility", "collect")
ASKED_IN_GENERAL: frozenset[ProcedureAsk] = frozenset({"fee", "duration", "online", "collect", "eligibility"})
"""What has one answer for all passport procedures, so that it need not be asked which one is meant."""
_REPLIES: tuple[ProcedureAsk, ...] = ("documents", "fee", "duration", "online", "collect")


class _Case(NamedTuple):
    """What an answer about a procedure is made from."""

    builder: CardBuilder
    knowledge: PublicKnowledge
    procedure: Procedure
    offices: list[Office]
    request: Request


def which_procedure_card(knowledge: PublicKnowledge, ask: ProcedureAsk, request: Request) -> Card:
    """Asks which procedure is meant."""
    builder = CardBuilder(request.language, request.now, knowledge)
    for identifier in choices().passport.choices:
        procedure = knowledge.procedure(identifier)
        if procedure is not None:
            builder.reply(
                formatting.name(procedure.names, request.language), build_payload("procedure", id=identifier, ask=ask)
            )
    return builder.build(
        "clarify", builder.text("procedure.which"), about=About(request.intent, confidence=request.confidence)
    )


def procedure_card(
    knowledge: PublicKnowledge, procedure: Procedure, ask: ProcedureAsk, request: Request, *, named: bool = True
) -> Card:
    """The card that answers `ask` about a procedure; `named` False: it stands for all passport procedures."""
    builder = CardBuilder(request.language, request.now, knowledge)
    name = formatting.name(procedure.names, request.language)
    title = (
        builder.text(f"procedure.{ask}.title", procedure=name) if named else builder.text(f"procedure.{ask}.title_any")
    )
    offices = [
        office for office in (knowledge.office(identifier) for identifier in procedure.offices) if office is not None
    ]
    known = _ANSWERS[ask](_Case(builder, knowledge, procedure, offices, request))
    body = "" if known else builder.text(f"procedure.{ask}.unknown")
    if not known:
        ask_by_phone(builder)
    for note in procedure.notes if ask == "how" else ():
        builder.notice(builder.prose(note.text, "procedure"))
    for other in _REPLIES:
        if other != ask:
            builder.reply(
                builder.text(f"procedure.{other}.reply"), build_payload("procedure", id=procedure.id, ask=other)
            )
    if len(offices) > 1:
        builder.reply(
            builder.text("procedure.where.reply"), build_payload("office", kind=offices[0].kind, ask="location")
        )
    about = About(request.intent, offices=procedure.offices, procedure=procedure.id, confidence=request.confidence)
    return builder.build("answered" if known else "unanswered", title, body, about)


def _fact_row(builder: CardBuilder, label_key: str, fact: TextFact | None) -> bool:
    if fact is None:
        return False
    builder.row(label_key, builder.prose(fact.text, "procedure"), fact=fact)
    return True


def document_rows(builder: CardBuilder, label_key: str, facts: Sequence[TextFact]) -> bool:
    """A row with one line a fact. Whether there was any."""
    if not facts:
        return False
    label = builder.text(label_key)
    for fact in facts:
        builder.use(fact, label)
    lines = [builder.text("list.bullet", item=builder.prose(fact.text, "procedure")) for fact in facts]
    builder.rows.append(Row(label, "\n".join(lines), "document"))
    return True


def _how(case: _Case) -> bool:
    builder, procedure = case.builder, case.procedure
    known = document_rows(builder, "row.steps", procedure.steps)
    known = _fact_row(builder, "row.who", procedure.who) or known
    known = document_rows(builder, "row.documents", procedure.documents) or known
    known = _fact_row(builder, "row.online", procedure.online) or known
    _where(builder, case.offices)
    return known


def _documents(case: _Case) -> bool:
    builder = case.builder
    known = document_rows(builder, "row.documents", case.procedure.documents)
    _where(builder, case.offices)
    return known


def _duration(case: _Case) -> bool:
    return _fact_row(case.builder, "row.duration", case.procedure.duration)


def _online(case: _Case) -> bool:
    return _fact_row(case.builder, "row.online", case.procedure.online)


def _eligibility(case: _Case) -> bool:
    builder, procedure, offices, request = case.builder, case.procedure, case.offices, case.request
    known = _fact_row(builder, "row.who", procedure.who)
    for office in offices:
        if office.eligibility is not None:
            label = formatting.official_name(office.names, request.language)
            builder.rows.append(Row(label, builder.prose(office.eligibility.text, "office")))
            builder.use(office.eligibility, label)
            known = True
    return known


def _collect(case: _Case) -> bool:
    builder, procedure, offices, request = case.builder, case.procedure, case.offices, case.request
    known = _fact_row(builder, "row.collection", procedure.collection)
    for office in offices:
        schedules = [schedule for schedule in office.schedules if schedule.purpose == "collect"]
        label = formatting.official_name(office.names, request.language)
        if schedules:
            builder.rows.append(Row(label, hours_answer(builder, schedules, request), "hours"))
            known = True
        else:
            builder.rows.append(Row(label, builder.text("office.hours.unknown")))
        for note in office.notes:
            builder.notice(builder.prose(note.text, "office"))
    return known


def _fee(case: _Case) -> bool:
    return fee_rows(case.builder, case.procedure.id, case.request)


def fee_rows(builder: CardBuilder, procedure: str, request: Request) -> bool:
    """The fees on the day asked about (today without one), with the day. Whether any is known."""
    assert builder.knowledge is not None
    fees = fees_asked(builder.knowledge.fees(procedure, on=request.day or request.today), request)
    for fee in fees:
        _fee_row(builder, fee, request)
    if fees:
        builder.notice(
            builder.text("fee.on_date", date=formatting.date(request.day or request.today, request.language))
        )
    return bool(fees)


def fees_asked(fees: Sequence[Fee], request: Request) -> list[Fee]:
    """The fees of the passport type and channel asked about; all of them when none was named or none fits."""
    word = choices().passport.passport_types.get(request.passport_type or "")
    of_type = [fee for fee in fees if word and word in fee.id.split("_")] or list(fees)
    return [fee for fee in of_type if request.channel in (None, fee.channel) or fee.channel == "any"] or of_type


def _fee_row(builder: CardBuilder, fee: Fee, request: Request) -> None:
    code = request.language
    if fee.status == "known" and fee.amount is not None:
        value = formatting.yen(fee.amount, code)
    else:
        value = builder.text(f"fee.status.{fee.status}")
    validity = ""
    if fee.valid_from is not None:
        validity = builder.text("fee.valid_from", date=formatting.reduced_date(fee.valid_from, code))
    label = builder.prose(fee.item, "fee")
    if fee.channel != "any":
        label = builder.text("fee.item_channel", item=label, channel=builder.text(f"channel.{fee.channel}"))
    builder.rows.append(Row(label, f"{value} {validity}".strip(), "fee"))
    builder.use(fee, builder.text("row.fee"))
    if fee.note is not None:
        builder.notice(builder.prose(fee.note, "fee"))


def _where(builder: CardBuilder, offices: Sequence[Office]) -> None:
    for office in offices:
        if office.address is not None:
            label = formatting.official_name(office.names, builder.language)
            builder.rows.append(
                Row(label, builder.prose(office.address.text, "office"), "address", office.address.text.ja)
            )
            builder.use(office.address, builder.text("row.address"))


def ask_by_phone(builder: CardBuilder) -> None:
    """Names the office that knows about everything, with its number."""
    office = builder.knowledge.office(choices().general_office) if builder.knowledge else None
    voice = next((phone for phone in office.phones if phone.kind == "voice"), None) if office else None
    if office is not None and voice is not None:
        name = formatting.name(office.names, builder.language)
        builder.notice(builder.text("office.ask_other", office=name, phone=voice.number))
        builder.use(voice, name)
        builder.actions.append(CardAction(builder.text("action.call", phone=voice.number), voice.number, "call"))


def foreign_passport_card(knowledge: PublicKnowledge, country: str | None, request: Request) -> Card:
    """Where a person of another nationality gets a passport: at the own country's mission."""
    builder = CardBuilder(request.language, request.now, knowledge)
    procedure = knowledge.procedure(choices().passport.foreign_procedure)
    body = builder.text("foreign_passport.body")
    missions = [
        office for office in knowledge.offices(kind="consulate") if country and office.serves_country == country
    ]
    if procedure is not None and procedure.who is not None:
        builder.row("row.who", builder.prose(procedure.who.text, "procedure"), fact=procedure.who)
    if country is None:
        for office in knowledge.offices(kind="consulate"):
            if office.serves_country:
                builder.reply(formatting.territory_name(office.serves_country, request.language),
                              build_payload("foreign_passport", country=office.serves_country))  # fmt: skip
        title = builder.text("foreign_passport.title")
    else:
        title = builder.text(
            "foreign_passport.title_country", country=formatting.territory_name(country, request.language)
        )
        if not missions:
            builder.notice(builder.text("foreign_passport.mission_unknown"))
    for office in missions:
        _mission_row(builder, office, request)
        contact_actions(builder, office)
    about = About(request.intent, offices=tuple(office.id for office in missions),
                  procedure=choices().passport.foreign_procedure, confidence=request.confidence)  # fmt: skip
    return builder.build("answered", title, body, about)


def _mission_row(builder: CardBuilder, office: Office, request: Request) -> None:
    label = formatting.official_name(office.names, request.language)
    lines: list[str] = []
    if office.address is not None:
        lines.append(builder.prose(office.address.text, "office"))
        builder.use(office.address, label)
    for phone in office.phones:
        if phone.kind == "voice":
            lines.append(phone.number)
            builder.use(phone, label)
    for schedule in office.schedules:
        lines.append(hours.week(builder, schedule.hours))
        builder.use(schedule, label)
    if office.url is not None:
        lines.append(office.url.value)
    builder.use(office.provenance, label)
    for note in office.notes:
        builder.notice(builder.prose(note.text, "office"))
    builder.rows.append(Row(label, "\n".join(lines) or builder.text("office.no_details")))


def related_topics(knowledge: PublicKnowledge, intent: str) -> list[Topic]:
    """The answerable topics of a frequent intent, in file order."""
    return [topic for topic in knowledge.topics(intent=intent) if isinstance(topic, Topic)]


_ANSWERS = {
    "how": _how,
    "documents": _documents,
    "fee": _fee,
    "duration": _duration,
    "online": _online,
    "eligibility": _eligibility,
    "collect": _collect,
}
