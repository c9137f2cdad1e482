from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.translation.libretranslate import LibreTranslateServer


@pytest.fixture(scope="session")
def session_libretranslate() -> Iterator[LibreTranslateServer]:
    """One server for all tests that do not stop it."""
    server = LibreTranslateServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def libretranslate(session_libretranslate: LibreTranslateServer) -> LibreTranslateServer:
    """The shared server, behaving well."""
    session_libretranslate.reset()
    return session_libretranslate
