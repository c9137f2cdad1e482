"""Rasa with the mends in place."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.supervisor.running import free_ports
from tests.rasa_compat.unpatched import evaluate

ROOT = Path(__file__).parents[2]

LOADED = """
import rasa_compat
import rasa.__main__, rasa.core.run, rasa.server
import json, os, sys
from rasa.core.channels import BUILTIN_CHANNELS
from rasa.engine.recipes.default_components import DEFAULT_COMPONENTS
from rasa.shared.exceptions import RasaException
loaded = sorted({name.split(".")[0] for name in sys.modules})
refused = {}
for name in ("twilio", "socketio"):
    try:
        BUILTIN_CHANNELS[name].from_credentials({})
    except RasaException as error:
        refused[name] = str(error)
absent = []
for name in ("boto3", "pymongo", "aiormq", "aio_pika", "structlog_sentry", "tensorflow", "twilio"):
    try:
        __import__(name)
    except ModuleNotFoundError:
        absent.append(name)
print(json.dumps({
    "loaded": loaded, "channels": sorted(BUILTIN_CHANNELS), "components": [c.__name__ for c in DEFAULT_COMPONENTS],
    "refused": refused, "absent": absent, "telemetry": os.environ["RASA_TELEMETRY_ENABLED"],
}))
"""


@pytest.fixture(scope="module")
def loaded() -> dict[str, Any]:
    found: dict[str, Any] = evaluate(LOADED)
    return found


@pytest.mark.parametrize("package", ["tensorflow", "keras", "sklearn", "matplotlib", "socketio", "redis", "boto3"])
def test_is_not_loaded_with_the_server(loaded: dict[str, Any], package: str) -> None:
    # `matplotlib` is only loaded when a plot is drawn; a lazy module of `rasa.utils.plotting` is not its package.
    assert package not in loaded["loaded"]


def test_stand_ins_are_gone_after_use(loaded: dict[str, Any]) -> None:
    assert loaded["absent"] == ["boto3", "pymongo", "aiormq", "aio_pika", "structlog_sentry", "tensorflow", "twilio"]


def test_channels_have_their_names_and_absent_ones_refuse(loaded: dict[str, Any]) -> None:
    assert {"rest", "callback", "cmdline", "slack", "socketio", "telegram"} <= set(loaded["channels"])
    assert set(loaded["refused"]) == {"twilio", "socketio"}
    assert all("not part of the lean install" in text for text in loaded["refused"].values())


def test_components_are_those_without_tensorflow(loaded: dict[str, Any]) -> None:
    assert "RulePolicy" in loaded["components"]
    assert not {"DIETClassifier", "TEDPolicy", "ResponseSelector"} & set(loaded["components"])


def test_telemetry_is_off(loaded: dict[str, Any]) -> None:
    assert loaded["telemetry"] == "false"


def test_a_result_of_an_action_is_checked_quickly_and_still_explained() -> None:
    found = evaluate(
        """
import rasa_compat, json, time
from rasa.core.actions.action import RemoteAction
from rasa.utils.endpoints import EndpointConfig
action = RemoteAction("a", EndpointConfig("http://127.0.0.1"))
good = {"events": [{"event": "slot", "name": "x", "value": 1}], "responses": [{"text": "hello"}]}
began = time.perf_counter()
for _ in range(20):
    assert action._validate_action_result(good)
seconds = (time.perf_counter() - began) / 20
try:
    action._validate_action_result({"events": 3})
    error = None
except Exception as exception:
    error = str(exception)
print(json.dumps({"seconds": seconds, "error": error}))
"""
    )
    assert found["seconds"] < 0.005
    assert "3 is not of type 'array'" in found["error"]


def test_a_copied_message_is_equal_and_independent() -> None:
    found = evaluate(
        """
