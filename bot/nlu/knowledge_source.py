"""The knowledge as training reads it: the YAML files, so that a model never depends on a database's state."""

from __future__ import annotations

import logging
from functools import lru_cache

from bot.i18n.languages import languages
from bot.knowledge.collection import Knowledge
from bot.knowledge.loading import load
from bot.settings import settings

logger = logging.getLogger(__name__)


@lru_cache(maxsize=1)
def load_knowledge() -> Knowledge:
    """Every well-formed record. Problems of the files are the importer's to report; here they are counted."""
    loaded = load(settings().data_dir / "knowledge", [language.code for language in languages()])
    if loaded.problems:
        logger.warning("the knowledge files have %d problems; run the importer to see them", len(loaded.problems))
    return loaded.knowledge
