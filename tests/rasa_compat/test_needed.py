"""A test for each mend, that fails when the libraries no longer need it: then remove the mend and the test."""

from __future__ import annotations

import importlib.util
import time

import jsonschema
import pytest

from rasa_compat.mends import ABSENT_CHANNELS, ABSENT_COMPONENTS, BROKERS, STORES, UNUSED_CHANNELS, mends
from tests.rasa_compat.unpatched import evaluate, imports_at_top, source_of


def installed(package: str) -> bool:
    return importlib.util.find_spec(package) is not None


def test_every_mend_is_of_a_module_that_exists_and_says_why() -> None:
    for mend in mends():
        assert source_of(mend.module).is_file(), mend.module
        assert len(mend.reason) > 15


def test_packaging_has_no_legacy_version_and_rasa_wants_it() -> None:
    assert "packaging.version.LegacyVersion" in imports_at_top("rasa.shared.utils.validation")
    assert evaluate("import packaging.version; print(int(hasattr(packaging.version, 'LegacyVersion')))") == 0


def test_numpy_has_moved_a_warning_and_rasa_wants_it() -> None:
    assert "np.VisibleDeprecationWarning" in source_of("rasa.utils.common").read_text()
    assert evaluate("import numpy; print(int(hasattr(numpy, 'VisibleDeprecationWarning')))") == 0


def test_portalocker_loads_redis() -> None:
    assert "portalocker" in imports_at_top("rasa.shared.utils.io")
    assert evaluate("import portalocker, sys; print(int('redis' in sys.modules))") == 1


def test_sanic_has_no_stream_and_rasa_wants_it() -> None:
    assert "response.stream(" in source_of("rasa.core.channels.rest").read_text()
    assert evaluate("import sanic.response; print(int(hasattr(sanic.response, 'stream')))") == 0


def test_sanic_spawns_workers_and_rasa_does_not_ask_for_one_process() -> None:
    text = source_of("rasa.core.run").read_text()
    assert "app.run(" in text
    assert "single_process" not in text
    assert evaluate("import json; from sanic import Sanic; print(json.dumps(Sanic._get_startup_method()))") == "spawn"


def test_sanic_waits_too_short_for_workers() -> None:
    assert evaluate("from sanic.worker.manager import WorkerManager; print(WorkerManager.THRESHOLD)") < 600


def test_rasa_copies_and_hashes_every_example_at_every_merge() -> None:
    data = source_of("rasa.shared.nlu.training_data.training_data").read_text()
    assert "copy.deepcopy(o.training_examples)" in data
    assert "ex.set(INTENT, ex.get(INTENT).strip())" in data
    message = source_of("rasa.shared.nlu.training_data.message").read_text()
    assert "__deepcopy__" not in message


def test_rasa_serves_without_a_model() -> None:
    text = source_of("rasa.core.run").read_text()
    start = text.index("async def load_agent_on_start")
    assert "is_ready" not in text[start : text.index("async def close_resources")]


def test_rasa_validates_its_own_schema_at_every_action() -> None:
    text = source_of("rasa.core.actions.action").read_text()
    assert "validate(result, self.action_response_format_spec())" in text
    schema = {
        "type": "object",
        "properties": {"events": {"type": "array", "items": {"type": "object"}}, "responses": {"type": "array"}},
    }
    result: dict[str, list[object]] = {"events": [], "responses": []}
    validator = jsonschema.validators.validator_for(schema)(schema)

    def seconds(check: object) -> float:
        began = time.perf_counter()
        for _ in range(20):
            check()  # type: ignore[operator]
        return time.perf_counter() - began

    assert seconds(lambda: jsonschema.validate(result, schema)) > 3 * seconds(lambda: validator.is_valid(result))


@pytest.mark.parametrize("channel", [name for name in ABSENT_CHANNELS if name not in UNUSED_CHANNELS])
def test_rasa_imports_the_channel_and_its_sdk_is_absent(channel: str) -> None:
    packages = ABSENT_CHANNELS[channel][0]
    assert f"rasa.core.channels.{channel}" in imports_at_top("rasa.core.channels")
    source = source_of(f"rasa.core.channels.{channel}").read_text()
    assert all(f"{package}" in source and not installed(package) for package in packages)


@pytest.mark.parametrize("channel", UNUSED_CHANNELS)
def test_rasa_imports_the_unused_channel(channel: str) -> None:
    assert f"rasa.core.channels.{channel}" in imports_at_top("rasa.core.channels")
    assert any(
        name.split(".")[0] in ABSENT_CHANNELS[channel][0] for name in imports_at_top(f"rasa.core.channels.{channel}")
    )


@pytest.mark.parametrize("package", [*STORES, *BROKERS, "structlog_sentry", "tensorflow"])
def test_package_is_not_installed(package: str) -> None:
    assert not installed(package)


@pytest.mark.parametrize(
    ("module", "imported"),
    [
        ("rasa.core.tracker_store", "boto3.dynamodb.conditions"),
        ("rasa.core.tracker_store", "pymongo.collection"),
        ("rasa.core.brokers.broker", "aiormq"),
        ("rasa.core.brokers.pika", "aio_pika"),
        ("rasa.utils.log_utils", "structlog_sentry"),
        ("rasa.utils.plotting", "matplotlib"),
        ("rasa.nlu.test", "rasa.utils.plotting"),
        ("rasa.server", "rasa.nlu.test"),
        ("rasa.core.channels.console", "questionary"),
        ("rasa.utils.tensorflow.callback", "tensorflow"),
        ("rasa.utils.tensorflow.data_generator", "tensorflow.keras.utils"),
        ("rasa.utils.tensorflow.model_data", "sklearn.model_selection"),
        ("rasa.utils.train_utils", "rasa.utils.tensorflow.callback"),
        ("rasa.nlu.extractors.extractor", "rasa.utils.train_utils"),
        ("rasa.engine.recipes.default_components", "rasa.nlu.classifiers.diet_classifier"),
        *(("rasa.graph_components.validators.default_recipe_validator", module) for module in ABSENT_COMPONENTS),
    ],
)
def test_rasa_imports_it_when_loaded(module: str, imported: str) -> None:
    assert imported in imports_at_top(module)


@pytest.mark.parametrize("module", ABSENT_COMPONENTS)
def test_component_needs_tensorflow(module: str) -> None:
    names = imports_at_top(module)
    assert "tensorflow" in names or any(name.startswith("rasa.utils.tensorflow.") for name in names)


def test_rasa_reports_usage_unless_told_not_to() -> None:
    assert "RASA_TELEMETRY_ENABLED" in source_of("rasa.telemetry").read_text()
