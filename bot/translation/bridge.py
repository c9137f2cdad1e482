"""Translates by the configured service: bounded cache, retry with back-off, circuit breaker. Off without one."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Sequence
from typing import Final

import structlog
from cachetools import LRUCache

from bot.circuit import Circuit
from bot.translation.errors import PASSING, TranslationError
from bot.translation.protection import Glossary, join_lines
from bot.translation.providers import Provider

log = structlog.get_logger(__name__)

TRIES: Final = 2
FIRST_PAUSE: Final = 0.3
CACHED_TEXTS: Final = 2_000
MOST_CHARACTERS: Final = 4_500
"""Of one request: services take 5,000."""


class Bridge:
    """Thread-safe; blocking. Never logs a text."""

    def __init__(
        self,
        provider: Provider | None,
        glossary: Glossary | None = None,
        *,
        tries: int = TRIES,
        pause: Callable[[float], None] = time.sleep,
        circuit: Circuit | None = None,
    ) -> None:
        self._provider = provider
        self._glossary = glossary or Glossary()
        self._tries = tries
        self._pause = pause
        self._circuit = circuit or Circuit("translation service")
        self._cache: LRUCache[tuple[str, str, str], str] = LRUCache(CACHED_TEXTS)
        self._lock = threading.Lock()

    @property
    def is_on(self) -> bool:
        """Whether a service is configured."""
        return self._provider is not None

    def use(self, glossary: Glossary) -> None:
        """Take another glossary: the knowledge was loaded or has changed."""
        self._glossary = glossary

    def translate(self, text: str, source: str, target: str) -> str:
        """`text` from one language into another (ISO 639 codes). Raises `TranslationError`."""
        return self.translate_all([text], source, target)[0]

    def translate_all(self, texts: Sequence[str], source: str, target: str) -> list[str]:
        """Each text translated; names, numbers and addresses stay as they are. Raises `TranslationError`."""
        lines = [line for text in texts for line in text.split("\n")]
        wanted = [line for line in dict.fromkeys(lines) if any(ch.isalpha() for ch in line)]
        found: dict[str, str] = {}
        with self._lock:
            for line in wanted:
                if (known := self._cache.get((line, source, target))) is not None:
                    found[line] = known
        for batch in _batches([line for line in wanted if line not in found]):
            new = self._translated(batch, source, target)
            found.update(new)
            with self._lock:
                for line, translated in new.items():
                    self._cache[line, source, target] = translated
        return ["\n".join(found.get(line, line) for line in text.split("\n")) for text in texts]

    def _translated(self, lines: Sequence[str], source: str, target: str) -> dict[str, str]:
        protected = [self._glossary.protect(line) for line in lines]
        answer = self._ask(join_lines([each.text for each in protected]), source, target).split("\n")
        if len(answer) != len(lines):
            # The service joined or split lines: then one by one.
            if len(lines) == 1:
                answer = [" ".join(answer)]
            else:
                return {line: self._translated([line], source, target)[line] for line in lines}
        restored = [each.restore(text) for each, text in zip(protected, answer, strict=True)]
        # A line whose names did not come back stays untranslated: better foreign than wrong.
        return {line: text.strip() if text is not None else line for line, text in zip(lines, restored, strict=True)}

    def _ask(self, text: str, source: str, target: str) -> str:
        if self._provider is None:
            raise TranslationError("off")
        for attempt in range(1, self._tries + 1):
            with self._lock:
                allowed = self._circuit.allow()
            if not allowed:
                raise TranslationError("unreachable")
            try:
                found = self._provider.translate(text, source, target)
            except TranslationError as error:
                passing = error.reason in PASSING
                with self._lock:
                    self._circuit.failed(hard=passing)
                log.warning("not translated", reason=error.reason, provider=self._provider.name, attempt=attempt)
                if not passing or attempt == self._tries:
                    raise
                self._pause(FIRST_PAUSE * 2 ** (attempt - 1) * random.uniform(0.8, 1.2))
            else:
                with self._lock:
                    self._circuit.succeeded()
                return found
        raise TranslationError("failed")


def _batches(lines: Sequence[str]) -> list[list[str]]:
    """Lines in groups that one request holds."""
    batches: list[list[str]] = []
    size = MOST_CHARACTERS
    for line in lines:
        if size + len(line) > MOST_CHARACTERS:
            batches.append([])
            size = 0
        batches[-1].append(line)
        size += len(line) + 1
    return batches
