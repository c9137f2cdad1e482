"""The one door to answers: actions, gateway and tests ask here and get a card back.

Nothing here raises for want of knowledge: an unknown id becomes the fallback card, an unreadable store a card that says
whom to call.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, get_args

from bot.answers import conversation, emergency, formatting, guided, lists, office, procedures, show, topics
from bot.answers.builder import CardBuilder
from bot.answers.card import About, Card, CardAction
from bot.answers.contacts import EmergencyKind, choices
from bot.answers.request import TOKYO, OfficeAsk, ProcedureAsk, Request
from bot.dialogue.payload import Payload
from bot.dialogue.payload import build as build_payload
from bot.dialogue.tasks import ANY_TIME, ANYWHERE, TaskState
from bot.i18n import text
from bot.i18n.catalogues import SOURCE_LANGUAGE
from bot.knowledge.models import Office, OfficeKind, Topic
from bot.knowledge.store import PublicKnowledge
from bot.settings import settings

Clock = Callable[[], dt.datetime]


def tokyo_now() -> dt.datetime:
    """The present moment in Yokohama, aware."""
    return dt.datetime.now(TOKYO)


class AnswerService:
    """Builds the cards from what residents may see. `knowledge` None: only texts and emergency numbers."""

    def __init__(self, knowledge: PublicKnowledge | None, clock: Clock = tokyo_now) -> None:
        self.knowledge = knowledge
        self.clock = clock

    def request(self, language: str, **details: Any) -> Request:
        """A request at the present moment."""
        return Request(language=language, now=self.clock(), **details)

    def emergency(self, kind: EmergencyKind, request: Request) -> Card:
        """The emergency card; never fails."""
        return emergency.emergency_card(self.knowledge, kind, request)

    def talk(self, name: str, request: Request) -> Card:
        """Small talk from the catalogue: `greet`, `thank`, `goodbye`, `bot_identity`, `help`, `affirm`, `deny`."""
        return conversation.talk_card(name, request)

    def language(self, request: Request, *, chosen: bool) -> Card:
        """Language chosen, or all languages to choose from."""
        return conversation.language_card(request, chosen=chosen)

    def person(self, request: Request) -> Card:
        """Hand-over to a person."""
        return conversation.person_card(self.knowledge, request)

    def stored(self, request: Request) -> Card:
        """What is kept of a conversation, and for how long."""
        return conversation.privacy_card("stored", request, days=settings().retention_days)

    def deleted(self, request: Request, *, pending: bool = False) -> Card:
        """The conversation has been deleted; `pending`: it will be as soon as the disk allows it."""
        return conversation.privacy_card("delete_pending" if pending else "deleted", request)

    def steering(self, name: str, request: Request) -> Card:
        """After a command: `started_over`, `stopped`, `nothing_to_stop`, `nothing_before`."""
        return conversation.steering_card(name, request)

    def feedback(self, answer: str, right: bool, reason: str | None, request: Request) -> Card:
        """Thanks for feedback, or the question what was wrong."""
        return conversation.feedback_card(answer, right, reason, request)

    def station_near(self, position: tuple[float, float]) -> str | None:
        """The id of the station nearest to a position (WGS 84)."""
        station = guided.nearest_station(self.knowledge, position)
        return station.id if station else None

    def task_menu(self, request: Request) -> Card:
        """The guided tasks to choose from."""
        return guided.menu_card(request)

    def task(self, state: TaskState, request: Request, *, misses: int = 0) -> Card:
        """The next question of a guided task, or its result."""
        if state.next_step is not None:
            return guided.question_card(self.knowledge, state, request, misses=misses)
        if self.knowledge is None:
            return self.fallback(request)
        return guided.result_card(self.knowledge, state, request)

    def out_of_scope(self, request: Request) -> Card:
        """Not the guide's subject."""
        return conversation.out_of_scope_card(self.knowledge, request)

    def fallback(self, request: Request, topic_ids: Sequence[str] = ()) -> Card:
        """Nothing fits; `topic_ids` are the nearest topics."""
        return conversation.fallback_card(self.knowledge, topic_ids, request)

    def unsure(self, candidates: Sequence[Mapping[str, Any]], request: Request) -> Card:
        """Did you mean."""
        if self.knowledge is None:
            return self.fallback(request)
        return conversation.unsure_card(self.knowledge, candidates, request)

    def topic(self, identifier: str, request: Request) -> Card:
        """One topic by id."""
        found = self.knowledge.topic(identifier) if self.knowledge else None
        if self.knowledge is None or found is None:
            return self.fallback(request)
        return topics.topic_card(self.knowledge, found, request)

    def topic_of_intent(self, intent: str, request: Request) -> Card:
        """The first topic of a frequent intent, the others as further questions."""
        found = list(self.knowledge.topics(intent=intent)) if self.knowledge else []
        if self.knowledge is None or not found:
            return self.fallback(request)
        answerable = [topic for topic in found if isinstance(topic, Topic)]
        first = answerable[0] if answerable else found[0]
        return topics.topic_card(self.knowledge, first, request, answerable)

    def office(self, ask: OfficeAsk, identifiers: Sequence[str], request: Request) -> Card:
        """One question about one office or a few; too many become a question back."""
        if self.knowledge is None:
            return self.fallback(request)
        offices = [
            found for found in (self.knowledge.office(identifier) for identifier in identifiers) if found is not None
        ]
        if not offices:
            return self.which_office(ask, (), request)
        if len(offices) > choices().many_offices:
            return self.which_office(ask, offices, request)
        return office.office_card(self.knowledge, offices, ask, request)

    def which_office(self, ask: OfficeAsk, offices: Sequence[Office], request: Request) -> Card:
        """Asks which office is meant: those given, or the kinds people ask for most."""
        builder = CardBuilder(request.language, request.now, self.knowledge)
        for entry in offices:
            builder.reply(formatting.name(entry.names, request.language), build_payload("office", id=entry.id, ask=ask))
        if not offices:
            builder.reply(
                builder.text("kind.passport_centre"), build_payload("office", kind="passport_centre", ask=ask)
            )
            builder.reply(builder.text("kind.lounge"), build_payload("office", kind="lounge", ask=ask))
            builder.reply(
                builder.text("kind.consultation_centre"), build_payload("office", kind="consultation_centre", ask=ask)
            )
        return builder.build("clarify", builder.text("office.which"),
                             about=About(request.intent, confidence=request.confidence))  # fmt: skip

    def list_offices(self, kind: OfficeKind, ward_id: str | None, request: Request) -> Card:
        """The offices of a kind (in a ward); where none of them speaks a language asked for, the desks that do."""
        if self.knowledge is None:
            return self.fallback(request)
        ward = self.knowledge.ward(ward_id) if ward_id else None
        card = lists.list_card(self.knowledge, kind, ward, request)
        if card.status == "unanswered" and request.spoken:
            place = f"ward:{ward.id}" if ward else ANYWHERE
            wish = f"need:{choices().person_need},language:{request.spoken},place:{place},time:{ANY_TIME}"
            return guided.result_card(self.knowledge, TaskState.decoded("desk", wish), request)
        return card

    def nearest(self, kind: OfficeKind, ward_id: str | None, station_id: str | None, request: Request) -> Card:
        """The offices of a kind nearest to a station, ward, or the reader's position."""
        if self.knowledge is None:
            return self.fallback(request)
        place = (self.knowledge.station(station_id) if station_id else None) or (
            self.knowledge.ward(ward_id) if ward_id else None
        )
        if place is None and request.position is None:
            few = self.ids_of_kind(kind)
            if len(few) <= choices().many_offices:  # no need to ask where from: all of them fit on one card
                return self.office("location", few, request)
        return lists.nearest_card(self.knowledge, kind, place, request)

    def procedure(self, ask: ProcedureAsk, identifier: str | None, request: Request) -> Card:
        """One question about a procedure; without one, a general answer where there is one, else which is meant."""
        if self.knowledge is None:
            return self.fallback(request)
        wanted = identifier or (choices().passport.choices[0] if ask in procedures.ASKED_IN_GENERAL else None)
        found = self.knowledge.procedure(wanted) if wanted else None
        if found is None:
            return procedures.which_procedure_card(self.knowledge, ask, request)
        if found.id == choices().passport.foreign_procedure:
            return self.foreign_passport(None, request)
        return procedures.procedure_card(self.knowledge, found, ask, request, named=identifier is not None)

    def foreign_passport(self, country: str | None, request: Request) -> Card:
        """Passports of other countries."""
        if self.knowledge is None:
            return self.fallback(request)
        return procedures.foreign_passport_card(self.knowledge, country, request)

    def country_of(self, office_ids: Sequence[str]) -> str | None:
        """The country whose mission is among the offices (ISO 3166-1 alpha-2), or None."""
        offices = (self.knowledge.office(identifier) if self.knowledge else None for identifier in office_ids)
        return next((entry.serves_country for entry in offices if entry and entry.serves_country), None)

    def ward_of(self, office_ids: Sequence[str]) -> str | None:
        """The ward of the only office among those given (a lounge named by its ward), or None."""
        office = self.knowledge.office(office_ids[0]) if self.knowledge and len(office_ids) == 1 else None
        return office.ward if office else None

    def from_payload(self, payload: Payload, request: Request) -> Card:
        """The card a quick reply asks for, without Rasa."""
        if (inner := payload.original) is not None:
            return self.from_payload(inner, replace(request, language=SOURCE_LANGUAGE))
        if (inner := payload.wrapped) is not None:
            # The hand-over goes by the reader's language: the clerk must see the same desks.
            spoken = request.language.split("-")[0] if inner.name == "person" else None
            asked = replace(request, spoken=request.spoken or spoken)
            own, japanese = asked, replace(asked, language=SOURCE_LANGUAGE)
            return show.side_by_side(self.from_payload(inner, own), self.from_payload(inner, japanese))
        value = payload.get
        match payload.name:
            case "task":
                state = payload.task
                return self.task(state, request) if state is not None else self.task_menu(request)
            case "feedback":
                return self.feedback(value("answer") or "", value("right") == "yes", value("reason"), request)
            case "what_is_stored":
                return self.stored(request)
            case "delete_my_data":
                return self.deleted(request)
            case "stop":
                return self.steering("stopped", request)
            case "start_over":
                return self.steering("started_over", request)
            case "back":
                return self.steering("nothing_before", request)
            case "topic":
                if intent := value("intent"):
                    return self.topic_of_intent(intent, request)
                return self.topic(value("id") or "", request)
            case "office":
                ask: OfficeAsk = value("ask")  # type: ignore[assignment]
                identifier, kind = value("id"), value("kind")
                ids = [identifier] if identifier else self.ids_of_kind(kind)
                return self.office(ask, ids, request)
            case "list":
                return self.list_offices(value("kind"), value("ward"), request)  # type: ignore[arg-type]
            case "nearest":
                return self.nearest(value("kind"), value("ward"), value("station"), request)  # type: ignore[arg-type]
            case "procedure":
                return self.procedure(value("ask"), value("id"), request)  # type: ignore[arg-type]
            case "foreign_passport":
                return self.foreign_passport(value("country"), request)
            case "language":
                return self.language(replace(request, language=value("code") or request.language), chosen=True)
            case "emergency":
                return self.emergency(value("kind"), request)  # type: ignore[arg-type]
            case "person":
                return self.person(request)
            case "ask":
                return self.for_intent(value("intent") or "", request)
            case "greet" | "help":
                return self.talk(payload.name, request)
            case _:
                return self.fallback(request)

    def for_intent(self, intent: str, request: Request) -> Card:
        """The card of an intent named without any subject: what it asks back, or its own answer."""
        family, _, ask = intent.partition("_")
        if family == "office":
            return self.which_office(ask, (), request)  # type: ignore[arg-type]
        if family == "procedure":
            return self.procedure(ask, None, request)  # type: ignore[arg-type]
        if family == "topic":
            return self.topic_of_intent(intent, request)
        if family == "emergency" and ask in get_args(EmergencyKind):
            return self.emergency(ask, request)  # type: ignore[arg-type]
        match intent:
            case "list_offices":
                return self.list_offices(choices().default_list_kind, None, request)
            case "nearest_office":
                return self.nearest(choices().default_list_kind, None, None, request)
            case "foreign_passport":
                return self.foreign_passport(None, request)
            case "talk_to_person":
                return self.person(request)
            case "out_of_scope":
                return self.out_of_scope(request)
            case "change_language":
                return self.language(request, chosen=False)
            case "guided_task":
                return self.task_menu(request)
            case "what_is_stored":
                return self.stored(request)
            case "greet" | "thank" | "goodbye" | "bot_identity" | "help":
                return self.talk(intent, request)
        return self.fallback(request)

    def ids_of_kind(self, kind: str | None) -> list[str]:
        """Ids of all current offices of a kind."""
        if self.knowledge is None or kind is None:
            return []
        return [entry.id for entry in self.knowledge.offices(kind=kind) if entry.status != "ended"]

    def degraded(self, card: Card) -> Card:
        """The same card, marked as given while a part of the guide does not work."""
        if card.status == "emergency":
            return card
        notice = text("degraded.notice", card.language)
        return replace(card, status="degraded", notices=(*card.notices, notice))

    def search_answer(self, topic_ids: Sequence[str], request: Request, *, sure: bool) -> Card:
        """The answer from a search alone: the best topic when it is sure, else the choice of topics."""
        if sure and topic_ids:
            return self.topic(topic_ids[0], request)
        return self.fallback(request, topic_ids)

    def with_personal_data_notice(self, card: Card) -> Card:
        """The same card with the notice that personal data was hidden."""
        return replace(card, notices=(text("privacy.masked", card.language), *card.notices))

    def with_privacy_notice(self, card: Card) -> Card:
        """The same card with the line on what not to send, and how long what is sent is kept."""
        return replace(
            card, notices=(*card.notices, text("privacy.notice", card.language, days=settings().retention_days))
        )

    @property
    def default_kind(self) -> OfficeKind:
        """The kind of office meant when none is named."""
        return choices().default_list_kind

    def completed(self, card: Card, payload: str | None, *, outside_language: str | None = None) -> Card:
        """The card with what every answer carries: the payload that gives it again, the guided task that leads further,
        Japanese one tap away (alone, and beside the reader's language), a word on a language not offered."""
        if payload:
            card = replace(card, about=replace(card.about, payload=payload))
        if payload and card.beside is None and card.status != "clarify":
            card = replace(card, actions=(*self._task_offer(card), *card.actions, *self._japanese(card, payload)))
        if outside_language:
            card = replace(card, notices=(text("language.not_offered", card.language), *card.notices))
        return card

    def _task_offer(self, card: Card) -> tuple[CardAction, ...]:
        """The guided task that goes on where a plain answer ends."""
        about = card.about
        topic = self.knowledge.topic(about.topic) if self.knowledge and about.topic else None
        names = (topic.intent if topic else None, about.intent)
        task = next((choices().offer_task[name] for name in names if name in choices().offer_task), None)
        if task is None or about.task is not None or about.procedure == choices().passport.foreign_procedure:
            return ()
        return (CardAction(text(f"task.{task}.reply", card.language), build_payload("task", id=task)),)

    def _japanese(self, card: Card, payload: str) -> tuple[CardAction, ...]:
        if card.language == SOURCE_LANGUAGE:
            return ()
        return (
            CardAction(text("show.reply", card.language), build_payload("show", of=payload)),
            CardAction(text("original.reply", card.language), build_payload("original", of=payload)),
        )
