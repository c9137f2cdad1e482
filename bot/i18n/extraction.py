"""Brings the catalogues up to date with their sources: `python -m bot.i18n.extraction [--check]`.

Every enabled language gets the messages of `data/locale/ja/guide.po` and the prose of the knowledge; translations whose
Japanese source still stands are kept, all others are dropped. `--check` changes nothing and exits with 1 when a
catalogue is out of date.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po
from pydantic import BaseModel

from bot.i18n.catalogues import GUIDE, SOURCE_LANGUAGE, TOPICS
from bot.i18n.languages import enabled_languages, language
from bot.knowledge.models import LocalisedText, Topic
from bot.knowledge.store import KnowledgeStore
from bot.settings import settings

MessageId = str | tuple[str, ...]


def prose_of(record: BaseModel, context: str) -> Iterator[tuple[str, LocalisedText]]:
    """All texts of a record with their msgctxt. Texts of a topic have a key each, others their kind's."""
    if isinstance(record, Topic):
        for field in ("question", "answer", "caution"):
            value = getattr(record, field)
            if value is not None:
                yield f"topic.{record.id}.{field}", value
        return
    for value in (getattr(record, name) for name in type(record).model_fields):
        yield from _texts(value, context)


def _texts(value: object, context: str) -> Iterator[tuple[str, LocalisedText]]:
    if isinstance(value, LocalisedText):
        yield context, value
    elif isinstance(value, BaseModel):
        yield from prose_of(value, context)
    elif isinstance(value, tuple | list):
        for inner in value:
            yield from _texts(inner, context)


def to_translate(prose: list[tuple[str, LocalisedText]], code: str) -> list[tuple[str, MessageId]]:
    """The messages of `topics.po` in a language: the texts that do not stand in it beside the facts already."""
    missing = (pair for pair in prose if getattr(pair[1], code, None) is None)
    return list(dict.fromkeys((context, source.ja) for context, source in missing))


def knowledge_path() -> Path:
    """The knowledge database the prose is read from."""
    return settings().knowledge_db


def knowledge_prose() -> list[tuple[str, LocalisedText]]:
    """The texts of the whole knowledge with their msgctxt, each once, in a stable order."""
    pairs: dict[tuple[str, LocalisedText], None] = {}
    with KnowledgeStore(knowledge_path()) as store:
        public = store.public
        for kind, records in (
            ("office", public.offices()),
            ("procedure", public.procedures()),
            ("fee", public.all_fees()),
            ("topic", [topic for topic in public.topics() if isinstance(topic, Topic)]),
        ):
            for record in records:
                pairs.update(dict.fromkeys(prose_of(record, kind)))
    return list(pairs)


def guide_messages() -> list[tuple[str, MessageId]]:
    """The (key, Japanese source) pairs of the guide's own messages."""
    path = catalogue_path(SOURCE_LANGUAGE, GUIDE)
    with path.open("rb") as file:
        catalog = read_po(file)
    return [(message.context, _identifier(message)) for message in catalog if message.id and message.context]


def _identifier(message: Message) -> MessageId:
    return message.id if isinstance(message.id, str) else tuple(message.id)


def catalogue_path(code: str, domain: str) -> Path:
    """Where a language's catalogue lies."""
    return settings().data_dir / "locale" / code / f"{domain}.po"


def updated(path: Path, locale: str, messages: list[tuple[str, MessageId]]) -> Catalog:
    """The catalogue at `path` with exactly these messages, translations kept where context and source still agree."""
    old: dict[tuple[str | None, MessageId], Message] = {}
    if path.is_file():
        with path.open("rb") as file:
            old = {
                (message.context, _identifier(message)): message
                for message in read_po(file, locale=locale)
                if message.id
            }
    new = Catalog(locale=locale, header_comment="", fuzzy=False)
    for context, identifier in messages:
        known = old.get((context, identifier))
        empty: MessageId = "" if isinstance(identifier, str) else ("",) * new.num_plurals
        new.add(identifier, known.string if known else empty, context=context, flags=known.flags if known else ())
    return new


def rendered(catalog: Catalog) -> bytes:
    """The catalogue as a `.po` file without dates, so that equal contents are equal files."""
    buffer = io.BytesIO()
    write_po(buffer, catalog, width=0, omit_header=True)
    header = (
        'msgid ""\nmsgstr ""\n'
        f'"Language: {str(catalog.locale).replace("_", "-")}\\n"\n'
        '"MIME-Version: 1.0\\n"\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n'
        f'"Plural-Forms: {catalog.plural_forms}\\n"\n\n'
    )
    return header.encode() + buffer.getvalue()


def main(arguments: list[str] | None = None) -> int:
    """Command line. Returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only tell whether the catalogues are up to date")
    options = parser.parse_args(arguments)
    guide, prose = guide_messages(), knowledge_prose()
    stale: list[str] = []
    for entry in enabled_languages():
        if entry.code == SOURCE_LANGUAGE:
            continue
        for domain, messages in ((GUIDE, guide), (TOPICS, to_translate(prose, entry.code))):
            path = catalogue_path(entry.code, domain)
            content = rendered(updated(path, language(entry.code).locale, messages)) if messages else b""
            if not messages and not path.exists():
                continue
            if path.is_file() and path.read_bytes() == content:
                continue
            stale.append(f"{entry.code}/{domain}.po")
            if not options.check:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
    for name in stale:
        print(f"{'out of date' if options.check else 'updated'}: data/locale/{name}")
    return 1 if options.check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
