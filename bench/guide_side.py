"""Our side: the guide as `make serve` runs it."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from bench import accuracy, serving, task_turns
from bench.chat import GuideChat
from bench.clone import QUESTION, clone_to_answer
from bench.errors import BenchError
from bench.figures import Accuracy, Clone, Serving, Startup, Training
from bench.layout import Effort, Layout
from bench.machine import versions
from bench.program import run, started, wait_until_ready
from bench.questions import Question
from bench.training_data import count_examples
from bot.knowledge.store import KnowledgeStore
from bot.settings import PROJECT_ROOT, Settings
from bot.supervisor.parts import child_environment, guide_parts
from bot.supervisor.running import RunningGuide, StartError, free_ports, running_guide
from bot.supervisor.training import Model, fingerprint

DISTRIBUTIONS = ("rasa", "rasa-sdk", "numpy", "scikit-learn", "spacy", "starlette", "uvicorn", "tensorflow")
UNLIMITED = {"RATE_PER_MINUTE": "1000000", "RATE_PER_MINUTE_ADDRESS": "1000000", "MAX_IN_FLIGHT": "1000"}
_TRAINING_LIMIT = 3600.0
_START_LIMIT = 120.0


class GuideSide:
    """Measures the guide of this repository, with run-time files of the benchmark's own."""

    def __init__(self, layout: Layout, effort: Effort, questions: Mapping[str, Sequence[Question]]) -> None:
        self._layout = layout
        self._effort = effort
        self._questions = questions
        self._model = Model(layout.guide_models / "guide.tar.gz")

    def versions(self) -> dict[str, str]:
        """Versions of what matters in our environment."""
        return versions(Path(sys.executable), DISTRIBUTIONS)

    def clone(self) -> Clone:
        """A fresh clone to its first right answer: with empty package caches, then with those the first one filled."""
        layout = self._layout
        cold = clone_to_answer(layout.clone, layout.guide_cache, layout.logs / "clone-cold.log", cold=True)
        warm = clone_to_answer(layout.clone, layout.guide_cache, layout.logs / "clone-warm.log", cold=False)
        return Clone(cold=cold, warm=warm)

    def training(self) -> Training:
        """Trains anew, several times as long as that is cheap. The time is that of Rasa's training program alone."""
        seconds: list[float] = []
        peak = 0.0
        while len(seconds) < self._effort.trainings and sum(seconds) <= self._effort.training_seconds:
            shutil.rmtree(self._layout.guide_models, ignore_errors=True)
            peak = max(peak, self._train())
            record = self._model.record()
            if record is None:
                raise BenchError("the training left no record")
            seconds.append(record.seconds)
        return Training(seconds=seconds, peak_mb=round(peak), examples=count_examples())

    def _train(self) -> float:
        ran = run(
            [sys.executable, "-m", "bot.supervisor", "train"],
            cwd=PROJECT_ROOT,
            env={**os.environ, **self._variables()},
            log=self._layout.logs / "guide-training.log",
            limit=_TRAINING_LIMIT,
        )
        return ran.peak_mb

    def _variables(self) -> dict[str, str]:
        return {"VAR_DIR": str(self._layout.guide_var), "MODEL_DIR": str(self._layout.guide_models), **UNLIMITED}

    def prepare(self) -> None:
        """Knowledge and a current model; does nothing when they are there."""
        if not self._model.is_current(fingerprint()) or not self.settings().knowledge_db.is_file():
            self._train()

    def settings(self) -> Settings:
        """The guide's settings with the benchmark's folders, Rasa and action server on free ports."""
        rasa_port, actions_port = free_ports(2)
        return Settings(
            var_dir=self._layout.guide_var,
            model_dir=self._layout.guide_models,
            rasa_port=rasa_port,
            actions_port=actions_port,
        )

    def intents_of_topics(self) -> dict[str, str]:
        """Topic → the frequent intent it answers."""
        with KnowledgeStore(self.settings().knowledge_db) as store:
            return {topic.id: topic.intent for topic in store.topics() if topic.intent}

    @contextlib.contextmanager
    def _running(self) -> Iterator[RunningGuide]:
        try:
            with running_guide(self._layout.guide_var, self._variables()) as guide:
                yield guide
        except StartError as error:
            raise BenchError(f"the guide did not start: {error}") from error

    def startup(self) -> Startup:
        """Starts the trained guide as `make serve` does, knowledge import included, until all parts are ready."""
        self.prepare()
        ready: list[float] = []
        first: list[float] = []
        for _ in range(self._effort.starts):
            began = time.monotonic()
            with self._running() as guide:
                ready.append(round(time.monotonic() - began, 2))
                first.append(round(ready[-1] + serving.first_answer(GuideChat(guide.url), QUESTION), 2))
        return Startup(ready=ready, first_answer=first)

    def serving(self) -> Serving:
        """Memory, latency and throughput of the whole chat API."""
        self.prepare()
        with self._running() as guide:
            found = serving.measure(
                GuideChat(guide.url), guide.pids, self._questions, self._effort, beside=guide.process.pid
            )
            return found.model_copy(
                update={"tasks": task_turns.measure(guide.url, self._questions, self._effort.questions)}
            )

    def accuracy(self) -> Accuracy:
        """Intents as Rasa predicts them with the guide's components; Rasa finds out the language by itself."""
        self.prepare()
        chosen = self.settings()
        token = secrets.token_urlsafe(16)
        rasa = next(part for part in guide_parts(chosen, self._model.path) if part.name == "rasa")
        command = [*rasa.command, "--enable-api", "--auth-token", token]
        log = self._layout.logs / "guide-rasa.log"
        with started(command, cwd=PROJECT_ROOT, env=child_environment(chosen), log=log) as process:
            wait_until_ready([rasa.ready_url], [process], log, _START_LIMIT)
            return accuracy.measure(chosen.rasa_url, token, self._questions, self.intents_of_topics())
