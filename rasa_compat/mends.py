"""The list of mends. `tests/rasa_compat` has a test for each that fails when the mend is no longer needed."""

from __future__ import annotations

import copy
import os
import sys
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

from rasa_compat.importing import Mend, MendingFinder, missing, stand_ins

#: Rasa's channel module → (SDKs it imports, its input class, the name used in `credentials.yml`).
ABSENT_CHANNELS: Mapping[str, tuple[tuple[str, ...], str, str]] = {
    "facebook": (("fbmessenger",), "FacebookInput", "facebook"),
    "hangouts": (("cachecontrol",), "HangoutsInput", "hangouts"),
    "rocketchat": (("rocketchat_API",), "RocketChatInput", "rocketchat"),
    "slack": (("slack_sdk",), "SlackInput", "slack"),
    "socketio": (("socketio",), "SocketIOInput", "socketio"),
    "telegram": (("aiogram",), "TelegramInput", "telegram"),
    "twilio": (("twilio",), "TwilioInput", "twilio"),
    "twilio_voice": (("twilio",), "TwilioVoiceInput", "twilio_voice"),
    "webexteams": (("webexteamssdk",), "WebexTeamsInput", "webexteams"),
}

#: Left out although Rasa's requirements bring their SDK, because that takes long to load.
UNUSED_CHANNELS = ("socketio",)

#: TensorFlow components whose classes Rasa's validator of pipelines compares others with.
ABSENT_COMPONENTS: Mapping[str, str] = {
    "rasa.nlu.classifiers.diet_classifier": "DIETClassifier",
    "rasa.nlu.selectors.response_selector": "ResponseSelector",
    "rasa.core.policies.ted_policy": "TEDPolicy",
}

TENSORFLOW = ("tensorflow", "keras")
STORES = ("boto3", "botocore", "pymongo")
BROKERS = ("aio_pika", "aiormq")


def _legacy_version(module: ModuleType) -> None:
    if not hasattr(module, "LegacyVersion"):
        module.LegacyVersion = type("LegacyVersion", (), {})  # type: ignore[attr-defined]


def _visible_deprecation_warning(module: ModuleType) -> None:
    if not hasattr(module, "VisibleDeprecationWarning"):
        module.VisibleDeprecationWarning = module.exceptions.VisibleDeprecationWarning  # type: ignore[attr-defined]


def _no_redis_lock(module: ModuleType) -> None:
    module.RedisLock = None  # type: ignore[attr-defined]  # what portalocker itself sets when redis is not installed


def _response_stream(module: ModuleType) -> None:
    if hasattr(module, "stream"):
        return

    def stream(
        streaming_fn: Callable[..., Any],
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        content_type: str = "text/plain; charset=utf-8",
    ) -> Any:
        return module.ResponseStream(streaming_fn, status=status, headers=headers, content_type=content_type)

    module.stream = stream  # type: ignore[attr-defined]


def _run_in_one_process(module: ModuleType) -> None:
    run = module.Sanic.run
    module.Sanic.start_method = "fork"

    def run_in_one_process(self: Any, *args: Any, **kwargs: Any) -> Any:
        if (kwargs.get("workers") or 1) == 1:
            kwargs.setdefault("single_process", True)
        return run(self, *args, **kwargs)

    module.Sanic.run = run_in_one_process


def _wait_for_model(module: ModuleType) -> None:
    module.WorkerManager.THRESHOLD = 3000  # tenths of a second


def _check_action_result_quickly(module: ModuleType) -> None:
    import jsonschema

    action = module.RemoteAction
    schema = action.action_response_format_spec()
    validator = jsonschema.validators.validator_for(schema)(schema)
    explain = action._validate_action_result

    def validate(self: Any, result: dict[str, Any]) -> Any:
        return True if validator.is_valid(result) else explain(self, result)

    action._validate_action_result = validate


