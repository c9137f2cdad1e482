"""The emergency card: numbers first, in every language, even when the knowledge store cannot be read."""

from __future__ import annotations

from bot.answers import formatting
from bot.answers.builder import CardBuilder
from bot.answers.card import About, Card, CardAction, Row
from bot.answers.contacts import EmergencyKind, emergency_numbers
from bot.answers.request import Request
from bot.dialogue.payload import build as build_payload
from bot.knowledge.store import PublicKnowledge


def emergency_card(knowledge: PublicKnowledge | None, kind: EmergencyKind, request: Request) -> Card:
    """The card for one kind of emergency. `knowledge` None: the numbers stand without their offices' details."""
    builder = CardBuilder(request.language, request.now, knowledge)
    for entry in emergency_numbers()[kind]:
        office = knowledge.office(entry.office) if knowledge else None
        label = formatting.official_name(office.names, request.language) if office else builder.text("row.phone")
        builder.rows.append(Row(label, entry.number, "phone", entry.number))
        builder.actions.append(CardAction(builder.text("action.call", phone=entry.number), entry.number, "call"))
        fact = next((phone for phone in office.phones if phone.number == entry.number), None) if office else None
        if fact is not None:
            builder.use(fact, label)
    builder.reply(builder.text("person.reply"), build_payload("person"))
    about = About(
        f"emergency_{kind}", offices=tuple(e.office for e in emergency_numbers()[kind]), confidence=request.confidence
    )
    return builder.build(
        "emergency", builder.text(f"emergency.{kind}.title"), builder.text(f"emergency.{kind}.body"), about
    )
