"""Everything the gazetteer looks for: names of the knowledge, `data/gazetteer/<code>.yaml`, CLDR. Built at training."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from bot.i18n.languages import LanguageRegistry
from bot.knowledge.collection import Knowledge
from bot.nlu.normalization import normalise
from bot.nlu.text_forms import fold_words, is_run, run_of

ENTITIES = frozenset(
    {"office", "office_kind", "ward", "station", "procedure", "language", "country", "weekday", "passport_type",
     "channel", "day", "time"}
)  # fmt: skip
"""What a phrase may stand for; `day` (days from today) becomes a `date` when it is found."""

NAMED = ("office", "ward", "station", "procedure")
AFFIXES = ("station", "ward", "other")
WEEKDAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_BRACKETS = re.compile(r"\s*[(（].*?[)）]\s*")


class GazetteerDataError(Exception):
    """A gazetteer file cannot be used; the text says which and why."""


class Phrase(NamedTuple):
    """`text` stands for `value` of `entity`; only in `language`, or in every one (None: a name)."""

    text: str
    entity: str
    value: str
    language: str | None


@dataclass
class GazetteerData:
    """What is looked for, as plain values (JSON-ready by `as_dict`). Keys of the tables are language codes."""

    phrases: list[Phrase] = field(default_factory=list)
    endings: dict[str, int] = field(default_factory=dict)
    affixes: dict[str, list[str]] = field(default_factory=lambda: {kind: [] for kind in AFFIXES})
    alone: list[str] = field(default_factory=list)
    ignore: dict[str, list[str]] = field(default_factory=dict)
    directions: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    clock: dict[str, list[str]] = field(default_factory=dict)
    calendar: dict[str, list[str]] = field(default_factory=dict)
    months: dict[str, dict[str, int]] = field(default_factory=dict)
    day_first: dict[str, bool] = field(default_factory=dict)
    common: dict[str, list[str]] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready values."""
        return {**self.__dict__, "phrases": [list(phrase) for phrase in self.phrases]}

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> GazetteerData:
        """Read back what `as_dict` wrote. Raises `TypeError` or `KeyError` when it is something else."""
        return cls(**{**raw, "phrases": [Phrase(*row) for row in raw["phrases"]]})


def build(knowledge: Knowledge, folder: Path, registry: LanguageRegistry) -> GazetteerData:
    """Put together all sources. Raises `GazetteerDataError` when a file of `folder` is broken."""
    found = GazetteerData()
    found.phrases += _names_of(knowledge)
    codes = {entry.code for entry in registry.languages}
    for office in knowledge.offices.values():
        codes |= {spoken.code for spoken in office.languages}
    for path in sorted(folder.glob("*.yaml")):
        raw = _read(path)
        _take_file(found, path.stem, raw, path.name)
        codes |= set(raw.get("phrases", {}).get("language", {}))
    for entry in registry.languages:
        if entry.variant_of is None:
            _take_cldr(found, entry.code, entry.locale, codes)
    found.phrases = _unique(found.phrases, {entity: set(knowledge.of_kind(f"{entity}s")) for entity in NAMED})
    found.phrases = list(_with_bare_places(found))
    return found


def _names_of(knowledge: Knowledge) -> Iterator[Phrase]:
    for entity in NAMED:
        for identifier, record in knowledge.of_kind(f"{entity}s").items():
            names = getattr(record, "names", None)
            aliases: Mapping[str, Sequence[str]] = getattr(record, "aliases", {})
            texts = [(code, text) for code, text in names.by_language().items()] if names else []
            texts += [(code, text) for code, listed in aliases.items() for text in listed]
            for code, text in texts:
                language = code if entity == "procedure" else None
                yield Phrase(text, entity, identifier, language)
                bare = _BRACKETS.sub(" ", text).strip()
                if bare and bare != text:
                    yield Phrase(bare, entity, identifier, language)


def _read(path: Path) -> dict[str, Any]:
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise GazetteerDataError(f"{path.name}: {error}") from error
    if not isinstance(raw, dict):
        raise GazetteerDataError(f"{path.name}: expected keys with values, see the top of en.yaml")
    return raw


