"""The three processes: what starts each, and how to ask whether it is well."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot.settings import Settings
from bot.supervisor.checks import Listen

LOOPBACK = "127.0.0.1"

#: One question is answered by one thread; numeric libraries that start one thread a core only fight for two cores, and
#: glibc's arenas (eight a core by default) hold memory that nobody uses.
FRUGAL = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "RAYON_NUM_THREADS": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "MALLOC_ARENA_MAX": "2",
    "MALLOC_TRIM_THRESHOLD_": "131072",
    "PYTHONUNBUFFERED": "1",
    "PYTHONIOENCODING": "utf-8",
    "RASA_TELEMETRY_ENABLED": "false",
}


@dataclass(frozen=True)
class Part:
    """A process to keep running.

    `ready_url` answers 2xx when the part (with all it depends on) can serve, `alive_url` as long as it is not stuck.
    """

    name: str
    command: tuple[str, ...]
    listen: Listen
    ready_url: str
    alive_url: str
    env: Mapping[str, str] = field(default_factory=dict)


def child_environment(settings: Settings) -> dict[str, str]:
    """The environment of every part and step: the supervisor's own, absolute paths, frugal numeric libraries."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("PYTHON")},
        **FRUGAL,
        "HOST": settings.host,
        "PORT": str(settings.port),
        "RASA_PORT": str(settings.rasa_port),
        "ACTIONS_PORT": str(settings.actions_port),
        "DATA_DIR": str(settings.data_dir.resolve()),
        "VAR_DIR": str(settings.var_dir.resolve()),
        "MODEL_DIR": str(settings.model_dir.resolve()),
        "LOG_LEVEL": settings.log_level,
        "SANIC_HOST": LOOPBACK,
        **endpoint_variables(settings),
    }


def endpoint_variables(settings: Settings) -> dict[str, str]:
    """The variables that `endpoints.yml` names."""
    return {
        "GUIDE_TRACKER_DB": str(settings.tracker_db.resolve()),
        "GUIDE_ACTION_URL": f"{settings.actions_url}/webhook",
    }


def public_url(settings: Settings) -> str:
    """The address to open in a browser on this machine."""
    host = LOOPBACK if settings.host in ("0.0.0.0", "::", "") else settings.host
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"


def guide_parts(settings: Settings, model: Path) -> tuple[Part, ...]:
    """Gateway, Rasa and action server as they run in the embedded set-up, in the order they are started."""
    rasa = (
        "-m", "rasa_compat", "run",
        "--model", str(model),
        "--endpoints", "endpoints.yml",
        "--credentials", "credentials.yml",
        "--interface", LOOPBACK,
        "--port", str(settings.rasa_port),
    )  # fmt: skip
    gateway = public_url(settings)
    return (
        Part(
            "rasa",
            (sys.executable, *rasa),
            Listen(LOOPBACK, settings.rasa_port, "RASA_PORT"),
            f"{settings.rasa_url}/webhooks/rest/",
            f"{settings.rasa_url}/webhooks/rest/",
        ),
        Part(
            "actions",
            (sys.executable, "-m", "bot.supervisor.actions_server"),
            Listen(LOOPBACK, settings.actions_port, "ACTIONS_PORT"),
            f"{settings.actions_url}/health",
            f"{settings.actions_url}/health",
        ),
        Part(
            "gateway",
            (sys.executable, "-m", "bot.gateway"),
            Listen(settings.host, settings.port, "PORT"),
            f"{gateway}/readyz",
            f"{gateway}/healthz",
        ),
    )
