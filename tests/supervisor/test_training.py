"""When a model is trained anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.settings import PROJECT_ROOT
from bot.supervisor.training import INPUTS, Model, fingerprint, train_command, training_cache


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in {
        "config.yml": "pipeline",
        "data/nlu/en/greet.yml": "hello",
        "data/locale/en/guide.po": "text",
        "data/locale/en/topics.po": "text",
        "bot/nlu/part.py": "code",
        "bot/gateway/app.py": "code",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.mark.parametrize("name", ["config.yml", "data/nlu/en/greet.yml", "data/locale/en/topics.po", "bot/nlu/part.py"])
def test_changed_content_changes_the_fingerprint(project: Path, name: str) -> None:
    before = fingerprint(project)
    assert fingerprint(project) == before
    (project / name).write_text("other")
    changed = fingerprint(project)
    assert changed != before


def test_a_renamed_file_changes_the_fingerprint(project: Path) -> None:
    before = fingerprint(project)
    (project / "data/nlu/en/greet.yml").rename(project / "data/nlu/en/hello.yml")
    assert fingerprint(project) != before


def test_a_new_file_changes_the_fingerprint(project: Path) -> None:
    before = fingerprint(project)
    (project / "data/nlu/en/bye.yml").write_text("bye")
    assert fingerprint(project) != before


@pytest.mark.parametrize(
    "name", ["bot/gateway/app.py", "data/locale/en/guide.po", "bot/nlu/__pycache__/part.pyc", "bot/nlu/.part.py.swp"]
)
def test_what_a_model_is_not_made_from_changes_nothing(project: Path, name: str) -> None:
    before = fingerprint(project)
    (project / name).parent.mkdir(exist_ok=True)
    (project / name).write_text("other")
    assert fingerprint(project) == before


def test_times_of_files_do_not_matter(project: Path) -> None:
    before = fingerprint(project)
    for path in project.rglob("*.yml"):
        path.touch()
    assert fingerprint(project) == before


def test_every_input_is_of_this_project() -> None:
    known = [name for name in INPUTS if (PROJECT_ROOT / name).exists()]
    assert "rasa_compat" in known
    assert "bot/nlu" in known
    assert "requirements.txt" in known


def test_a_model_is_current_until_inputs_or_file_change(tmp_path: Path) -> None:
    model = Model(tmp_path / "guide.tar.gz")
    assert not model.is_current("a")
    model.new_path.write_bytes(b"weights")
    model.accept_new("a", 12.34)
    assert model.is_current("a")
    assert not model.new_path.exists()
    record = model.record()
    assert record is not None
    assert record.seconds == 12.3
    assert not model.is_current("b")
    model.path.write_bytes(b"weig")  # cut short
    assert not model.is_current("a")


@pytest.mark.parametrize("text", ["", "[]", '{"inputs": "a"}', "{"])
def test_a_broken_record_means_training(tmp_path: Path, text: str) -> None:
    model = Model(tmp_path / "guide.tar.gz")
    model.path.write_bytes(b"weights")
    model.record_path.write_text(text)
    assert model.record() is None
    assert not model.is_current("a")


def test_training_does_not_write_over_the_model_in_use(tmp_path: Path) -> None:
    model = Model(tmp_path / "guide.tar.gz")
    command = train_command(model)
    name = command[command.index("--fixed-model-name") + 1]
    assert tmp_path / f"{name}.tar.gz" == model.new_path != model.path


def test_the_cache_begins_anew_when_what_it_cannot_see_changed(project: Path) -> None:
    model = Model(project / "models" / "guide.tar.gz")
    first = training_cache(model, project)
    (first / "component").touch()
    (project / "data/nlu/en/greet.yml").write_text("hi")
    assert training_cache(model, project) == first
    assert (first / "component").exists()
    (project / "requirements.txt").write_text("rasa==3.6.21")
    second = training_cache(model, project)
    assert second != first
    assert not first.exists()
    assert list(second.iterdir()) == []
