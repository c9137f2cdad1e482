"""Which language a visitor's browser asks for, among those on offer."""

from __future__ import annotations

from babel import Locale, UnknownLocaleError

from bot.i18n.languages import Language, registry


def is_offered(code: str) -> bool:
    """Whether residents may choose the language."""
    found = registry().find(code)
    return found is not None and found.enabled


def default_language() -> str:
    """The language for a visitor of whom nothing is known: the one most others fall back to."""
    return registry().common_fallback.code


def negotiate(accept_language: str | None) -> str:
    """The offered language that fits an `Accept-Language` header best; the default when none does."""
    for tag in _preferred(accept_language or ""):
        for entry in registry().languages:
            if _fits(tag, entry):
                offered = next((code for code in registry().chain(entry.code) if is_offered(code)), None)
                if offered:
                    return offered
    return default_language()


def _preferred(header: str) -> list[str]:
    weighted: list[tuple[float, int, str]] = []
    for position, part in enumerate(header[:500].split(",")[:20]):
        tag, _, parameters = part.strip().partition(";")
        try:
            weight = float(parameters.strip().removeprefix("q=") or 1)
        except ValueError:
            weight = 0.0
        if tag and tag != "*" and weight > 0:
            weighted.append((-weight, position, tag))
    return [tag for _, _, tag in sorted(weighted)]


def _fits(tag: str, entry: Language) -> bool:
    if tag.lower() == entry.code.lower():
        return True
    if entry.variant_of is not None:
        return False
    try:
        wanted, own = Locale.parse(tag, sep="-"), Locale.parse(entry.locale)
    except (ValueError, UnknownLocaleError):
        return False
    return wanted.language == own.language and _script(wanted) == _script(own)


def _script(locale: Locale) -> str | None:
    """The script, also where the tag leaves it out (`zh-TW` is written in traditional characters)."""
    if locale.script:
        return str(locale.script)
    try:
        likely = Locale.parse(f"und_{locale.territory}") if locale.territory else None
    except (ValueError, UnknownLocaleError):
        likely = None
    if likely is not None and likely.language == locale.language and likely.script:
        return str(likely.script)
    return None
