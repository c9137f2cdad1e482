"""What Rasa trains on: the example files of the enabled languages, and the knowledge's ways to ask each topic."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.entities_parser import parse_training_example
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.i18n.languages import registry
from bot.nlu.example_files import Example, read_file
from bot.nlu.topic_questions import TopicExample, topic_examples


class GuideImporter(RasaFileImporter):
    """Rasa's importer of files, without languages that are not offered, with the topics (`importers` of config.yml).

    Rasa reads each file three times with a slow YAML reader; the many examples are read here.
    """

    def __init__(
        self,
        config_file: str | None = None,
        domain_path: str | None = None,
        training_data_paths: list[str] | str | None = None,
    ) -> None:
        """See `RasaFileImporter`. A folder named as a language of the registry holds that language's examples."""
        given = [training_data_paths] if isinstance(training_data_paths, str) else training_data_paths or ()
        files = [path for each in given for path in _files(Path(each))]
        self._messages: list[Message] | None = None
        self._examples = [path for path in files if registry().find(path.parent.name)]
        super().__init__(config_file, domain_path, [str(path) for path in files if path not in self._examples])

    def get_nlu_data(self, language: str | None = "en") -> TrainingData:
        """The examples of the files and of the knowledge (intent `ask_topic`; topic and area in the metadata)."""
        found: TrainingData = super().get_nlu_data(language)
        return found.merge(TrainingData(self._read_messages())) if self._examples else found

    def _read_messages(self) -> list[Message]:
        """Rasa asks for the data several times and copies what it gets: everything is read once."""
        if self._messages is None:
            offered = [path for path in self._examples if registry().get(path.parent.name).enabled]
            messages = [_message(example) for path in offered for example in read_file(path)] + _topic_messages()
            for message in messages:
                _stamp(message)
            self._messages = messages
        return self._messages


def _files(path: Path) -> list[Path]:
    return [path] if path.is_file() else sorted(each for each in path.rglob("*.y*ml") if each.is_file())


def _message(example: Example) -> Message:
    """An example as Rasa builds it, with its language."""
    message: Message = parse_training_example(example.text, example.intent)
    message.set("metadata", {INTENT: {"language": example.language}})
    return message


def _stamp(message: Message) -> None:
    """Spare Rasa the hashing of each part of each message whenever it puts training data together."""
    content = json.dumps(message.data, sort_keys=True, ensure_ascii=False)
    message._cached_fingerprint = hashlib.blake2b(content.encode(), digest_size=16).hexdigest()


def _topic_messages() -> list[Message]:
    """One message a way to ask a topic of the long tail, or one that a frequent intent covers."""
    return [Message(data=_data(example)) for example in topic_examples()]


def _data(example: TopicExample) -> dict[str, Any]:
    about = {"language": example.language, "topic": example.topic, "area": example.area}
    return {TEXT: example.text, INTENT: example.intent, "metadata": {INTENT: about}}
