"""The registry of languages, read from `data/languages.yaml`. No other place knows which languages there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from bot.settings import settings


class LanguageRegistryError(Exception):
    """The registry cannot be used. `code` is stable: `unreadable`, `invalid` or `unknown_language`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Language(BaseModel):
    """One language of the registry: `code` is BCP 47, `script` ISO 15924; `locale` is Babel's, `spacy` spaCy's code."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: str = Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{1,8})*$")
    name: str = Field(min_length=1)
    locale: str = Field(min_length=2)
    spacy: str = Field(min_length=2)
    script: tuple[str, ...] = Field(min_length=1)
    fallback: tuple[str, ...] = ()
    enabled: bool = True
    variant_of: str | None = None
    furigana: bool = False

    @property
    def base(self) -> str:
        """The code that identification reads: the language itself, or the one it is a variant of."""
        return self.variant_of or self.code


class _Entries(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    languages: tuple[Language, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _references_exist(self) -> _Entries:
        codes = [entry.code for entry in self.languages]
        doubled = [code for code, times in Counter(codes).items() if times > 1]
        if doubled:
            raise ValueError(f"listed twice: {', '.join(doubled)}")
        for entry in self.languages:
            for other in (*entry.fallback, *((entry.variant_of,) if entry.variant_of else ())):
                if other not in codes or other == entry.code:
                    raise ValueError(f"{entry.code} refers to {other}, which is not another language of the registry")
        return self


@dataclass(frozen=True)
class LanguageRegistry:
    """The languages in the registry's order; the first is the authoritative one."""

    languages: tuple[Language, ...]

    @classmethod
    def read(cls, path: Path) -> LanguageRegistry:
        """The registry in a YAML file. Raises `LanguageRegistryError` (`unreadable`, `invalid`)."""
        try:
            raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise LanguageRegistryError("unreadable", f"cannot read {path}: {error}") from error
        except yaml.YAMLError as error:
            raise LanguageRegistryError("invalid", f"{path} is no YAML: {error}") from error
        try:
            return cls(_Entries.model_validate(raw).languages)
        except ValidationError as error:
            raise LanguageRegistryError("invalid", f"{path}: {error}") from error

    @property
    def first(self) -> Language:
        """The authoritative language."""
        return self.languages[0]

    @property
    def enabled(self) -> tuple[Language, ...]:
        """The languages offered to residents."""
        return tuple(entry for entry in self.languages if entry.enabled)

    def find(self, code: str | None) -> Language | None:
        """The language with exactly this code, or None."""
        return next((entry for entry in self.languages if entry.code == code), None)

    def get(self, code: str) -> Language:
        """The language with this code. Raises `LanguageRegistryError` (`unknown_language`)."""
        found = self.find(code)
        if found is None:
            raise LanguageRegistryError("unknown_language", f"{code!r} is not a language of the registry")
        return found

    def base(self, code: str) -> str:
        """The code identification reads for `code`; an unknown code is its own base."""
        found = self.find(code)
        return found.base if found else code

    def chain(self, code: str) -> tuple[str, ...]:
        """Codes to try in turn for texts in `code`: itself, its fallbacks, at last the authoritative language."""
        tried = [code, *self.get(code).fallback, self.first.code]
        return tuple(dict.fromkeys(tried))

    @property
    def common_fallback(self) -> Language:
        """The offered language most others fall back to first: for readers whose own language is not offered."""
        offered = {entry.code for entry in self.enabled}
        ranked = Counter(entry.fallback[0] for entry in self.languages if entry.fallback and not entry.variant_of)
        best = next((code for code, _ in ranked.most_common() if code in offered), self.first.code)
        return self.get(best)


@lru_cache(maxsize=1)
def registry() -> LanguageRegistry:
    """The project's registry. Raises `LanguageRegistryError`."""
    return LanguageRegistry.read(settings().data_dir / "languages.yaml")


def languages() -> tuple[Language, ...]:
    """Every language of the registry, in its order."""
    return registry().languages


def enabled_languages() -> tuple[Language, ...]:
    """The languages offered to residents, in the registry's order."""
    return registry().enabled


def language(code: str) -> Language:
    """The language with this code. Raises `LanguageRegistryError` (`unknown_language`)."""
    return registry().get(code)


def fallback_chain(code: str) -> tuple[str, ...]:
    """Codes to try in turn for texts in `code`, itself first. Raises `LanguageRegistryError` (`unknown_language`)."""
    return registry().chain(code)


@lru_cache(maxsize=1)
def _countries_of_languages() -> Mapping[str, tuple[str, ...]]:
    from babel import Locale
    from babel.languages import get_official_languages

    found: dict[str, list[str]] = {}
    for country in map(str, Locale("en").territories):
        if len(country) == 2 and country.isalpha():
            for code in get_official_languages(country, de_facto=True):
                found.setdefault(str(code), []).append(country)
    return {code: tuple(countries) for code, countries in found.items()}


def only_country_of(code: str | None) -> str | None:
    """The country (ISO 3166-1) whose official language a language is, when there is just one; from CLDR."""
    countries = _countries_of_languages().get(code or "", ())
    return countries[0] if len(countries) == 1 else None