def _copy_messages_quickly(module: ModuleType) -> None:
    message = module.Message
    slow_set = message.set

    def set_if_new(self: Any, prop: str, info: Any, add_to_output: bool = False) -> None:
        # Rasa strips every intent at every merge; the fingerprint is lost even when that changes nothing.
        if isinstance(info, str) and not add_to_output and self.data.get(prop) == info:
            return
        slow_set(self, prop, info, add_to_output)

    def deep_copy(self: Any, memo: dict[int, Any]) -> Any:
        made = message.__new__(message)
        memo[id(self)] = made
        made.__dict__.update({name: _copy_plain(value, memo) for name, value in vars(self).items()})
        return made

    message.set = set_if_new
    message.__deepcopy__ = deep_copy


def _copy_plain(value: Any, memo: dict[int, Any]) -> Any:
    """A deep copy that does without `copy.deepcopy` for what holds only strings and numbers, however nested."""
    kind = type(value)
    if value is None or kind in (str, int, float, bool):
        return value
    if kind is dict:
        return {name: _copy_plain(item, memo) for name, item in value.items()}
    if kind is list:
        return [_copy_plain(item, memo) for item in value]
    if kind is set and all(type(item) is str for item in value):
        return set(value)
    return copy.deepcopy(value, memo)


def _stop_without_model(module: ModuleType) -> None:
    load = module.load_agent_on_start

    # sanic counts the parameters of a listener, so they stand here by name.
    async def load_or_stop(model_path: Any, endpoints: Any, remote_storage: Any, app: Any, loop: Any) -> Any:
        agent = await load(model_path, endpoints, remote_storage, app, loop)
        if not agent.is_ready():
            print("rasa: the model could not be loaded (details above)", file=sys.stderr, flush=True)
            raise SystemExit(1)
        return agent

    module.load_agent_on_start = load_or_stop  # type: ignore[attr-defined]


def _import_stores_when_created(module: ModuleType) -> None:
    store = module.TrackerStore
    create = store.create

    def create_with_stand_ins(*args: Any, **kwargs: Any) -> Any:
        with stand_ins(STORES):
            return create(*args, **kwargs)

    store.create = staticmethod(create_with_stand_ins)


def _import_brokers_when_created(module: ModuleType) -> None:
    broker = module.EventBroker
    create = broker.create

    async def create_with_stand_ins(obj: Any, loop: Any = None) -> Any:
        if obj is None:
            return None
        with stand_ins(BROKERS):
            return await create(obj, loop)

    broker.create = staticmethod(create_with_stand_ins)


def _log_without_sentry(module: ModuleType) -> None:
    class PassOn:
        """A structlog processor that changes nothing."""

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            pass

        def __call__(self, logger: Any, name: str, event: Any) -> Any:
            return event

    module.SentryProcessor = PassOn  # type: ignore[attr-defined]


def _lean_components(module: ModuleType) -> None:
    from rasa_compat import components

    module.DEFAULT_COMPONENTS = components.lean_components()  # type: ignore[attr-defined]


def _absent_channel(class_name: str, channel: str, packages: tuple[str, ...]) -> Callable[[ModuleType], None]:
    def fill(module: ModuleType) -> None:
        from rasa.core.channels.channel import InputChannel
        from rasa.shared.exceptions import RasaException

        class AbsentInput(InputChannel):
            """A channel whose SDK is not installed."""

            @classmethod
            def name(cls) -> str:
                return channel

            @classmethod
            def from_credentials(cls, credentials: dict[str, Any] | None) -> Any:
                raise RasaException(f"Channel '{channel}' ({', '.join(packages)}) is not part of the lean install.")

        AbsentInput.__name__ = AbsentInput.__qualname__ = class_name
        setattr(module, class_name, AbsentInput)

    return fill


def _absent_component(class_name: str) -> Callable[[ModuleType], None]:
    def fill(module: ModuleType) -> None:
        setattr(module, class_name, type(class_name, (), {"__module__": module.__name__}))

    return fill


