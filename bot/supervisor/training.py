"""Whether the trained model is still that of the present data and code, and the making of a new one."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from bot.settings import PROJECT_ROOT, Settings

#: What a model is made from: files, folders and patterns. Those that match nothing count as empty.
INPUTS = (
    "config.yml",
    "domain.yml",
    "domain",
    "data/nlu",
    "data/stories",
    "data/rules",
    "data/knowledge",
    "data/locale/*/topics.po",
    "data/gazetteer",
    "data/safety",
    "data/language_hints.yaml",
    "data/outside_languages.yaml",
    "data/languages.yaml",
    "data/tokenizers.yaml",
    "bot/nlu",
    "bot/dialogue",
    "bot/i18n",
    "bot/knowledge",
    "rasa_compat",
    "requirements.txt",
)
#: What Rasa's cache of trained components cannot see: a change here begins a new cache.
CACHE_INPUTS = ("bot/i18n", "bot/knowledge", "rasa_compat", "requirements.txt")
TRAINING_DATA = ("data/nlu", "data/stories", "data/rules")
_NEW_NAME = "guide-new"


@dataclass(frozen=True)
class ModelRecord:
    """What is kept beside a model: SHA-256 of its inputs and of the model file itself, and how long training took."""

    inputs: str
    model: str
    seconds: float


def files_of(root: Path, inputs: tuple[str, ...] = INPUTS) -> Iterator[Path]:
    """The files below the inputs, in a fixed order, without caches and hidden files."""
    for start in (found for name in inputs for found in sorted(root.glob(name))):
        if start.is_file():
            yield start
            continue
        for path in sorted(start.rglob("*")):
            parts = path.relative_to(root).parts
            if path.is_file() and "__pycache__" not in parts and not any(part.startswith(".") for part in parts):
                yield path


def fingerprint(root: Path = PROJECT_ROOT, inputs: tuple[str, ...] = INPUTS) -> str:
    """SHA-256 over names and contents of everything a model is made from."""
    total = hashlib.sha256()
    for path in files_of(root, inputs):
        name = path.relative_to(root).as_posix().encode()
        content = hashlib.sha256(path.read_bytes()).digest()
        total.update(len(name).to_bytes(4, "big") + name + content)
    return total.hexdigest()


class Model:
    """The trained model of a model folder and its record."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.folder = folder = path.parent
        self.record_path = folder / f"{path.name.split('.')[0]}.json"
        self.new_path = folder / f"{_NEW_NAME}.tar.gz"

    def record(self) -> ModelRecord | None:
        """The record; None when there is none that can be read."""
        try:
            return ModelRecord(**json.loads(self.record_path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def is_current(self, inputs: str) -> bool:
        """True when the model file is whole and was made from inputs with this fingerprint."""
        record = self.record()
        if record is None or record.inputs != inputs or not self.path.is_file():
            return False
        return hashlib.sha256(self.path.read_bytes()).hexdigest() == record.model

    def accept_new(self, inputs: str, seconds: float) -> None:
        """Puts the model that was just trained in the place of the old one."""
        record = ModelRecord(inputs, hashlib.sha256(self.new_path.read_bytes()).hexdigest(), round(seconds, 1))
        self.new_path.replace(self.path)
        self.record_path.write_text(json.dumps(asdict(record), indent=1) + "\n", encoding="utf-8")


def train_command(model: Model) -> tuple[str, ...]:
    """Trains to `model.new_path`, so that an interrupted training leaves the old model in use."""
    return (
        sys.executable, "-m", "rasa_compat", "train",
        "--config", "config.yml",
        "--domain", "domain" if (PROJECT_ROOT / "domain").is_dir() else "domain.yml",
        "--data", *(name for name in TRAINING_DATA if (PROJECT_ROOT / name).exists()),
        "--out", str(model.folder),
        "--fixed-model-name", _NEW_NAME,
        "--skip-validation",
    )  # fmt: skip


def training_cache(model: Model, root: Path = PROJECT_ROOT) -> Path:
    """The folder of Rasa's cache of trained components; older ones are removed."""
    folder = model.folder / "cache"
    current = folder / fingerprint(root, CACHE_INPUTS)[:16]
    for old in folder.glob("*"):
        if old != current:
            shutil.rmtree(old, ignore_errors=True)
    current.mkdir(parents=True, exist_ok=True)
    return current


def training_variables(cache: Path) -> dict[str, str]:
    """Environment of the training: all cores for linear algebra, and where trained components are kept."""
    cores = str(os.cpu_count() or 1)
    return {"OMP_NUM_THREADS": cores, "OPENBLAS_NUM_THREADS": cores, "RASA_CACHE_DIRECTORY": str(cache)}


def model_of(settings: Settings) -> Model:
    """The model the settings name."""
    return Model(settings.model_path.resolve())
