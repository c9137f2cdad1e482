"""Graph component: words of a message, by the tokenizer of its language."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.constants import TEXT_TOKENS
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.i18n.languages import enabled_languages
from bot.nlu.graph import fingerprint_of, message_language, message_text, own_code
from bot.nlu.parallel import spread
from bot.nlu.tokenization import Span, preload, spans
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
        return _tokens(text, spans(text, message_language(message)))

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Cuts the texts of all examples (their intents' names are nobody's words)."""
        examples = [example for example in training_data.training_examples if message_text(example)]
        texts = [(message_text(example), message_language(example)) for example in examples]
        found = spread(lambda part: [spans(text, language) for text, language in part], texts)
        for example, (text, _), pieces in zip(examples, texts, found, strict=True):
            example.set(TEXT_TOKENS, _tokens(text, pieces))
        return training_data


def _tokens(text: str, pieces: list[Span]) -> list[Token]:
    return [Token(text[piece.start : piece.end], piece.start, piece.end, lemma=piece.text) for piece in pieces]
