"""The importer: what it accepts, what it refuses and how it says so, and that the database is never half written."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from bot.knowledge.checks import Facts, check
from bot.knowledge.importer import Inputs, examine, fingerprint, known_intents, run, stored_version
from bot.knowledge.loading import load
from bot.knowledge.problems import Problem
from bot.knowledge.store import KnowledgeStore
from bot.settings import PROJECT_ROOT
from tests.knowledge.conftest import RECORDS, TODAY, write_data

PROVENANCE = "confidence: official, source: city, date: 2026-01-07"


def problems_of(folder: Path, old: str, new: str) -> list[Problem]:
    """The problems of the sample after one change."""
    assert old in RECORDS
    _, problems = examine(write_data(folder, records=RECORDS.replace(old, new, 1)), TODAY)
    return problems


def line_of(text: str) -> int:
    return next(number for number, line in enumerate(RECORDS.split("\n"), 1) if text in line)


def test_the_sample_has_no_problems(sample: Inputs) -> None:
    loaded, problems = examine(sample, TODAY)
    assert problems == []
    assert len(loaded.knowledge.offices) == 4
    assert loaded.origins["offices", "north_lounge"].line == line_of("id: north_lounge")


def test_names_files_are_merged(store: KnowledgeStore) -> None:
    office = store.office("north_lounge")
    ward = store.ward("north")
    assert office is not None
    assert ward is not None
    assert office.names.get("vi") == "Phòng giao lưu quốc tế Bắc"
    assert office.aliases["vi"] == ("lounge Bắc",)
    assert ward.names.get("vi") == "Quận Bắc"


def test_questions_files_are_merged(tmp_path: Path) -> None:
    more = "questions: {garbage_days: [Khi nào đổ rác?, Ngày nào thu gom rác?]}"
    loaded, problems = examine(
        write_data(tmp_path, questions__vi=more, questions__en="questions: {garbage_days: [when]}"), TODAY
    )
    assert problems == []
    questions = loaded.knowledge.topics["garbage_days"].alternative_questions
    assert questions["vi"] == ("Ngày nào thu gom rác?", "Khi nào đổ rác?")
    assert questions["en"] == ("when",)


def test_plain_scalars_are_what_was_typed(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(
        """
sources: [{id: no, title: 22:00, kind: official, date: 2024}]
partnerships:
  - {id: norway, kind: sister_city, names: {ja: 045, en: "null"}, country: NO,
     confidence: official, source: no, date: 2024-03}
budget:
  - {id: line, name: {ja: x}, fiscal_year: 2022, amount: 12, previous_amount: null,
     confidence: official, source: no, date: 2024}
