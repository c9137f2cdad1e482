"""The other side: Rasa as it is published, with TensorFlow and its default pipeline, and the guide's own actions."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import accuracy, serving
from bench.chat import StockChat
from bench.clone import QUESTION
from bench.errors import BenchError
from bench.figures import Accuracy, Clone, Fresh, Serving, Startup, Training
from bench.guide_side import GuideSide
from bench.layout import DOMAIN, STOCK_FILES, STOCK_LOCK, TRAINING_DATA, Effort, Layout
from bench.machine import versions
from bench.program import run, started, wait_until_ready
from bench.questions import Question
from bench.training_data import copy_to, count_examples
from bot.settings import PROJECT_ROOT
from bot.supervisor.parts import child_environment
from bot.supervisor.training import fingerprint

DISTRIBUTIONS = ("rasa", "rasa-sdk", "numpy", "scikit-learn", "tensorflow", "sanic")
MODEL_NAME = "stock"
_INSTALL_LIMIT = 3600.0
_TRAINING_LIMIT = 8 * 3600.0
_START_LIMIT = 300.0
_EPOCHS = re.compile(r"^(\s*epochs:).*$", re.MULTILINE)


def with_epochs(config: str, epochs: int | None) -> str:
    """The text of a Rasa configuration with another number of epochs everywhere; as it is for None."""
    return config if epochs is None else _EPOCHS.sub(rf"\g<1> {epochs}", config)


@dataclass(frozen=True, slots=True)
class RunningStock:
    """Rasa and the action server, both ready."""

    url: str
    rasa: subprocess.Popen[bytes]
    actions: subprocess.Popen[bytes]
    ready: float

    def pids(self) -> dict[str, int]:
        """Process ids by name, of those that still run."""
        both = {"rasa": self.rasa, "actions": self.actions}
        return {name: process.pid for name, process in both.items() if process.poll() is None}


class StockSide:
    """Measures stock Rasa. `guide` lends its knowledge and its action server, which runs in the guide's environment."""

    def __init__(
        self, layout: Layout, effort: Effort, questions: Mapping[str, Sequence[Question]], guide: GuideSide
    ) -> None:
        self._layout = layout
        self._effort = effort
        self._questions = questions
        self._guide = guide
        self._python = layout.stock_environment / "bin" / "python"
        self._model = layout.stock_models / f"{MODEL_NAME}.tar.gz"
        self._model_record = layout.stock_models / f"{MODEL_NAME}.json"
        self._lock_record = layout.stock_environment / "installed.sha256"
        self._lock = hashlib.sha256(STOCK_LOCK.read_bytes()).hexdigest()

    def versions(self) -> dict[str, str]:
        """Versions of what matters in stock's environment."""
        return versions(self._python, DISTRIBUTIONS)

    # Installation

    def clone(self) -> Clone:
        """The installation alone, with an empty package cache and then with the filled one."""
        shutil.rmtree(self._layout.stock_cache, ignore_errors=True)
        cold = self._install()
        return Clone(cold=cold, warm=self._install())

    def _install(self) -> Fresh:
        uv = self._uv()
        folder = self._layout.stock_environment
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        env = {**self._environment(), "UV_CACHE_DIR": str(self._layout.stock_cache), "UV_NO_PROGRESS": "1"}
        log = self._layout.logs / "stock-install.log"
        began = time.monotonic()
        make = [uv, "venv", "--quiet", "--no-project", "--python", Path(sys.executable).resolve(), folder]
        run(make, cwd=PROJECT_ROOT, env=env, log=log, limit=60)
        sync = [uv, "pip", "sync", "--require-hashes", "--python", self._python, STOCK_LOCK]
        run(sync, cwd=PROJECT_ROOT, env=env, log=log, limit=_INSTALL_LIMIT)
        seconds = round(time.monotonic() - began, 1)
        self._lock_record.write_text(self._lock, "ascii")
        return Fresh(seconds=seconds, stages={"environment": seconds})

    def _uv(self) -> str:
        command = [str(PROJECT_ROOT / "scripts" / "environment"), "--print-uv"]
        answer = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
        if answer.returncode != 0:
            raise BenchError(f"stock Rasa needs uv for its installation:\n{answer.stderr}")
        return answer.stdout.strip()

    def _environment(self) -> dict[str, str]:
        """What stock's programs see: nothing of our tuning, nothing of this interpreter."""
        kept = {n: v for n, v in os.environ.items() if not n.startswith("PYTHON") and n != "VIRTUAL_ENV"}
        return {**kept, "RASA_TELEMETRY_ENABLED": "false", "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"}

    def _ensure_installed(self) -> None:
        current = self._lock_record.is_file() and self._lock_record.read_text("ascii") == self._lock
        if not current or not self._python.exists():
            self._install()

    # Training

    def _inputs(self) -> str:
        """Fingerprint of what stock's model is made from."""
        names = (*TRAINING_DATA, DOMAIN, "bench/stock/config.yml", "requirements/plain.txt")
        return f"{fingerprint(PROJECT_ROOT, names)} {self._effort.epochs} {self._effort.examples}"

    def training(self) -> Training:
        """One training on the guide's own training data; the model is kept for the other parts."""
        self._ensure_installed()
        work = self._layout.stock_work
        copy_to(work, self._effort.examples)
        config = with_epochs((STOCK_FILES / "config.yml").read_text("utf-8"), self._effort.epochs)
        (work / "config.yml").write_text(config, "utf-8")
        shutil.rmtree(self._layout.stock_models, ignore_errors=True)
        command = [
            self._python, "-m", "rasa", "train",
            "--config", "config.yml",
            "--domain", DOMAIN,
            "--data", *TRAINING_DATA,
            "--out", self._layout.stock_models,
            "--fixed-model-name", MODEL_NAME,
            "--force",
            "--skip-validation",
        ]  # fmt: skip
        log = self._layout.logs / "stock-training.log"
        ran = run(command, cwd=work, env=self._environment(), log=log, limit=_TRAINING_LIMIT)
        self._model_record.write_text(json.dumps({"inputs": self._inputs()}), "utf-8")
        return Training(
            seconds=[round(ran.seconds, 1)],
            peak_mb=round(ran.peak_mb),
            examples=count_examples(work),
            epochs=self._effort.epochs or int(re.findall(r"epochs: (\d+)", config)[0]),
        )

    def prepare(self) -> None:
        """Environment, a current model and the guide's knowledge; does nothing when they are there."""
        self._guide.prepare()
        self._ensure_installed()
        try:
            current = json.loads(self._model_record.read_text("utf-8"))["inputs"] == self._inputs()
        except (OSError, ValueError, KeyError):
            current = False
        if not current or not self._model.is_file():
            self.training()

    # Serving

    @contextlib.contextmanager
    def _running(self, *more: str) -> Iterator[RunningStock]:
        chosen = self._guide.settings()
        log = self._layout.logs / "stock-rasa.log"
        command = [
            self._python, "-m", "rasa", "run",
            "--model", self._model,
            "--endpoints", STOCK_FILES / "endpoints.yml",
            "--credentials", STOCK_FILES / "credentials.yml",
            "--interface", "127.0.0.1",
            "--port", chosen.rasa_port,
            *more,
        ]  # fmt: skip
        rasa_environment = {**self._environment(), "GUIDE_ACTION_URL": f"{chosen.actions_url}/webhook"}
        actions = [sys.executable, "-m", "bot.supervisor.actions_server"]
        actions_log = self._layout.logs / "stock-actions.log"
        began = time.monotonic()
        with (
            started(command, cwd=self._layout.stock_work, env=rasa_environment, log=log) as rasa,
            started(actions, cwd=PROJECT_ROOT, env=child_environment(chosen), log=actions_log) as action_server,
        ):
            urls = [f"{chosen.rasa_url}/webhooks/rest/", f"{chosen.actions_url}/health"]
            wait_until_ready(urls, [rasa, action_server], log, _START_LIMIT)
            yield RunningStock(chosen.rasa_url, rasa, action_server, round(time.monotonic() - began, 2))

    def startup(self) -> Startup:
        """Starts Rasa and the action server together until both are ready."""
        self.prepare()
        ready: list[float] = []
        first: list[float] = []
        for _ in range(self._effort.starts):
            with self._running() as stock:
                ready.append(stock.ready)
                first.append(round(stock.ready + serving.first_answer(StockChat(stock.url), QUESTION), 2))
        return Startup(ready=ready, first_answer=first)

    def serving(self) -> Serving:
        """Memory, latency and throughput of the REST channel, actions included."""
        self.prepare()
        with self._running() as stock:
            return serving.measure(StockChat(stock.url), stock.pids, self._questions, self._effort)

    def accuracy(self) -> Accuracy:
        """Intents as stock Rasa predicts them."""
        self.prepare()
        token = secrets.token_urlsafe(16)
        with self._running("--enable-api", "--auth-token", token) as stock:
            return accuracy.measure(stock.url, token, self._questions, self._guide.intents_of_topics())
