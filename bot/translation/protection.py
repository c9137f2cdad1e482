"""Names, numbers and addresses that a translation service must leave as they are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

_TOKEN: Final = re.compile(r"\[\s*#\s*(\d+)\s*#\s*\]")
_FIXED: Final = re.compile(
    r"https?://\S+|[\w.+-]+@[\w-]+\.[\w.]+|@\w+|#\d{3,4}|●+|\d[\d\- ]{6,}\d|\d{1,2}:\d{2}(?:[-–]\d{1,2}:\d{2})?"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Protected:
    """A text with tokens in the place of what must not change, and what the tokens stand for."""

    text: str
    kept: tuple[str, ...]

    def restore(self, translated: str) -> str | None:
        """The translation with what was kept; None when a token was lost or doubled."""
        found = [int(number) for number in _TOKEN.findall(translated)]
        if sorted(found) != list(range(len(self.kept))):
            return None
        return _TOKEN.sub(lambda match: self.kept[int(match.group(1))], translated)


class Glossary:
    """Official names that stay as they are. The longest name wins."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        words = sorted({name for name in names if len(name) >= 2}, key=len, reverse=True)
        parts = [_FIXED.pattern, *(_as_word(word) for word in words)]
        self._pattern = re.compile("|".join(parts))

    def protect(self, text: str) -> Protected:
        """Put a token in the place of every name, number and address. What looks like a token already goes."""
        kept: list[str] = []

        def token(match: re.Match[str]) -> str:
            kept.append(match.group())
            return f"[#{len(kept) - 1}#]"

        return Protected(self._pattern.sub(token, _TOKEN.sub(" ", text)), tuple(kept))


def _as_word(name: str) -> str:
    """A pattern of the name; one in Latin letters must be a word of its own."""
    pattern = re.escape(name)
    return rf"(?<!\w){pattern}(?!\w)" if name.isascii() else pattern


def join_lines(texts: Sequence[str]) -> str:
    """Texts of one line each as one text."""
    return "\n".join(" ".join(text.split()) for text in texts)
