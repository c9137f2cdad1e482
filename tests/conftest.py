"""What all tests share: the real knowledge, imported once, and a fixed moment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.answers import AnswerService
from bot.answers.request import TOKYO, Request
from bot.knowledge.importer import Inputs, run
from bot.knowledge.store import KnowledgeStore
from bot.settings import PROJECT_ROOT, settings
from tests.translation.libretranslate import LibreTranslateServer

WEDNESDAY_NOON = dt.datetime(2026, 11, 25, 12, 10, tzinfo=TOKYO)
"""A moment on an ordinary weekday: Wednesday, 25 November 2026."""


@pytest.fixture(scope="session")
def knowledge_db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real knowledge as a database of the tests' own."""
    target = tmp_path_factory.mktemp("knowledge") / "knowledge.sqlite3"
    problems = run(Inputs(settings().data_dir, PROJECT_ROOT / "domain.yml"), target, WEDNESDAY_NOON.date())
    assert not problems, "\n".join(str(problem) for problem in problems)
    return target


@pytest.fixture(scope="session")
def store(knowledge_db: Path) -> Iterator[KnowledgeStore]:
    """The staff's view of the real knowledge."""
    with KnowledgeStore(knowledge_db) as opened:
        yield opened


@pytest.fixture(scope="session")
def answers(store: KnowledgeStore) -> AnswerService:
    """The answers over the residents' view, at a fixed moment."""
    return AnswerService(store.public, clock=lambda: WEDNESDAY_NOON)


def request_in(language: str, **details: object) -> Request:
    """A request at the fixed moment."""
    return Request(language, WEDNESDAY_NOON, **details)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def session_libretranslate() -> Iterator[LibreTranslateServer]:
    """One translation server for all tests."""
    server = LibreTranslateServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def libretranslate(session_libretranslate: LibreTranslateServer) -> LibreTranslateServer:
    """The shared translation server, behaving well."""
    session_libretranslate.reset()
    return session_libretranslate
