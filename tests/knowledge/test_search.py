"""The full-text search with the project's own tokenisers."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from bot.knowledge.importer import Inputs, run
from bot.knowledge.search import KnowledgeSearch, SearchHit
from bot.knowledge.search_index import fold
from bot.knowledge.store import KnowledgeStore
from tests.knowledge.conftest import TODAY, write_data


@pytest.fixture(scope="module")
def search(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeSearch]:
    """The search over the sample and its languages."""
    folder = tmp_path_factory.mktemp("search")
    inputs: Inputs = write_data(folder)
    target = folder / "knowledge.sqlite3"
    assert run(inputs, target, TODAY) == []
    with KnowledgeStore(target) as store:
        yield KnowledgeSearch(store, languages=inputs.registry())


def ids(hits: list[SearchHit]) -> list[str]:
    return [hit.id for hit in hits]


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("On which days is garbage collected?", "en", "garbage_days"),
        ("garbage day", "en", "garbage_days"),
        ("gabrage colection", "en", "garbage_days"),  # typing errors
        ("collect", "en", "garbage_days"),  # the beginning of a word
        ("ごみはいつ", "ja", "garbage_days"),
        ("収集日", "ja", "garbage_days"),
        ("ごみの収集日を知りたい", "ja-x-easy", "garbage_days"),  # falls back to Japanese
        ("ngay nao thu gom rac", "vi", "garbage_days"),  # without accents
        ("Ngày nào thu gom rác?", "vi", "garbage_days"),
        ("Коли вивозять сміття", "uk", "garbage_days"),  # from the catalogue
        ("sister cities", "vi", "plain_statement"),  # falls back to English
        ("北ラウンジ", "ja", "north_lounge"),
        ("North lounge", "uk", "north_lounge"),
        ("secret budget", "en", "secret_topic"),  # withheld, but understood
    ],
)
def test_what_is_found(search: KnowledgeSearch, text: str, language: str, expected: str) -> None:
    hits = search.search(text, language)
    assert ids(hits)[:1] == [expected], hits


def test_a_record_s_own_question_scores_one(search: KnowledgeSearch) -> None:
    hits = search.search("On which days is garbage collected?", "en")
    assert hits[0].score == pytest.approx(1.0)
    assert hits[0].language == "en"
    assert hits[0].kind == "topic"


def test_scores_tell_good_from_poor(search: KnowledgeSearch) -> None:
    good = search.search("when is garbage collected", "en")[0].score
    poor = search.search("my uncle collected stamps of many foreign ships in winter", "en")
    assert good > 0.5
    assert all(hit.score < 0.4 for hit in poor)


def test_only_the_kinds_and_the_number_asked_for(search: KnowledgeSearch) -> None:
    assert {hit.kind for hit in search.search("北", "ja", kinds=("office",), limit=10)} == {"office"}
    assert len(search.search("ラウンジ", "ja", limit=1)) == 1
    assert search.search("garbage", "en", kinds=()) == []


def test_hidden_answers_cannot_be_found(search: KnowledgeSearch) -> None:
    assert "secret_topic" not in ids(search.search("twelve trillion yen", "en"))
    assert "hidden_statement" not in ids(search.search("誰も確かめていない文です", "ja"))


def test_a_translation_of_an_older_text_is_not_searched(search: KnowledgeSearch) -> None:
    assert search.search("Застарілий вівторок", "uk") == []


def test_a_language_outside_the_registry_is_searched_by_the_common_fallback(search: KnowledgeSearch) -> None:
    assert ids(search.search("garbage", "de"))[:1] == ["garbage_days"]


@pytest.mark.parametrize(
    "text", ["", "   ", "???", '"', "NEAR(a b)", "title:garbage OR *", "a" * 5000, "\x00\ud800", "-- ; DROP"]
)
def test_odd_questions_do_no_harm(search: KnowledgeSearch, text: str) -> None:
    for hit in search.search(text, "en"):
        assert 0 <= hit.score <= 1


@hypothesis_settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=80), language=st.sampled_from(["ja", "en", "vi", "uk", "ja-x-easy", "xx"]))
def test_any_text_can_be_searched(search: KnowledgeSearch, text: str, language: str) -> None:
    hits = search.search(text, language, limit=3)
    assert len(hits) <= 3
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert all(0 <= hit.score <= 1 for hit in hits)


def test_without_an_index_there_are_no_hits(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    inputs = write_data(tmp_path)
    target = tmp_path / "knowledge.sqlite3"
    assert run(inputs, target, TODAY) == []
    with sqlite3.connect(target) as connection:
        connection.execute("DROP TABLE term")
    connection.close()
    with KnowledgeStore(target) as store:
        assert KnowledgeSearch(store, languages=inputs.registry()).search("garbage", "en") == []
    assert "not available" in caplog.text


def test_latin_letters_lose_their_accents_and_others_keep_theirs() -> None:
    assert fold("Đăng") == "dang"
    assert fold("Straße") == "straße"
    assert fold("їжак") == "їжак"
    assert fold("ガ") == "ガ"
    assert fold("नेपाली") == "नेपाली"
