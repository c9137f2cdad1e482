"""From a fresh clone with an empty environment to the first right answer."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from bench.errors import BenchError
from bench.figures import Fresh
from bench.program import run, started, stop
from bot.settings import PROJECT_ROOT
from bot.supervisor.running import free_ports
from tests.eval.scoring import score

LIMIT_SECONDS = 1800.0
POLL_SECONDS = 0.2
QUESTION = "Where is the Tsurumi lounge?"
LANGUAGE = "en"
EXPECT: Mapping[str, Any] = {"intent": "office_location", "offices": ["lounge_tsurumi"]}

#: The line of `make serve` that ends a stage.
STAGE_ENDS = (
    ("environment", re.compile(r"^setup: environment ready")),
    ("knowledge", re.compile(r"^guide: training \(")),
    ("training", re.compile(r"^guide: trained in")),
    ("start", re.compile(r"^guide: ready after")),
)
#: Variables of the calling shell, make and interpreter that a fresh terminal would not have.
_FOREIGN = re.compile(
    r"^(PYTHON.*|MAKE.*|MFLAGS|VIRTUAL_ENV|XDG_.*|UV_CACHE_DIR|PIP_CACHE_DIR|DATA_DIR|VAR_DIR|MODEL_DIR)$"
)
#: Where a person's own settings for package indexes may be; they hold for the fresh clone, too.
_OWN_SETTINGS = {"PIP_CONFIG_FILE": ".config/pip/pip.conf", "UV_CONFIG_FILE": ".config/uv/uv.toml"}


def fresh_environment(base: Mapping[str, str], home: Path, cache: Path) -> dict[str, str]:
    """The environment of a new terminal: empty home folder, package caches under `cache`, nothing of this program's."""
    kept = {name: value for name, value in base.items() if not _FOREIGN.match(name)}
    if base.get("PYTHON"):
        kept["PYTHON"] = base["PYTHON"]
    for name, place in _OWN_SETTINGS.items():
        path = Path(base.get("HOME", "/")) / place
        if name not in kept and path.is_file():
            kept[name] = str(path)
    return {**kept, "HOME": str(home), "UV_CACHE_DIR": str(cache / "uv"), "PIP_CACHE_DIR": str(cache / "pip")}


def stages(seen: Mapping[str, float], begin: float, answered: float) -> dict[str, float]:
    """Seconds of each stage from the moments at which the stages ended. Stages that did not happen are left out."""
    found: dict[str, float] = {}
    last = begin
    for name, moment in [*seen.items(), ("first answer", answered)]:
        found[name] = round(moment - last, 1)
        last = moment
    return found


class Progress:
    """Notes when each stage ended, by the lines that `make serve` has written so far."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._read = 0
        self.seen: dict[str, float] = {}

    def look(self, now: float) -> None:
        """Reads what is new in the log."""
        with self._log.open("rb") as file:
            file.seek(self._read)
            new = file.read()
        whole = new[: new.rfind(b"\n") + 1]
        self._read += len(whole)
        for line in whole.decode("utf-8", "replace").splitlines():
            for name, pattern in STAGE_ENDS:
                if pattern.match(line):
                    self.seen.setdefault(name, now)


def clone_to_answer(folder: Path, cache: Path, log: Path, *, cold: bool) -> Fresh:
    """Clones HEAD into `folder`, runs `make serve`, and asks until the first right answer; removes the clone.

    `cold`: the package caches are emptied first. Raises `BenchError`.
    """
    if cold:
        shutil.rmtree(cache, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    cache.mkdir(parents=True, exist_ok=True)
    ports = [str(port) for port in free_ports(3)]
    with tempfile.TemporaryDirectory() as home:
        env = fresh_environment(os.environ, Path(home), cache)
        env |= dict(zip(("PORT", "RASA_PORT", "ACTIONS_PORT"), ports, strict=True))
        try:
            return _measure(folder, env, log)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _measure(folder: Path, env: Mapping[str, str], log: Path) -> Fresh:
    begin = time.monotonic()
    run(
        ["git", "clone", "--quiet", "--no-local", PROJECT_ROOT, folder],
        cwd=folder.parent, env=env, log=log.with_suffix(".git.log"), limit=120,
    )  # fmt: skip
    progress = Progress(log)
    progress.seen["clone"] = time.monotonic()
    with started(["make", "serve"], cwd=folder, env=env, log=log) as process:
        answered = _wait_for_answer(f"http://127.0.0.1:{env['PORT']}", process, progress, begin + LIMIT_SECONDS)
        stop(process, signal.SIGINT)
    return Fresh(seconds=round(answered - begin, 1), stages=stages(progress.seen, begin, answered))


def _wait_for_answer(url: str, process: subprocess.Popen[bytes], progress: Progress, end: float) -> float:
    with httpx.Client(base_url=url, trust_env=False, timeout=20.0) as client:
        while (now := time.monotonic()) < end:
            progress.look(now)
            if process.poll() is not None:
                raise BenchError(f"make serve ended with {process.returncode} in the fresh clone")
            if _is_answered(client):
                answered = time.monotonic()
                progress.look(answered)
                return answered
            time.sleep(POLL_SECONDS)
    raise BenchError(f"no right answer within {LIMIT_SECONDS:.0f} s in the fresh clone")


def _is_answered(client: httpx.Client) -> bool:
    try:
        response = client.post("/api/v1/messages", json={"text": QUESTION, "language": None})
    except httpx.HTTPError:
        return False
    if response.status_code != httpx.codes.OK:
        return False
    answer: dict[str, Any] = response.json()
    cards = [message.get("card") or {} for message in answer["messages"]]
    if not cards or cards[-1].get("status") != "answered":
        return False
    found = score(EXPECT, answer, LANGUAGE, {})
    return found.outcome == "right" and found.language_right
