"""Rasa's own components that work without TensorFlow."""

from __future__ import annotations

from typing import Any


def lean_components() -> list[type[Any]]:
    """The classes that Rasa's default recipe registers in the lean install.

    A pipeline that names another one (DIETClassifier, TEDPolicy, …) is refused by Rasa with the component's name.
    """
    from rasa.core.policies.memoization import AugmentedMemoizationPolicy, MemoizationPolicy
    from rasa.core.policies.rule_policy import RulePolicy
    from rasa.nlu.classifiers.fallback_classifier import FallbackClassifier
    from rasa.nlu.classifiers.keyword_intent_classifier import KeywordIntentClassifier
    from rasa.nlu.extractors.entity_synonyms import EntitySynonymMapper
    from rasa.nlu.extractors.regex_entity_extractor import RegexEntityExtractor
    from rasa.nlu.tokenizers.whitespace_tokenizer import WhitespaceTokenizer

    return [
        AugmentedMemoizationPolicy,
        EntitySynonymMapper,
        FallbackClassifier,
        KeywordIntentClassifier,
        MemoizationPolicy,
        RegexEntityExtractor,
        RulePolicy,
        WhitespaceTokenizer,
    ]
