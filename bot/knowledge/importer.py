"""Brings the curated files into the database: `python -m bot.knowledge.importer [--check] [--force]`.

All problems are listed at once (file, line, record, what is wrong, how to mend it) and the database stays as it was.
Without problems it is written anew and put in place at once; processes that read it go over to it by themselves.

Exit codes: 0 done or up to date, 1 the files have problems, 2 the database cannot be written.
"""

from __future__ import annotations

import argparse
import hashlib
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import yaml
from babel.messages.pofile import PoFileError

from bot.i18n.catalogues import TOPICS, Catalogue
from bot.i18n.languages import LanguageRegistry, LanguageRegistryError
from bot.knowledge import database, search_index
from bot.knowledge.checks import Facts, check
from bot.knowledge.collection import KINDS
from bot.knowledge.loading import Loaded, load, yaml_files
from bot.knowledge.opening_hours import TIMEZONE
from bot.knowledge.problems import Problem
from bot.settings import PROJECT_ROOT, settings


@dataclass(frozen=True, slots=True)
class Inputs:
    """Where everything comes from. `domain` is Rasa's domain file, which lists the intents."""

    data_dir: Path
    domain: Path

    @property
    def knowledge(self) -> Path:
        """The folder of the curated files."""
        return self.data_dir / "knowledge"

    def catalogue(self, code: str) -> Path:
        """A language's catalogue of the knowledge's prose."""
        return self.data_dir / "locale" / code / f"{TOPICS}.po"

    def registry(self) -> LanguageRegistry:
        """The languages. Raises `LanguageRegistryError`."""
        return LanguageRegistry.read(self.data_dir / "languages.yaml")


def examine(inputs: Inputs, today: date) -> tuple[Loaded, list[Problem]]:
    """Read and check everything; the problems are those of single records and those between records."""
    languages = [language.code for language in inputs.registry().languages]
    loaded = load(inputs.knowledge, languages)
    facts = Facts(today=today, languages=languages, intents=known_intents(inputs.domain))
    found = [*loaded.problems, *check(loaded, facts), *_broken_catalogues(inputs)]
    if not found and not loaded.knowledge.sources:
        found.append(
            Problem(
                inputs.knowledge.as_posix(), 0, "unreadable_file", None, "no records were found",
                "put the YAML files there, see docs/knowledge.md",
            )
        )  # fmt: skip
    return loaded, sorted(found, key=lambda one: (one.file, one.line, one.code, one.what))


def _broken_catalogues(inputs: Inputs) -> Iterator[Problem]:
    for language in inputs.registry().enabled:
        path = inputs.catalogue(language.code)
        try:
            Catalogue.read(path, language.locale)
        except (PoFileError, UnicodeDecodeError, ValueError) as error:
            yield Problem(
                path.relative_to(inputs.data_dir.parent).as_posix(), getattr(error, "lineno", None) or 0,
                "unreadable_file", None, f"no valid catalogue: {error}", "mend the entry with a gettext editor",
            )  # fmt: skip


def known_intents(domain: Path) -> frozenset[str] | None:
    """The intents of Rasa's domain file; None when there is no such file or it lists none."""
    try:
        raw = yaml.safe_load(domain.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return None
    listed = raw.get("intents") if isinstance(raw, dict) else None
    if not isinstance(listed, list):
        return None
    return frozenset(str(next(iter(one))) if isinstance(one, dict) and one else str(one) for one in listed)


def fingerprint(inputs: Inputs) -> str:
    """Changes when anything that the database is made from changes: facts, texts, languages, tokenisers, this code."""
    digest = hashlib.sha256(database.SCHEMA_VERSION.encode())
    for path in _ingredients(inputs):
        digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _ingredients(inputs: Inputs) -> Iterator[Path]:
    yield from yaml_files(inputs.knowledge)
    yield from sorted((inputs.data_dir / "locale").glob(f"*/{TOPICS}.po"))
    yield from (path for name in ("languages.yaml", "tokenizers.yaml") if (path := inputs.data_dir / name).is_file())
    yield from sorted(Path(__file__).parent.glob("*.py"))
    yield from sorted((Path(__file__).parent.parent / "nlu").glob("*ization.py"))


def stored_version(path: Path) -> str | None:
    """The fingerprint of the database in place; None when there is none that can be read."""
    try:
        with closing(database.connect(path)) as connection:
            return database.version(connection)
    except (database.KnowledgeError, sqlite3.Error, KeyError):
        return None


def run(inputs: Inputs, target: Path, today: date) -> list[Problem]:
    """Check everything and, without problems, write the database. Raises `OSError`, `sqlite3.Error`."""
    loaded, problems = examine(inputs, today)
    if not problems:
        languages = inputs.registry()
        database.write(
            target,
            loaded.knowledge,
            loaded.origins,
            fingerprint(inputs),
            lambda connection: search_index.build(connection, loaded.knowledge, languages, inputs.data_dir / "locale"),
        )
    return problems


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line. Returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m bot.knowledge.importer", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--check", action="store_true", help="only look for problems, write nothing")
    parser.add_argument("--force", action="store_true", help="write the database even when nothing has changed")
    options = parser.parse_args(arguments)
    inputs = Inputs(settings().data_dir, PROJECT_ROOT / "domain.yml")
    target = settings().knowledge_db
    today = datetime.now(TIMEZONE).date()
    try:
        inputs.registry()
    except LanguageRegistryError as error:
        print(f"knowledge: {error}", file=sys.stderr)
        return 1
    if not options.check and not options.force and stored_version(target) == fingerprint(inputs):
        print("knowledge: up to date")
        return 0
    try:
        if options.check:
            _, problems = examine(inputs, today)
        else:
            problems = run(inputs, target, today)
    except (OSError, sqlite3.Error) as error:
        print(f"knowledge: the database cannot be written: {error}", file=sys.stderr)
        return 2
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems:
        print(f"knowledge: {len(problems)} problems, the database was left as it was", file=sys.stderr)
        return 1
    if options.check:
        print("knowledge: no problems")
    else:
        print(f"knowledge: {_summary(target)}")
    return 0


def _summary(target: Path) -> str:
    with closing(database.connect(target)) as connection:
        numbers = dict(connection.execute("SELECT kind, count(*) FROM record GROUP BY kind"))
    return ", ".join(f"{numbers[kind]} {kind}" for kind in KINDS if kind in numbers)


if __name__ == "__main__":
    sys.exit(main())
