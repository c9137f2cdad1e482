"""The store: look-ups, speed, new imports under a running process, missing and damaged files."""

from __future__ import annotations

import sqlite3
import threading
import time
from pathlib import Path

import pytest

from bot.knowledge.importer import run
from bot.knowledge.store import KnowledgeError, KnowledgeStore, counts
from tests.knowledge.conftest import RECORDS, TODAY, write_data


def test_look_ups(store: KnowledgeStore) -> None:
    assert [office.id for office in store.offices(kind="lounge")] == ["north_lounge", "south_lounge"]
    assert [office.id for office in store.offices(kind="lounge", ward="north")] == ["north_lounge"]
    assert [ward.id for ward in store.wards()] == ["north", "south"]
    assert [station.id for station in store.stations()] == ["north_station", "south_station"]
    assert [procedure.id for procedure in store.procedures()] == ["renewal"]
    assert [partner.id for partner in store.partnerships()] == ["odesa"]
    assert [source.id for source in store.sources()] == ["city", "paper", "memory"]
    assert store.office("nowhere") is None
    assert store.ward("nowhere") is None
    assert store.topic("nowhere") is None
    assert store.public.topic("nowhere") is None
    assert counts(store)["offices"] == 4
    assert len(store.version()) == 16
    assert store.public.version() == store.version()


def test_records_come_back_as_they_were_written(store: KnowledgeStore) -> None:
    office = store.office("north_lounge")
    assert office is not None
    assert office.schedules[0].hours == "Mo-Sa 09:00-21:00; Su,PH 09:00-17:00; Su[4] off; Dec 29-Jan 03 off"
    assert office.aliases == {"ja": ("北ラウンジ",), "en": ("North lounge",), "vi": ("lounge Bắc",)}
    assert office.phones[1].kind == "fax"
    place = store.origin("offices", "north_lounge")
    assert place is not None
    assert place.file == "data/knowledge/records.yaml"
    assert place.line > 1
    assert store.origin("offices", "nowhere") is None


def test_a_look_up_takes_less_than_a_fifth_of_a_millisecond(store: KnowledgeStore) -> None:
    started = time.perf_counter()
    for _ in range(1000):
        store.public.office("north_lounge")
    assert (time.perf_counter() - started) / 1000 < 0.0002


def test_the_database_cannot_be_changed_through_the_store(store: KnowledgeStore) -> None:
    with store.query() as connection, pytest.raises(sqlite3.OperationalError, match="readonly"):
        connection.execute("DELETE FROM record")


def test_a_new_import_is_seen_and_old_records_stay_valid(tmp_path: Path) -> None:
    target = tmp_path / "var" / "knowledge.sqlite3"
    assert run(write_data(tmp_path), target, TODAY) == []
    with KnowledgeStore(target, check_seconds=0.0) as store:
        old, version = store.office("north_lounge"), store.version()
        assert old is not None
        changed = RECORDS.replace("number: 045-999-0001", "number: 045-999-7777")
        assert run(write_data(tmp_path, records=changed), target, TODAY) == []
        new = store.public.office("north_lounge")
        assert new is not None
        assert new.phones[0].number == "045-999-7777"
        assert old.phones[0].number == "045-999-0001"
        assert store.version() != version
        with store.query() as connection:
            assert connection.execute("SELECT count(*) FROM search").fetchone()[0] > 0


def test_by_default_a_new_import_is_seen_within_five_seconds(tmp_path: Path) -> None:
    target = tmp_path / "var" / "knowledge.sqlite3"
    assert run(write_data(tmp_path), target, TODAY) == []
    with KnowledgeStore(target) as store:
        assert run(write_data(tmp_path, more="topics: []\n"), target, TODAY) == []
        version = store.version()
        until = time.monotonic() + 5
        while store.version() == version and time.monotonic() < until:
            time.sleep(0.1)
        assert store.version() != version


@pytest.mark.parametrize("damage", ["remove", "rubbish", "truncate", "other"])
def test_a_damaged_file_does_not_take_the_records_away(
    tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    target = tmp_path / "var" / "knowledge.sqlite3"
    assert run(write_data(tmp_path), target, TODAY) == []
    with KnowledgeStore(target, check_seconds=0.0) as store:
        whole = target.read_bytes()
        replacement = tmp_path / "replacement"
        match damage:
            case "remove":
                target.unlink()
            case "rubbish":
                replacement.write_bytes(b"no database at all" * 1000)
            case "truncate":
                replacement.write_bytes(whole[: len(whole) // 2])
            case "other":
                with sqlite3.connect(replacement) as connection:
                    connection.execute("CREATE TABLE meta (key, value)")
                connection.close()
        if replacement.exists():
            replacement.replace(target)
        assert store.office("north_lounge") is not None
        assert "stay in use" in caplog.text
        assert run(write_data(tmp_path, more="topics: []\n"), target, TODAY) == []
        assert store.office("north_lounge") is not None


def test_a_first_opening_tells_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match="importer") as missing:
        KnowledgeStore(tmp_path / "none.sqlite3")
    assert missing.value.code == "missing"
    rubbish = tmp_path / "rubbish.sqlite3"
    rubbish.write_bytes(b"x" * 5000)
    with pytest.raises(KnowledgeError) as unreadable:
        KnowledgeStore(rubbish)
    assert unreadable.value.code == "unreadable"


def test_a_database_of_another_release_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "var" / "knowledge.sqlite3"
    assert run(write_data(tmp_path), target, TODAY) == []
    with sqlite3.connect(target) as connection:
        connection.execute("UPDATE meta SET value = 'another' WHERE key = 'schema'")
    connection.close()
    with pytest.raises(KnowledgeError) as caught:
        KnowledgeStore(target)
    assert caught.value.code == "other_schema"


def test_many_threads_read_search_and_reload_together(tmp_path: Path) -> None:
    target = tmp_path / "var" / "knowledge.sqlite3"
    inputs = write_data(tmp_path)
    assert run(inputs, target, TODAY) == []
    errors: list[BaseException] = []
    stop = threading.Event()

    def read(store: KnowledgeStore) -> None:
        try:
            while not stop.is_set():
                office = store.public.office("north_lounge")
                assert office is not None
                with store.query() as connection:
                    assert connection.execute("SELECT count(*) FROM record").fetchone()[0] > 10
        except BaseException as error:
            errors.append(error)

    with KnowledgeStore(target, check_seconds=0.0) as store:
        threads = [threading.Thread(target=read, args=(store,)) for _ in range(6)]
        for thread in threads:
            thread.start()
        for _ in range(5):
            assert run(inputs, target, TODAY) == []
        stop.set()
        for thread in threads:
            thread.join(timeout=10)
    assert errors == []