def _texts(value: Any, where: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise GazetteerDataError(f"{where} must be a list of texts (quote figures and times)")
    return value


def _take_file(found: GazetteerData, code: str, raw: dict[str, Any], name: str) -> None:
    found.endings[code] = int(raw.get("endings", 0))
    for entity, values in raw.get("phrases", {}).items():
        if entity not in ENTITIES:
            raise GazetteerDataError(f"{name}: {entity!r} is none of {', '.join(sorted(ENTITIES))}")
        for value, texts in values.items():
            for single in str(value).split(","):
                found.phrases += [
                    Phrase(text, entity, single, code) for text in _texts(texts, f"{name}: {entity} {value}")
                ]
    for entity, values in raw.get("names", {}).items():
        if entity not in NAMED:
            raise GazetteerDataError(f"{name}: names of {entity!r} are not known, only of {', '.join(NAMED)}")
        for value, texts in (values or {}).items():
            found.phrases += [Phrase(text, entity, value, None) for text in _texts(texts, f"{name}: {entity} {value}")]
    for kind, texts in raw.get("affixes", {}).items():
        if kind not in AFFIXES:
            raise GazetteerDataError(f"{name}: {kind!r} is no affix; there are {', '.join(AFFIXES)}")
        found.affixes[kind] += _texts(texts, f"{name}: affixes {kind}")
    found.alone += _texts(raw.get("alone") or [], f"{name}: alone")
    found.ignore[code] = _texts(raw.get("ignore") or [], f"{name}: ignore")
    for way, sides in (raw.get("roles") or {}).items():
        for side, texts in (sides or {}).items():
            table = found.directions.setdefault(str(way), {})
            table.setdefault(str(side), []).extend(_texts(texts, f"{name}: roles {way}"))
    for target, key in ((found.clock, "clock"), (found.calendar, "calendar")):
        for part, texts in (raw.get(key) or {}).items():
            target.setdefault(str(part), []).extend(_texts(texts or [], f"{name}: {key} {part}"))


def _take_cldr(found: GazetteerData, code: str, locale: str, languages: Iterable[str]) -> None:
    from babel import Locale, UnknownLocaleError

    try:
        cldr = Locale.parse(locale)
    except (UnknownLocaleError, ValueError):
        return
    for number, weekday in enumerate(WEEKDAYS):
        for context in ("format", "stand-alone"):
            text = cldr.days.get(context, {}).get("wide", {}).get(number)
            if text:
                found.phrases.append(Phrase(str(text), "weekday", weekday, code))
    months: dict[str, int] = {}
    for context in ("format", "stand-alone"):
        for width in ("wide", "abbreviated"):
            for number, text in cldr.months.get(context, {}).get(width, {}).items():
                if len(str(text)) >= 3:
                    months[normalise(str(text)).rstrip(".")] = int(number)
    found.months[code] = months
    pattern = str(cldr.date_formats["short"].pattern)
    found.day_first[code] = pattern.find("d") < pattern.find("M")
    for language in languages:
        name = cldr.languages.get(language.replace("-", "_"))
        if name:
            found.phrases += [Phrase(text, "language", language, code) for text in _variants(str(name))]
    plain = cldr.languages.get("zh")
    if plain:
        found.phrases.append(Phrase(str(plain), "language", "zh", code))
    if cldr.language_name:
        found.phrases.append(Phrase(str(cldr.language_name), "language", code, None))
    for territory, name in cldr.territories.items():
        if len(territory) == 2 and territory.isalpha() and territory not in ("ZZ", "XA", "XB", "EU", "UN", "EZ"):
            found.phrases += [Phrase(text, "country", territory, code) for text in _variants(str(name))]


def _variants(name: str) -> Iterator[str]:
    """`Myanmar (Burma)` is `Myanmar` and `Burma` too."""
    yield name
    inside = re.search(r"[(（](.+?)[)）]", name)
    if inside:
        yield inside.group(1)
        yield _BRACKETS.sub(" ", name).strip()


def _unique(phrases: Iterable[Phrase], known: Mapping[str, set[str]]) -> list[Phrase]:
    """Without doubles, without values the knowledge does not have, without phrases too short to mean anything."""
    kept: dict[Phrase, None] = {}
    for phrase in phrases:
        if phrase.entity in known and phrase.value not in known[phrase.entity]:
            continue
        letters = [ch for ch in phrase.text if ch.isalnum()]
        if len(letters) >= 2:
            kept[phrase] = None
    return list(kept)


def _with_bare_places(found: GazetteerData) -> Iterator[Phrase]:
    """The phrases, and names of wards and stations without the word that says what they are, as `place` (`ward:id`).

    A name that has no such word is a `place` only.
    """
    affixes = {kind: [fold_words(text) for text in found.affixes[kind]] for kind in ("station", "ward")}
    runs = {kind: [run_of(text).text for text in found.affixes[kind] if is_run(text)] for kind in affixes}
    seen: set[Phrase] = set()
    for phrase in found.phrases:
        if phrase.entity not in affixes:
            yield phrase
            continue
        if is_run(phrase.text):
            whole = run_of(phrase.text).text
            bare = _without_run_affix(whole, runs[phrase.entity])
        else:
            whole = " ".join(fold_words(phrase.text))
            bare = _without_affix(whole.split(), affixes[phrase.entity])
        if bare != whole:
            yield phrase
        place = Phrase(bare, "place", f"{phrase.entity}:{phrase.value}", None)
        if len(bare) >= (2 if is_run(bare) else 4) and place not in seen:
            seen.add(place)
            yield place


def _without_run_affix(text: str, affixes: Sequence[str]) -> str:
    for affix in sorted(affixes, key=len, reverse=True):
        if text.endswith(affix) and len(text) > len(affix):
            return text[: -len(affix)]
        if len(affix) > 1 and text.startswith(affix) and len(text) > len(affix) + 1:
            return text[len(affix) :]
    return text


def _without_affix(words: Sequence[str], affixes: Sequence[tuple[str, ...]]) -> str:
    for affix in affixes:
        size = len(affix)
        if size and len(words) > size and tuple(words[-size:]) == affix:
            return " ".join(words[:-size])
        if size and len(words) > size and tuple(words[:size]) == affix:
            return " ".join(words[size:])
    return " ".join(words)
