"""Parts of the trained model, for processes that do not run Rasa."""

from __future__ import annotations

import logging
import tarfile
import tempfile
from functools import lru_cache
from pathlib import Path

from bot.nlu.language_identification import LanguageIdentification, identification
from bot.settings import settings

logger = logging.getLogger(__name__)

_LANGUAGE_IDENTIFIER = "LanguageIdentifier"


def read_language_identification(model: Path) -> LanguageIdentification:
    """The language identification of a trained model (`.tar.gz`).

    Raises `OSError`, `ValueError` or `KeyError` when there is none, or one of another version.
    """
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder)
        with tarfile.open(model) as archive:
            for member in archive:
                path = Path(member.name)
                if member.isfile() and _LANGUAGE_IDENTIFIER in path.parent.name:
                    content = archive.extractfile(member)
                    if content is not None:
                        (target / path.name).write_bytes(content.read())
        return LanguageIdentification.load(target)


@lru_cache(maxsize=1)
def trained_identification() -> LanguageIdentification:
    """The trained model's language identification, so that all parts guess alike; learnt anew where there is none."""
    try:
        return read_language_identification(settings().model_path)
    except FileNotFoundError:
        logger.info("no model yet: languages are learnt from the examples")
    except (OSError, ValueError, KeyError, TypeError, tarfile.TarError):
        logger.exception("the model's language identification cannot be read: it is learnt from the examples")
    return identification()
