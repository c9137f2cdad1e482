"""The environment of the fresh clone, and the stages of its start."""

from __future__ import annotations

from pathlib import Path

from bench.clone import Progress, fresh_environment, stages


def test_a_fresh_environment_keeps_the_machine_and_drops_this_program(tmp_path: Path) -> None:
    base = {
        "PATH": "/bin", "SSL_CERT_FILE": "/ca", "HTTPS_PROXY": "proxy", "HOME": str(tmp_path / "person"),
        "PYTHONPATH": "x", "PYTHON": "", "VIRTUAL_ENV": "x", "MAKEFLAGS": "-j", "MAKELEVEL": "1", "MODEL_DIR": "x",
        "VAR_DIR": "x", "UV_CACHE_DIR": "x", "XDG_CACHE_HOME": "x",
    }  # fmt: skip
    found = fresh_environment(base, tmp_path / "home", tmp_path / "cache")
    assert found == {
        "PATH": "/bin",
        "SSL_CERT_FILE": "/ca",
        "HTTPS_PROXY": "proxy",
        "HOME": str(tmp_path / "home"),
        "UV_CACHE_DIR": str(tmp_path / "cache" / "uv"),
        "PIP_CACHE_DIR": str(tmp_path / "cache" / "pip"),
    }


def test_a_chosen_interpreter_and_own_index_settings_stay(tmp_path: Path) -> None:
    settings = tmp_path / "person" / ".config" / "pip" / "pip.conf"
    settings.parent.mkdir(parents=True)
    settings.touch()
    base = {"HOME": str(tmp_path / "person"), "PYTHON": "/usr/bin/python3.11"}
    found = fresh_environment(base, tmp_path / "home", tmp_path / "cache")
    assert found["PYTHON"] == "/usr/bin/python3.11"
    assert found["PIP_CONFIG_FILE"] == str(settings)
    assert "UV_CONFIG_FILE" not in found
    assert fresh_environment({**base, "PIP_CONFIG_FILE": "mine"}, tmp_path, tmp_path)["PIP_CONFIG_FILE"] == "mine"


def test_progress_notes_each_stage_when_its_whole_line_is_there(tmp_path: Path) -> None:
    log = tmp_path / "log"
    progress = Progress(log)
    moments = [
        (1.0, "setup: installing 5 packages (runtime)\nsetup: environment rea"),
        (2.0, "dy after 9 s\nguide: importing the knowledge\n"),
        (3.0, "guide: training (data, configuration or code changed)\nguide: training … 2 s\n"),
        (4.0, "guide: trained in 99 s\n"),
        (5.0, "guide: starting rasa, actions and gateway\nguide: ready after 8.0 s; Ctrl-C stops it\n"),
    ]
    for now, text in moments:
        with log.open("a") as file:
            file.write(text)
        progress.look(now)
    assert progress.seen == {"environment": 2.0, "knowledge": 3.0, "training": 4.0, "start": 5.0}


def test_stages_are_the_times_between_their_ends() -> None:
    seen = {"clone": 10.5, "environment": 40.5, "training": 90.5}
    found = stages(seen, 10.0, 91.0)
    assert found == {"clone": 0.5, "environment": 30.0, "training": 50.0, "first answer": 0.5}
    assert sum(found.values()) == 81.0
