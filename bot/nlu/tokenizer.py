"""Graph component: words of a message, by the tokenizer of its language."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message

from bot.i18n.languages import enabled_languages
from bot.nlu.graph import fingerprint_of, message_language, own_code
from bot.nlu.tokenization import preload, spans
from bot.settings import settings


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class MultilingualTokenizer(Tokenizer):
    """Tokens with positions in the text as typed; a token's `lemma` is its normalised form. Never raises."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Rasa's own settings of a tokenizer, and `preload`: load all offered languages' dictionaries at the start."""
        return {
            "intent_tokenization_flag": False,
            "intent_split_symbol": "_",
            "token_pattern": None,
            "prefix_separator_symbol": None,
            "preload": True,
        }

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Makes Rasa cut the examples again when the code, the registry or the choice of engines changed."""
        data = settings().data_dir
        return fingerprint_of((own_code(), data / "languages.yaml", data / "tokenizers.yaml"))

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **_: Any,
    ) -> MultilingualTokenizer:
        """A tokenizer that answers its first message as fast as the others."""
        if config["preload"]:
            preload(language.code for language in enabled_languages())
        return cls(config)

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        """Tokens of an attribute of the message."""
        text = message.get(attribute)
        return [
            Token(text[span.start : span.end], span.start, span.end, lemma=span.text)
            for span in spans(text, message_language(message))
        ]
