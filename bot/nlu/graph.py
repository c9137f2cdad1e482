"""What our Rasa graph components share: fingerprints that know their data files, messages that survive a failure."""

from __future__ import annotations

import hashlib
import logging
import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.i18n.languages import registry
from bot.settings import settings

logger = logging.getLogger(__name__)

LANGUAGE = "language"
SAFETY = "safety"
TOPICS = "topics"
CANDIDATES = "candidates"
FOUND_TOPIC = "found_topic"
"""Key (not part of the output): the topic that retrieval decided for."""
CLASSES = "intent_classes"
"""Key (not part of the output): the classifier's probability of each class: an intent, or the topics of an area."""
THRESHOLDS = "intent_thresholds"
"""Key (not part of the output) under which the classifier hands its calibrated bands to the components after it."""


def fingerprint_of(paths: Iterable[Path]) -> str:
    """A hash of the contents of files, and of the YAML, catalogue and code files below folders; missing: empty."""
    digest = hashlib.sha256()
    for path in paths:
        files = (
            [path]
            if path.is_file()
            else sorted(p for kind in ("yaml", "yml", "po", "py") for p in path.rglob(f"*.{kind}"))
        )
        for file in files:
            digest.update(file.name.encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()


def own_code() -> Path:
    """The folder of these components' code: a change in it makes a trained component stale."""
    return Path(__file__).parent


def training_language(message: Message) -> str | None:
    """The language a training example was written in: `language` of its intent's metadata, if the registry has it."""
    code = _about_intent(message).get("language")
    return code if registry().find(code) else None


def training_area(message: Message) -> str | None:
    """The area of the knowledge of a topic's training example."""
    area = _about_intent(message).get("area")
    return area if isinstance(area, str) else None


def _about_intent(message: Message) -> Mapping[str, Any]:
    """What a training example's metadata say of its intent."""
    metadata = message.get("metadata")
    found = metadata.get("intent") if isinstance(metadata, dict) else None
    return found if isinstance(found, dict) else {}


def message_language(message: Message) -> str:
    """The language found for a message, the authoritative one where none was looked for."""
    found = message.get(LANGUAGE)
    return str(found["code"]) if isinstance(found, dict) and found.get("code") else registry().first.code


def message_text(message: Message) -> str:
    """The message's text, empty where it has none."""
    text = message.get(TEXT)
    return text if isinstance(text, str) else ""


def is_payload(message: Message) -> bool:
    """Whether the text is a command (`/intent{…}`) made by the gateway; Rasa reads it itself."""
    return message_text(message).startswith("/")


def examples_with_intent(training_data: TrainingData) -> list[Message]:
    """Training examples with a text and an intent."""
    return [example for example in training_data.intent_examples if message_text(example) and example.get("intent")]


class StampedTrainingData(TrainingData):
    """Training data that Rasa need not hash feature by feature after every component.

    Rasa does so to find out next time which components it may skip; whether to train at all, the supervisor decides.
    The first component of the pipeline hands it on.
    """

    _stamp: str

    @classmethod
    def of(cls, training_data: TrainingData) -> StampedTrainingData:
        """The same data with a stamp of its own."""
        found = cls.__new__(cls)  # Rasa's constructor would hash every example to leave out those that stand twice
        found.__dict__.update(vars(training_data))
        found._stamp = uuid.uuid4().hex
        return found

    def fingerprint(self) -> str:
        """See Rasa's `TrainingData`."""
        return self._stamp


class Component(GraphComponent):
    """Base of the components: a failure on one message is logged and leaves that message as it was.

    `understand` does the work on one message; `data_paths` names the files training reads besides the examples.
    """

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        self.config = config
        self._storage = storage
        self._resource = resource

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Component:
        """See Rasa's `GraphComponent`."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **_: Any,
    ) -> Component:
        """The component with what its training wrote. An unreadable part is logged; the component then does nothing."""
        component = cls(config, model_storage, resource)
        if cls.restore is Component.restore:
            return component
        try:
            with model_storage.read_from(resource) as folder:
                component.restore(Path(folder))
        except ValueError as error:
            logger.error("%s cannot be restored: %s", cls.__name__, error)
        except (OSError, KeyError):
            logger.exception("%s cannot be restored", cls.__name__)
        return component

    @classmethod
    def data_paths(cls, config: dict[str, Any]) -> tuple[Path, ...]:
        """Files and folders the component reads when it is trained."""
        return ()

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Makes Rasa train again when the code or the data files changed."""
        return fingerprint_of((own_code(), settings().data_dir / "languages.yaml", *cls.data_paths(config)))

    def restore(self, folder: Path) -> None:
        """Read back what training wrote into `folder`. Nothing by default."""

    def understand(self, message: Message) -> None:
        """Add to one message what this component finds. Nothing by default."""

    def process(self, messages: list[Message]) -> list[Message]:
        """Works on each message; never raises."""
        for message in messages:
            try:
                self.understand(message)
            except Exception:
                logger.exception("%s failed on a message and was passed over", type(self).__name__)
        return messages
