"""The commands and surroundings of the three parts."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bot.settings import PROJECT_ROOT, Settings
from bot.supervisor.parts import child_environment, endpoint_variables, guide_parts, public_url


def test_rasa_and_actions_listen_on_loopback_whatever_the_host() -> None:
    parts = {part.name: part for part in guide_parts(Settings(host="0.0.0.0"), Path("model"))}
    assert parts["gateway"].listen.host == "0.0.0.0"
    assert parts["rasa"].listen.host == parts["actions"].listen.host == "127.0.0.1"
    rasa = parts["rasa"].command
    assert rasa[rasa.index("--interface") + 1] == "127.0.0.1"
    assert "--enable-api" not in rasa


def test_default_host_is_loopback() -> None:
    assert Settings.model_fields["host"].default == "127.0.0.1"


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8080"),
        ("0.0.0.0", "http://127.0.0.1:8080"),
        ("::1", "http://[::1]:8080"),
        ("guide.example", "http://guide.example:8080"),
    ],
)
def test_address_to_open(host: str, url: str) -> None:
    assert public_url(Settings(host=host, port=8080)) == url


def test_children_get_absolute_paths_and_single_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    env = child_environment(Settings(var_dir=Path("some/var"), port=9000))
    assert env["VAR_DIR"] == str(Path("some/var").resolve())
    assert env["PORT"] == "9000"
    assert env["OMP_NUM_THREADS"] == env["OPENBLAS_NUM_THREADS"] == "1"
    assert "PYTHONPATH" not in env
    assert env["SANIC_HOST"] == "127.0.0.1"


def test_endpoints_name_only_variables_that_are_set() -> None:
    text = (PROJECT_ROOT / "endpoints.yml").read_text()
    for name, value in endpoint_variables(Settings()).items():
        assert f"${{{name}}}" in text
        text = text.replace(f"${{{name}}}", value)
    assert "${" not in text
    endpoints = yaml.safe_load(text)
    assert endpoints["action_endpoint"]["url"].startswith("http://127.0.0.1:")
    assert endpoints["tracker_store"]["dialect"] == "sqlite"
    assert Path(endpoints["tracker_store"]["db"]) == Settings().tracker_db.resolve()
    assert yaml.safe_load((PROJECT_ROOT / "credentials.yml").read_text()) == {"rest": None}
