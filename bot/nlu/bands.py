"""Graph component: sure, unsure or lost."""

from __future__ import annotations

from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.families import DEFAULT_FAMILIES, family_confidence
from bot.nlu.graph import (
    CANDIDATES,
    CLASSES,
    FOUND_TOPIC,
    SAFETY,
    THRESHOLDS,
    TOPICS,
    Component,
    is_payload,
    message_language,
)
from bot.nlu.topic_questions import ASK_TOPIC

UNSURE = "nlu_unsure"
FALLBACK = "nlu_fallback"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class ConfidenceBands(Component):
    """Keeps a sure intent; an unsure one becomes `nlu_unsure` with `candidates`, a lost one `nlu_fallback`.

    The borders come from the classifier, which calibrated them a language on held-out predictions; `borders` in the
    configuration overrides them.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """The borders and what is asked back.

        `borders`: {language or `default`: {sure: …, lost: …}}, probabilities. `easy`: {intent: probability from which
        it is kept although the border is higher}: small talk, where a wrong answer costs nothing. An intent `ahead`
        times as likely as the next is kept from `grace` times the border on. `candidates`: how many meanings are
        offered at most; `candidate`: the least probability of one. `topic`: the least score of a topic that is
        offered. `never`: intents that are never offered. `families`: prefixes of intents that answer much the same
        (`bot.nlu.families`); one that leads with `leading` is kept when its family as a whole is sure. `supported`:
        {prefix of an intent: entities}: with one of them in the text it is kept from `support` times the border on.
        """
        return {
            "borders": {},
            "easy": {"greet": 0.3, "thank": 0.3, "goodbye": 0.35, "affirm": 0.35, "deny": 0.35, "help": 0.4},
            "ahead": 3.0,
            "grace": 0.8,
            "candidates": 3,
            "candidate": 0.06,
            "topic": 0.15,
            "families": [list(prefixes) for prefixes in DEFAULT_FAMILIES],
            "leading": 0.3,
            "support": 0.7,
            "supported": {
                "office_": ["office", "office_kind", "ward"],
                "nearest_office": ["station", "ward"],
                "list_offices": ["office_kind", "ward"],
                "procedure_": ["procedure", "passport_type"],
                "foreign_passport": ["country"],
            },
            "never": ["out_of_scope", "affirm", "deny", "greet", "thank", "goodbye", UNSURE, FALLBACK],
        }

    def understand(self, message: Message) -> None:
        """See `Component`."""
        message.set(CANDIDATES, [], add_to_output=True)
        if is_payload(message):
            return
        intent = message.get("intent") or {}
        name, confidence = intent.get("name"), float(intent.get("confidence") or 0.0)
        if (message.get(SAFETY) or {}).get("kind") or message.get(FOUND_TOPIC):
            return
        ranking = message.get("intent_ranking") or []
        sure, lost = self._borders(message)
        entities = {str(entity.get("entity")) for entity in message.get("entities") or ()}
        together = family_confidence(str(name), message.get(CLASSES) or {}, self.config["families"])
        if name not in (None, ASK_TOPIC) and self._is_sure(name, confidence, ranking, sure, entities, together):
            return
        candidates = self._candidates(message, ranking) if confidence >= lost or message.get(TOPICS) else []
        if confidence < lost and not any(found["intent"] == ASK_TOPIC for found in candidates):
            candidates = []
        verdict = {"name": UNSURE if candidates else FALLBACK, "confidence": 1.0 - confidence}
        message.set(CANDIDATES, candidates, add_to_output=True)
        message.set("intent", verdict, add_to_output=True)
        message.set("intent_ranking", [verdict, *ranking], add_to_output=True)

    def _borders(self, message: Message) -> tuple[float, float]:
        table = self.config["borders"]
        own = table.get(message_language(message)) or table.get("default") or {}
        learnt = message.get(THRESHOLDS) or {}
        return float(own.get("sure", learnt.get("sure", 0.6))), float(own.get("lost", learnt.get("lost", 0.2)))

    def _is_sure(
        self,
        name: str,
        confidence: float,
        ranking: list[dict[str, Any]],
        sure: float,
        entities: set[str],
        together: float,
    ) -> bool:
        if self._is_supported(name, entities) and confidence >= float(self.config["support"]) * sure:
            return True
        if confidence >= min(sure, self.config["easy"].get(name, sure)):
            return True
        if confidence >= float(self.config["leading"]) and together >= sure:
            return True
        second = float(ranking[1]["confidence"]) if len(ranking) > 1 else 0.0
        return confidence >= max(float(self.config["grace"]) * sure, float(self.config["ahead"]) * second)

    def _is_supported(self, name: str, entities: set[str]) -> bool:
        return any(
            name.startswith(prefix) and not entities.isdisjoint(supporting)
            for prefix, supporting in self.config["supported"].items()
        )

    def _candidates(self, message: Message, ranking: list[dict[str, Any]]) -> list[dict[str, Any]]:
        found = [
            {"intent": row["name"], "topic": None, "confidence": float(row["confidence"])}
            for row in ranking
            if row["confidence"] >= self.config["candidate"] and row["name"] not in (*self.config["never"], ASK_TOPIC)
        ]
        found += [
            {"intent": ASK_TOPIC, "topic": row["topic"], "confidence": float(row["score"])}
            for row in message.get(TOPICS) or ()
            if row["score"] >= self.config["topic"]
        ]
        found.sort(key=lambda candidate: -float(candidate["confidence"]))
        return found[: int(self.config["candidates"])]
