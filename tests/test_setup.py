"""Set-up: the locked requirements, the making of the environment, the Makefile."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parent.parent
LOCKS = ("requirements.txt", "requirements-dev.txt", "requirements/plain.txt", "requirements/uv.txt")


def load_script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("environment_script", ROOT / "scripts" / "environment.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


setup = load_script()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project folder with two lock files and an environment that has an interpreter."""
    (tmp_path / "requirements.txt").write_text("one==1.0 \\\n    --hash=sha256:00\n")
    (tmp_path / "requirements-dev.txt").write_text(
        "one==1.0 \\\n    --hash=sha256:00\ntwo==2.0 \\\n    --hash=sha256:00\n"
    )
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    return tmp_path


@pytest.mark.parametrize("name", LOCKS)
def test_every_requirement_is_pinned_with_hashes_and_no_host_or_path(name: str) -> None:
    text = (ROOT / name).read_text()
    assert "://" not in text
    assert "--index" not in text
    assert "--find-links" not in text
    blocks = re.split(r"\n(?=\S)", text.strip())
    for block in blocks:
        assert re.match(r"^[A-Za-z0-9._-]+(\[[a-z,]+\])?==[^\s;]+( ; [^\\]+)? \\\n", block), block[:80]
        assert len(re.findall(r"--hash=sha256:[0-9a-f]{64}", block)) >= 1
        assert "/" not in block
    assert len(blocks) == len(setup.pins(ROOT / name))


def test_development_set_holds_the_runtime_set_in_the_same_versions() -> None:
    assert setup.pins(ROOT / "requirements.txt").items() <= setup.pins(ROOT / "requirements-dev.txt").items()


def test_the_lean_set_has_no_tensorflow_and_no_excluded_package() -> None:
    excluded = [
        line for line in (ROOT / "requirements" / "excludes.txt").read_text().splitlines() if line[:1] not in ("", "#")
    ]
    installed = setup.pins(ROOT / "requirements-dev.txt")
    assert "tensorflow" in excluded
    assert not {setup.normal_name(name) for name in excluded} & installed.keys()
    assert installed["rasa"] == "3.6.21"


def test_the_plain_set_has_tensorflow_and_the_same_rasa() -> None:
    plain = setup.pins(ROOT / "requirements" / "plain.txt")
    assert "tensorflow" in plain
    assert plain["rasa"] == setup.pins(ROOT / "requirements.txt")["rasa"]


def test_addresses_are_taken_out_of_what_installers_print() -> None:
    printed = "error: https://user:secret@index.example:8443/simple/x/ refused (see http://other.example)"
    assert "example" not in setup.without_addresses(printed)
    assert "secret" not in setup.without_addresses(printed)
    assert "refused" in setup.without_addresses(printed)


def test_an_environment_is_current_until_a_lock_changes(project: Path) -> None:
    environment = setup.Environment(project)
    assert not environment.is_current("runtime")
    environment.write_record("dev")
    assert environment.is_current("dev")
    assert environment.is_current("runtime")
    (project / "requirements-dev.txt").write_text("one==1.0\ntwo==2.1\n")
    assert environment.is_current("runtime")
    assert not environment.is_current("dev")
    (project / "requirements.txt").write_text("one==1.1\n")
    assert not environment.is_current("runtime")


def test_a_runtime_environment_is_not_a_development_one(project: Path) -> None:
    environment = setup.Environment(project)
    environment.write_record("runtime")
    assert environment.is_current("runtime")
    assert not environment.is_current("dev")


def test_an_interrupted_install_is_noticed(project: Path) -> None:
    environment = setup.Environment(project)
    environment.write_record("dev")
    with pytest.raises(KeyboardInterrupt), environment.install():
        raise KeyboardInterrupt
    assert not environment.is_current("dev")
    assert not environment.holds("dev")
    with environment.install() as interrupted:
        assert interrupted
    environment.write_record("dev")
    assert environment.is_current("dev")


def test_an_environment_without_interpreter_is_not_current(project: Path) -> None:
    environment = setup.Environment(project)
    environment.write_record("dev")
    environment.python.unlink()
    assert not environment.is_current("dev")


def test_what_is_installed_is_recognised_whoever_installed_it(project: Path) -> None:
    environment = setup.Environment(project)
    assert not environment.holds("runtime")
    version = importlib.metadata.version("pip") if importlib.util.find_spec("pip") else None
    name, number = ("pip", version) if version else ("pytest", pytest.__version__)
    environment.python.unlink()
    # The tests' own interpreter, started through a script so that it keeps its packages.
    environment.python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    environment.python.chmod(0o755)
    (project / "requirements.txt").write_text(f"{name}=={number} \\\n    --hash=sha256:00\n")
    assert environment.holds("runtime")
    (project / "requirements.txt").write_text(f"{name}==0.0.1 \\\n    --hash=sha256:00\n")
    assert not environment.holds("runtime")


def test_a_link_is_never_made_anew(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("shared")
    (elsewhere / "keep").touch()
    environment = setup.Environment(project)
    environment.python.unlink()
    environment.python.parent.rmdir()
    environment.folder.rmdir()
    environment.folder.symlink_to(elsewhere)
    with pytest.raises(setup.SetupError, match="link"):
        setup.make_folder(environment, None)
    assert (elsewhere / "keep").exists()


def test_a_full_disk_is_called_so() -> None:
    installer = setup.Installer("installing")
    with pytest.raises(setup.SetupError, match="the disk is full"):
        installer.run([sys.executable, "-c", "open('/dev/full', 'w').write('x' * 100000)"])


def test_without_python_one_line_says_what_to_install(tmp_path: Path) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("dirname", "sh"):
        (tools / name).symlink_to(f"/usr/bin/{name}")
    ended = subprocess.run(
        ["/bin/sh", str(ROOT / "scripts" / "environment"), "runtime"],
        env={"PATH": str(tools)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert len(ended.stderr.strip().splitlines()) == 1
    assert "Python 3.11" in ended.stderr


def test_another_python_is_not_taken_for_3_11(tmp_path: Path) -> None:
    other = tmp_path / "python3.11"
    other.write_text("#!/bin/sh\nexit 1\n")
    other.chmod(0o755)
    ended = subprocess.run(
        [str(ROOT / "scripts" / "environment"), "runtime"],
        env={**os.environ, "PYTHON": str(other)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert "Python 3.11" in ended.stderr


def test_make_help_lists_the_targets() -> None:
    command = ["make", "--no-print-directory", "help"]  # the test may itself run under make
    text = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    listed = [line.split()[0] for line in text.splitlines()]
    assert [name for name in listed if name not in ("help", "lock")] == [
        "serve", "test", "train", "lint", "format", "eval", "bench", "clean",
    ]  # fmt: skip


def test_continuous_integration_calls_make_test_and_nothing_else() -> None:
    lines = (ROOT / ".ci" / "run").read_text().splitlines()
    assert [line for line in lines if line and not line.startswith(("#", "set ", "cd "))] == ["exec make test"]
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


def test_record_is_json(project: Path) -> None:
    environment = setup.Environment(project)
    environment.write_record("dev")
    assert set(json.loads(environment.record.read_text())) == {"requirements.txt", "requirements-dev.txt"}