import rasa_compat, copy, json
from rasa.shared.nlu.training_data.message import Message
one = Message({"text": "hello", "intent": "greet", "metadata": {"example": {"x": [1]}}}, output_properties={"intent"})
before = one.fingerprint()
one.set("intent", "greet")
kept = one._cached_fingerprint == before
two = copy.deepcopy(one)
equal = two == one and two.output_properties == one.output_properties and two.features == []
two.set("intent", "bye")
two.data["metadata"]["example"]["x"].append(2)
two.output_properties.add("other")
print(json.dumps({
    "kept": kept, "equal": equal, "differs": two.fingerprint() != before,
    "untouched": [one.data["intent"], one.data["metadata"], sorted(one.output_properties)],
}))
"""
    )
    untouched = ["greet", {"example": {"x": [1]}}, ["intent", "text"]]
    assert found == {"kept": True, "equal": True, "differs": True, "untouched": untouched}


def rasa(project: Path, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "rasa_compat", *arguments],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=check,
        timeout=180,
        stdin=subprocess.DEVNULL,
    )


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small project of Rasa's own components, trained."""
    folder = tmp_path_factory.mktemp("rasa")
    files = {
        "config.yml": """
            recipe: default.v1
            assistant_id: small
            language: en
            pipeline: [{name: WhitespaceTokenizer}, {name: KeywordIntentClassifier}]
            policies: [{name: RulePolicy}]
        """,
        "domain.yml": """
            version: "3.1"
            intents: [greet, bye]
            responses: {utter_greet: [{text: hi}], utter_bye: [{text: see you}]}
        """,
        "data/data.yml": """
            version: "3.1"
            nlu:
            - {intent: greet, examples: "- hello\\n- hi there\\n"}
            - {intent: bye, examples: "- bye\\n- good night\\n"}
            rules:
            - {rule: one, steps: [{intent: greet}, {action: utter_greet}]}
            - {rule: two, steps: [{intent: bye}, {action: utter_bye}]}
        """,
        "tests/test_stories.yml": """
            version: "3.1"
            stories:
            - story: greeting
              steps: [{user: "hello", intent: greet}, {action: utter_greet}]
        """,
        "credentials.yml": "rest:",
        "endpoints.yml": "tracker_store: {type: SQL, dialect: sqlite, db: tracker.sqlite3}",
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    rasa(folder, "train", "--fixed-model-name", "small")
    assert (folder / "models" / "small.tar.gz").is_file()
    return folder


@contextlib.contextmanager
def served(project: Path) -> Iterator[tuple[str, int]]:
    port = free_ports(1)[0]
    command = [sys.executable, "-m", "rasa_compat", "run", "--model", "models/small.tar.gz"]
    process = subprocess.Popen(
        [*command, "--interface", "127.0.0.1", "-p", str(port)],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}/webhooks/rest"
    try:
        end = time.monotonic() + 90
        while True:
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{url}/", timeout=1):
                break
            assert process.poll() is None
            assert time.monotonic() < end
            time.sleep(0.1)
        yield url, process.pid
    finally:
        process.terminate()
        process.wait(timeout=20)


def test_serves_in_one_process(project: Path) -> None:
    def ask(path: str, text: str) -> str:
        body = json.dumps({"sender": "someone", "message": text}).encode()
        with urllib.request.urlopen(urllib.request.Request(url + path, body), timeout=20) as response:
            return str(response.read().decode())

    with served(project) as (url, pid):
        assert json.loads(ask("/webhook", "hello")) == [{"recipient_id": "someone", "text": "hi"}]
        assert json.loads(ask("/webhook?stream=true", "bye").splitlines()[0])["text"] == "see you"
        assert Path(f"/proc/{pid}/task/{pid}/children").read_text() == ""
    assert (project / "tracker.sqlite3").stat().st_size > 0


def test_does_not_serve_without_a_model(project: Path) -> None:
    (project / "broken.tar.gz").write_bytes(b"not a model")
    port = free_ports(1)[0]
    ended = rasa(project, "run", "--model", "broken.tar.gz", "--interface", "127.0.0.1", "-p", str(port), check=False)
    assert ended.returncode != 0
    assert "the model could not be loaded" in ended.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("data", "validate"),
        ("test", "nlu", "--model", "models/small.tar.gz", "--nlu", "data", "--no-plot"),
        (
            "test",
            "core",
            "--model",
            "models/small.tar.gz",
            "--stories",
            "tests",
            "--no-plot",
            "--fail-on-prediction-errors",
        ),
    ],
    ids=" ".join,
)
def test_commands_work(project: Path, arguments: tuple[str, ...]) -> None:
    assert rasa(project, *arguments).returncode == 0


def test_tensorflow_components_are_refused_by_name(project: Path, tmp_path: Path) -> None:
    config = tmp_path / "config.yml"
    config.write_text((project / "config.yml").read_text().replace("KeywordIntentClassifier", "DIETClassifier"))
    ended = rasa(project, "train", "--config", str(config), "--out", str(tmp_path), check=False)
    assert ended.returncode != 0
    assert "DIETClassifier" in ended.stdout + ended.stderr
