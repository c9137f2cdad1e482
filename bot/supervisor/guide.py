"""What `make serve`, `make train` and `make test` ask the supervisor to do."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from bot.settings import PROJECT_ROOT, Settings
from bot.supervisor.checks import check_folder, check_ports
from bot.supervisor.logs import CappedLog
from bot.supervisor.parts import child_environment, guide_parts, public_url
from bot.supervisor.service import Patience, Supervisor
from bot.supervisor.steps import Step
from bot.supervisor.training import Model, fingerprint, model_of, train_command, training_cache, training_variables

SERVE_BYTES = 50_000_000
TRAIN_BYTES = 300_000_000
STORIES = "tests/stories"


class Guide:
    """The guide as the settings describe it, with its progress told on standard error."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.var = settings.var_dir.resolve()
        self.env = child_environment(settings)
        self.model: Model = model_of(settings)

    def say(self, text: str) -> None:
        """One line of progress."""
        print(f"guide: {text}", file=sys.stderr, flush=True)

    def log(self, name: str) -> CappedLog:
        """The log file of a part or step."""
        return CappedLog(self.var / "log" / f"{name}.log")

    async def import_knowledge(self) -> None:
        """Validates the curated knowledge and writes the knowledge database."""
        self.say("importing the knowledge")
        step = Step("import", self.log("import"), say=self.say, show=True)
        await step.run((sys.executable, "-m", "bot.knowledge.importer"), cwd=PROJECT_ROOT, env=self.env)

    async def train(self) -> None:
        """Trains when the model is not that of the present data, configuration and code."""
        inputs = fingerprint()
        if self.model.is_current(inputs):
            return
        check_folder(self.model.folder, TRAIN_BYTES)
        self.say("training (data, configuration or code changed)")
        step = Step("training", self.log("training"), say=self.say)
        env = {**self.env, **training_variables(training_cache(self.model))}
        seconds = await step.run(train_command(self.model), cwd=PROJECT_ROOT, env=env)
        self.model.accept_new(inputs, seconds)
        self.say(f"trained in {seconds:.0f} s")

    async def prepare(self) -> None:
        """Import and training."""
        check_folder(self.var, SERVE_BYTES)
        await self.import_knowledge()
        await self.train()

    async def serve(self, patience: Patience | None = None) -> None:
        """Prepares, starts the three parts and keeps them running until cancelled."""
        parts = guide_parts(self.settings, self.model.path)
        check_ports([part.listen for part in parts])
        await self.prepare()
        began = time.monotonic()
        self.say("starting rasa, actions and gateway")

        def announce() -> None:
            self.say(f"ready after {time.monotonic() - began:.1f} s; Ctrl-C stops it")
            print(public_url(self.settings), flush=True)

        supervisor = Supervisor(
            parts,
            cwd=PROJECT_ROOT,
            env=self.env,
            log_dir=self.var / "log",
            pid_file=self.var / "parts.json",
            say=self.say,
            patience=patience,
        )
        await supervisor.run(announce)

    async def test_stories(self, out: Path | None = None) -> None:
        """Rasa's own test of the dialogue: every story must be predicted to the letter."""
        command = (
            sys.executable, "-m", "rasa_compat", "test", "core",
            "--model", str(self.model.path),
            "--stories", STORIES,
            "--out", str(out or PROJECT_ROOT / "results"),
            "--no-plot",
            "--fail-on-prediction-errors",
        )  # fmt: skip
        self.say("testing the stories")
        step = Step("stories", self.log("stories"), say=self.say)
        seconds = await step.run(command, cwd=PROJECT_ROOT, env=self.env)
        self.say(f"stories hold ({seconds:.0f} s)")
