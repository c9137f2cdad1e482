"""What Rasa trains on: the example files of the enabled languages, and the knowledge's ways to ask each topic."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.i18n.languages import registry
from bot.nlu.topic_questions import TopicExample, topic_examples


class GuideImporter(RasaFileImporter):
    """Rasa's importer of files, without languages that are not offered, with the topics (`importers` of config.yml)."""

    _nlu_files: list[str]

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """See `RasaFileImporter`. A folder named as a language of the registry holds that language's examples."""
        super().__init__(*arguments, **options)
        self._nlu_files = [path for path in self._nlu_files if _is_offered(Path(path).parent.name)]

    def get_nlu_data(self, language: str | None = "en") -> TrainingData:
        """The examples of the files and of the knowledge (intent `ask_topic`; topic and area in the metadata)."""
        files: TrainingData = super().get_nlu_data(language)
        return files.merge(TrainingData(_topic_messages())) if self._nlu_files else files


def _is_offered(folder: str) -> bool:
    entry = registry().find(folder)
    return entry is None or entry.enabled


def _topic_messages() -> list[Message]:
    """One message a way to ask a topic of the long tail, or one that a frequent intent covers."""
    return [Message(data=_data(example)) for example in topic_examples()]


def _data(example: TopicExample) -> dict[str, Any]:
    about = {"language": example.language, "topic": example.topic, "area": example.area}
    return {TEXT: example.text, INTENT: example.intent, "metadata": {INTENT: about}}