def mends() -> list[Mend]:
    """The mends this environment needs: newer libraries always, lean ones only where a package is absent."""
    listed = [
        Mend("packaging.version", "packaging 22 removed LegacyVersion; Rasa asks isinstance() of it", _legacy_version),
        Mend("numpy", "numpy 2 moved VisibleDeprecationWarning to numpy.exceptions", _visible_deprecation_warning),
        Mend(
            "portalocker.redis",
            "file locks load the whole redis client (0.5 s) for a lock Rasa does not use",
            instead=_no_redis_lock,
        ),
        Mend("sanic.response", "sanic 23.3 removed response.stream", _response_stream),
        Mend("sanic.app", "sanic 22.9 spawns workers; Rasa's application cannot be pickled", _run_in_one_process),
        Mend(
            "sanic.worker.manager", "with several workers sanic gives up after 30 s of model loading", _wait_for_model
        ),
        Mend(
            "rasa.core.actions.action",
            "Rasa checks its own JSON schema again at every custom action (tens of milliseconds)",
            _check_action_result_quickly,
        ),
        Mend(
            "rasa.shared.nlu.training_data.message",
            "merging training files copies and hashes every example several times (half a minute for 11,000 examples)",
            _copy_messages_quickly,
        ),
        Mend("rasa.core.run", "Rasa serves without a model when it cannot load one", _stop_without_model),
        Mend("questionary", "the terminal menus of `rasa shell` and `rasa init` take 0.4 s to load", lazy=True),
        Mend("rasa.utils.plotting", "matplotlib is loaded only for the plots of `rasa test`", lazy=True),
    ]
    if missing(STORES):
        listed.append(
            Mend(
                "rasa.core.tracker_store",
                "SDKs of stores that are not used are imported",
                _import_stores_when_created,
                absent=STORES,
            )
        )
    if missing(BROKERS):
        listed += [
            Mend(
                "rasa.core.brokers.broker",
                "SDKs of event brokers that are not used are imported",
                _import_brokers_when_created,
                absent=BROKERS,
            ),
            Mend("rasa.core.brokers.pika", "the same, for `rasa export`", absent=BROKERS),
        ]
    if missing(("structlog_sentry",)):
        listed.append(
            Mend(
                "rasa.utils.log_utils",
                "structlog-sentry sends errors away; it is not installed",
                _log_without_sentry,
                absent=("structlog_sentry",),
            )
        )
    if missing(TENSORFLOW[:1]):
        listed.append(
            Mend(
                "rasa.engine.recipes.default_components",
                "the default list imports the TensorFlow components",
                instead=_lean_components,
            )
        )
        listed += [
            Mend(module, "the pipeline validator compares with its class", instead=_absent_component(class_name))
            for module, class_name in ABSENT_COMPONENTS.items()
        ]
        listed += [
            Mend(f"rasa.utils.tensorflow.{name}", "imported without TensorFlow in use", absent=TENSORFLOW)
            for name in ("callback", "data_generator")
        ]
        listed.append(
            Mend(
                "rasa.utils.tensorflow.model_data",
                "scikit-learn (1 s, 60 MB) is loaded to split the data of TensorFlow models",
                hidden=("sklearn",),
            )
        )
    for module, (packages, class_name, channel) in ABSENT_CHANNELS.items():
        if missing(packages) or module in UNUSED_CHANNELS:
            listed.append(
                Mend(
                    f"rasa.core.channels.{module}",
                    "Rasa imports every channel with its SDK",
                    instead=_absent_channel(class_name, channel, packages),
                )
            )
    return listed


def install() -> None:
    """Puts the mends in place; a second call changes nothing. Must come before `rasa` is imported."""
    if any(isinstance(finder, MendingFinder) for finder in sys.meta_path):
        return
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")  # Rasa reports usage unless told not to
    wanted = mends()
    for mend in wanted:
        loaded = sys.modules.get(mend.module)
        if loaded is not None and mend.after is not None:
            mend.after(loaded)
    sys.meta_path.insert(0, MendingFinder([mend for mend in wanted if mend.module not in sys.modules]))