""",
        encoding="utf-8",
    )
    loaded = load(tmp_path, ["ja", "en"])
    assert loaded.problems == ()
    assert loaded.knowledge.sources["no"].title == "22:00"
    assert loaded.knowledge.partnerships["norway"].country == "NO"
    assert loaded.knowledge.partnerships["norway"].names.ja == "045"
    assert loaded.knowledge.partnerships["norway"].names.en == "null"
    assert loaded.knowledge.budget["line"].previous_amount is None
    assert loaded.knowledge.budget["line"].amount == 12


@pytest.mark.parametrize(
    ("old", "new", "code", "record", "said"),
    [
        ("source: city, date: 2026-01-07, remark: the staff", "source: cyti, date: 2026-01-07, remark: the staff",
         "unknown_id", "north_lounge", "sources"),
        ("neighbours: [south]", "neighbours: [sauth]", "unknown_id", "north", "south"),
        ("station: north_station", "station: nord", "unknown_id", "north_lounge", "stations"),
        ("procedure: renewal, item: {ja: 10年用}, channel: online",
         "procedure: renew, item: {ja: 10年用}, channel: online",
         "unknown_id", "online_fee", "renewal"),
        ("parent: total", "parent: totl", "unknown_id", "part", "total"),
        ("id: south_lounge", "id: north_lounge", "duplicate_id", "north_lounge", "used twice"),
        ("Mo-Sa 09:00-21:00; Su", "Mo-Sa 9-21 Uhr; Su", "bad_hours", "north_lounge", "opening_hours"),
        ("Mo,Sa 09:00-17:00", "sunrise-sunset", "bad_hours", "north_lounge", "cannot be shown"),
        ("valid_to: 2026-06-30", "valid_to: 2026-07-01", "overlapping_fees", "new_fee", "old_fee"),
        ("valid_from: 2026-07-01, confidence: sec", "valid_from: 2026-02-30, confidence: sec",
         "bad_value", "new_fee", "calendar"),
        ("amount: 9300", "status: unknown, amount: 9300", "bad_value", "new_fee", "amount"),
        ("intent: topic_garbage", "intent: topic_garbadge", "unknown_intent", "garbage_days", "topic_garbage"),
        ("intent: topic_garbage", "intent: garbage", "bad_value", "garbage_days", "topic_"),
        ("lat: 35.51, lon: 139.62", "lat: 139.62, lon: 35.51", "bad_value", "north_station", "lat"),
        ("lat: 35.512, lon: 139.621", "lat: 35.68, lon: 139.76", "bad_position", "north_lounge", "yokohama"),
        ("number: 045-999-0001", "number: 0459990001x", "bad_value", "north_lounge", "telephone"),
        ("number: 045-999-0001", "number: ０４５-999-0001", "bad_value", "north_lounge", "telephone"),
        ("value: 220-0001", "value: 2200001", "bad_value", "north_lounge", "postal"),
        ("{code: my, ", "{code: burmese, ", "unknown_language", "north_lounge", "burmese"),
        ("aliases: {ja: [北ラウンジ]", "aliases: {jp: [北ラウンジ]", "unknown_language", "north_lounge", "jp"),
        ("confidence: unverified, source: memory, date: 2026-11-23}\n    postal",
         "confidence: official, source: memory, date: 2026-11-23}\n    postal",
         "confidence_too_high", "north_lounge", "address"),
        ("confidence: secondary, source: paper, date: 2026-01", "confidence: official, source: paper, date: 2026-01",
         "confidence_too_high", "new_fee", "official"),
        ("date: 2026-01-07, remark: asked", "date: 2027-01-07, remark: asked", "future_date", "north_lounge", "future"),
        ("date: 2026-01-07, remark: asked", "date: 7.1.2026, remark: asked", "bad_value", "north_lounge", "date"),
        ("kind: ward_office", "kind: wardoffice", "bad_value", "north_ward_office", "ward_office"),
        ("    kind: lounge\n", "    kind: lounge\n    kind: lounge\n", "duplicate_key", None, "twice"),
        ("walk_minutes: 5", "walkminutes: 5", "unknown_key", "north_lounge", "walk_minutes"),
        ("walk_minutes: 5", "walk_minutes: five", "bad_value", "north_lounge", "walk_minutes"),
        ("date: 2026-01-07, remark: the staff only}", "remark: the staff only}", "missing_key", "north_lounge", "date"),
        ("budget:\n", "bugdet:\n", "unknown_key", None, "budget"),
        ("url: https://example.org/paper", "url: example.org/paper", "bad_value", "paper", "https"),
        ("question: {ja: ごみはいつ出しますか, en: On which days is garbage collected?}\n", "\n",
         "missing_key", "garbage_days", "question"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_place(
    tmp_path: Path, old: str, new: str, code: str, record: str | None, said: str
) -> None:
    problems = problems_of(tmp_path, old, new)
    found = [one for one in problems if one.code == code and one.record == record]
    assert found, problems
    assert any(said in f"{one.what} {one.mend}" for one in found), problems
    assert all(one.file == "data/knowledge/records.yaml" and one.line > 0 and one.mend for one in found)
    text = RECORDS.replace(old, new, 1).split("\n")
    changed = {word for word in new.replace("\n", " ").split() if len(word) > 3}
    assert any(
        word in " ".join(text[max(0, one.line - 3) : one.line + 1])
        for one in found
        for word in changed | {record or ""}
    )


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    broken = RECORDS.replace("kind: ward_office", "kind: wrong").replace("parent: total", "parent: nothing")
    _, problems = examine(write_data(tmp_path, records=broken), TODAY)
    assert {one.code for one in problems} == {"bad_value", "unknown_id"}
    # The two ward offices cannot be read; that is said once each and not again at every reference to them.
    assert sorted(str(one.record) for one in problems) == ["north_ward_office", "part", "south_ward_office"]


def test_fees_of_different_channels_may_overlap_unless_one_is_for_any(tmp_path: Path) -> None:
    problems = problems_of(tmp_path, "channel: online, amount: 8900", "channel: any, amount: 8900")
    assert [(one.code, one.record) for one in problems] == [("overlapping_fees", "online_fee")]


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("names__vi", "offices: {nowhere: X}", "unknown_id"),
        ("names__vi", "topics: {garbage_days: X}", "unknown_key"),
        ("names__xx", "offices: {north_lounge: X}", "unknown_language"),
        ("names__en", "offices: {north_lounge: Another name}", "duplicate_key"),
        ("names__vi", "offices: {north_lounge: [X]}", "wrong_shape"),
        ("names__vi", "offices: [north_lounge]", "wrong_shape"),
        ("questions__vi", "questions: {nowhere: [X]}", "unknown_id"),
        ("questions__vi", "topics: {garbage_days: [X]}", "unknown_key"),
        ("questions__xx", "questions: {garbage_days: [X]}", "unknown_language"),
        ("questions__vi", "questions: {garbage_days: X}", "wrong_shape"),
        ("questions__vi", "questions: {garbage_days: [[X]]}", "wrong_shape"),
        ("questions__vi", "questions: [garbage_days]", "wrong_shape"),
        ("more", "[1, 2]", "wrong_shape"),
        ("more", "offices: [1]", "wrong_shape"),
        ("more", "offices: {a: b}", "wrong_shape"),
        ("more", "offices: [", "bad_yaml"),
        ("more", "a: b: c", "bad_yaml"),
        ("more", "x: \x07", "bad_yaml"),
        ("more", "offices: [&a {id: x, names: *a}]", "wrong_shape"),
    ],
)
def test_misshapen_files_are_problems(tmp_path: Path, name: str, text: str, code: str) -> None:
    _, problems = examine(write_data(tmp_path, **{name: text}), TODAY)
    assert [one.code for one in problems] == [code], problems
    assert problems[0].file == f"data/knowledge/{name.replace('__', '/')}.yaml"


def test_an_alias_bomb_is_refused_quickly(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    bomb = "offices:\n  - id: bomb\n" + "\n".join(f"    {line}" for line in lines)
    _, problems = examine(write_data(tmp_path, bomb=bomb), TODAY)
    assert any("too large" in one.what for one in problems)


def test_a_file_that_is_not_utf8_is_a_problem(tmp_path: Path) -> None:
    inputs = write_data(tmp_path)
    (inputs.knowledge / "more.yaml").write_bytes("topics: []  # ごみ".encode("shift_jis"))
    _, problems = examine(inputs, TODAY)
    assert [(one.code, one.file) for one in problems] == [("unreadable_file", "data/knowledge/more.yaml")]


def test_a_broken_catalogue_is_a_problem(tmp_path: Path) -> None:
    inputs = write_data(tmp_path)
    inputs.catalogue("uk").write_text('msgctxt "topic.x.answer"\nmsgid "a"\nmsgstr "b\nnonsense\n', encoding="utf-8")
    _, problems = examine(inputs, TODAY)
    assert [(one.code, one.file) for one in problems] == [("unreadable_file", "data/locale/uk/topics.po")]


def test_empty_files_and_sections_are_fine(tmp_path: Path) -> None:
    _, problems = examine(
        write_data(tmp_path, more="", other="# only a comment\n", third="offices:\nfees: []\n"), TODAY
    )
    assert problems == []


_scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=True), st.text(max_size=20), st.dates(),
    st.sampled_from(["id", "ja", "official", "2024", "city", "24/7", "renewal", "north"]),
)  # fmt: skip
_keys = st.sampled_from(
    ["id", "kind", "names", "provenance", "source", "date", "confidence", "hours", "schedules", "phones", "offices",
     "answer", "question", "position", "lat", "amount", "ja", "en", "ward", "aliases", "item", "procedure", "text"]
)  # fmt: skip
_values = st.recursive(
    _scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_keys, inner, max_size=5), max_leaves=12
)
_documents = st.dictionaries(
    st.sampled_from(
        ["sources", "offices", "wards", "stations", "procedures", "fees", "topics", "budget", "partnerships", "x"]
    ),
    st.lists(st.dictionaries(_keys, _values, max_size=8), max_size=3) | _values,
    max_size=4,
)


def rubbish_problems(folder: Path, rubbish: bytes) -> list[Problem]:
    """All problems of a folder that holds nothing but rubbish, as records and as names."""
    for name in ("rubbish.yaml", "names/uk.yaml"):
        path = folder / "data" / "knowledge" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(rubbish)
    languages = ["ja", "en", "uk"]
    loaded = load(folder / "data" / "knowledge", languages)
    return [*loaded.problems, *check(loaded, Facts(TODAY, languages))]


@hypothesis_settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=_documents)
def test_whatever_yaml_holds_the_importer_answers_with_values(tmp_path: Path, document: object) -> None:
    for problem in rubbish_problems(tmp_path, yaml.safe_dump(document, allow_unicode=True).encode()):
        assert problem.what
        assert problem.mend
        assert problem.file in {"data/knowledge/rubbish.yaml", "data/knowledge/names/uk.yaml"}
        assert problem.line >= 0
        assert len(str(problem)) < 2500


@hypothesis_settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rubbish=st.binary(max_size=300) | st.text(max_size=200).map(str.encode))
def test_whatever_bytes_a_file_holds_the_importer_answers_with_values(tmp_path: Path, rubbish: bytes) -> None:
    assert all(problem.mend for problem in rubbish_problems(tmp_path, rubbish))


def test_problems_leave_the_database_as_it_was(sample: Inputs, tmp_path: Path) -> None:
    target = tmp_path / "var" / "knowledge.sqlite3"
    assert run(sample, target, TODAY) == []
    before = target.read_bytes()
    write_data(tmp_path, records=RECORDS.replace("kind: ward_office", "kind: wrong"))
    assert run(sample, target, TODAY)
    assert target.read_bytes() == before
    assert list(target.parent.iterdir()) == [target]


def test_a_failure_while_writing_leaves_the_database_as_it_was(
    sample: Inputs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "var" / "knowledge.sqlite3"
    assert run(sample, target, TODAY) == []
    before = target.read_bytes()

    def full_disk(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr("bot.knowledge.search_index.build", full_disk)
    with pytest.raises(sqlite3.OperationalError):
        run(sample, target, TODAY)
    assert target.read_bytes() == before
    assert list(target.parent.iterdir()) == [target]


def test_the_fingerprint_follows_facts_texts_and_languages(sample: Inputs) -> None:
    seen = {fingerprint(sample)}
    for path in (
        sample.knowledge / "records.yaml",
        sample.data_dir / "locale" / "uk" / "topics.po",
        sample.data_dir / "languages.yaml",
    ):
        path.write_text(path.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
        seen.add(fingerprint(sample))
    assert len(seen) == 4


def test_intents_come_from_the_domain_in_both_notations(tmp_path: Path) -> None:
    domain = tmp_path / "domain.yml"
    assert known_intents(domain) is None
    domain.write_text("intents:\n  - greet\n  - topic_garbage: {use_entities: true}\n", encoding="utf-8")
    assert known_intents(domain) == {"greet", "topic_garbage"}


def run_command(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DATA_DIR": str(folder / "data"), "VAR_DIR": str(folder / "var")}
    return subprocess.run(
        [sys.executable, "-m", "bot.knowledge.importer", *arguments],
        cwd=PROJECT_ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def test_the_command_line(tmp_path: Path) -> None:
    inputs = write_data(tmp_path, records=RECORDS.replace("    intent: topic_garbage\n", ""))
    target = tmp_path / "var" / "knowledge.sqlite3"
    checked = run_command(tmp_path, "--check")
    assert (checked.returncode, checked.stdout, target.exists()) == (0, "knowledge: no problems\n", False)
    done = run_command(tmp_path)
    assert done.returncode == 0, done.stderr
    assert "4 offices" in done.stdout
    assert stored_version(target) == fingerprint(inputs)
    again = run_command(tmp_path)
    assert (again.returncode, again.stdout) == (0, "knowledge: up to date\n")
    (inputs.knowledge / "more.yaml").write_text("topics: [{id: 1x}]", encoding="utf-8")
    refused = run_command(tmp_path)
    assert refused.returncode == 1
    assert "data/knowledge/more.yaml:1: 1x: topics" not in refused.stderr
    assert "data/knowledge/more.yaml:1: 1x: id: '1x' is no id" in refused.stderr
    assert "left as it was" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_place_that_cannot_be_written_is_one_clear_line(tmp_path: Path) -> None:
    write_data(tmp_path, records=RECORDS.replace("    intent: topic_garbage\n", ""))
    (tmp_path / "var").write_text("a file where the folder should be", encoding="utf-8")
    failed = run_command(tmp_path)
    assert failed.returncode == 2
    assert len(failed.stderr.strip().split("\n")) == 1
    assert "cannot be written" in failed.stderr
