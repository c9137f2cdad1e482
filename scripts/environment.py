"""Makes or repairs the project's own environment (`.venv`) from the hash-locked requirement files.

Runs on a bare Python 3.11 (standard library only). `uv` does the installing; it is fetched, pinned by hash, into
`.tools`. Without it plain pip does the same more slowly. What was installed is written to `.venv/installed.json`; a
second call finds it there and does nothing. `.venv/installing` stands while an install runs, so that one that was
interrupted is repaired by the next call. A `.venv` that is a link to another folder is used and never made anew.
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
LOCKS = {"runtime": "requirements.txt", "dev": "requirements-dev.txt"}
UV_LOCK = "requirements/uv.txt"
NEEDED_BYTES = 2_000_000_000
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)
_ADDRESS = re.compile(r"\b[a-z+]+://\S+")


class SetupError(Exception):
    """The environment cannot be made; the message is one line for the person at the terminal."""


def say(text: str) -> None:
    """One line of progress."""
    print(f"setup: {text}", file=sys.stderr, flush=True)


def digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def normal_name(name: str) -> str:
    """A distribution's name as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(lock: Path) -> dict[str, str]:
    """Distribution → version of a locked requirement file."""
    return {normal_name(name): version for name, version in _PIN.findall(lock.read_text(encoding="utf-8"))}


def without_addresses(text: str) -> str:
    """The text without network addresses: those of a person's package index are nobody else's business."""
    return _ADDRESS.sub("<address>", text)


class Installer:
    """A program run with its output kept; shows that it is still running, and its last lines when it fails."""

    def __init__(self, what: str) -> None:
        self.what = what
        self.output = ""

    def run(self, command: Sequence[object], env: dict[str, str] | None = None) -> bool:
        """True when the command ended with 0. Reports progress every five seconds."""
        started = time.monotonic()
        with subprocess.Popen(
            [str(part) for part in command],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            cwd=ROOT,
            env={**os.environ, **(env or {})},
            text=True,
            errors="replace",
        ) as process:
            while True:
                try:
                    self.output, _ = process.communicate(timeout=5)
                    break
                except subprocess.TimeoutExpired:
                    say(f"{self.what} … {time.monotonic() - started:.0f} s")
                except BaseException:
                    process.terminate()
                    raise
        self.output = without_addresses(self.output)
        if process.returncode != 0 and ("No space left on device" in self.output or "os error 28" in self.output):
            raise SetupError("the disk is full; about 2 GB are needed for the environment")
        return process.returncode == 0

    def last_lines(self, count: int = 15) -> str:
        """The end of the output, for a failure's report."""
        return "\n".join(self.output.strip().splitlines()[-count:])


class Environment:
    """The project's virtual environment."""

    def __init__(self, root: Path = ROOT) -> None:
        self.root = root
        self.folder = root / ".venv"
        self.python = self.folder / "bin" / "python"
        self.record = self.folder / "installed.json"
        self.installing = self.folder / "installing"

    def wanted(self, kind: str) -> dict[str, str]:
        """What `installed.json` must hold for this kind: a development environment serves for running, too."""
        return {
            LOCKS[name]: digest(self.root / LOCKS[name])
            for name in (("runtime", "dev") if kind == "dev" else ("runtime",))
        }

    def is_current(self, kind: str) -> bool:
        """True when the last install ended well and was made from the present requirement files."""
        if self.installing.exists() or not self.python.exists():
            return False
        try:
            found = json.loads(self.record.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return False
        return isinstance(found, dict) and self.wanted(kind).items() <= found.items()

    def holds(self, kind: str) -> bool:
        """True when every pinned distribution is installed in its pinned version, whoever installed it."""
        if self.installing.exists() or not self.python.exists():
            return False
        code = (
            "import importlib.metadata as m, json, sys\n"
            "print(json.dumps([sys.version_info[:2], {d.name: d.version for d in m.distributions()}]))"
        )
        answer = subprocess.run([str(self.python), "-I", "-c", code], capture_output=True, text=True, check=False)
        if answer.returncode != 0:
            return False
        version, found = json.loads(answer.stdout)
        installed = {normal_name(name): number for name, number in found.items()}
        return version == [3, 11] and pins(self.root / LOCKS[kind]).items() <= installed.items()

    def write_record(self, kind: str) -> None:
        """Remembers what is installed, so that the next call has nothing to do."""
        with contextlib.suppress(PermissionError):
            self.record.write_text(json.dumps(self.wanted(kind), indent=1) + "\n", encoding="utf-8")

    @contextlib.contextmanager
    def install(self) -> Iterator[bool]:
        """Marks an install as running; gives True when an earlier one was interrupted and all must be laid anew."""
        interrupted = self.installing.exists()
        self.record.unlink(missing_ok=True)
        self.installing.touch()
        yield interrupted
        self.installing.unlink()

    def works(self) -> bool:
        """True when the environment's interpreter starts and is Python 3.11."""
        return self.python.exists() and runs(
            [str(self.python), "-I", "-c", "import sys; sys.exit(sys.version_info[:2] != (3, 11))"]
        )


def has_module(name: str) -> bool:
    """True when the running Python has the module (an empty folder of its name does not count)."""
    spec = importlib.util.find_spec(name)
    return spec is not None and spec.origin is not None


def install_debian_venv() -> bool:
    """Last resort on Debian as root: the package with `ensurepip`. True when it is there afterwards."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    say("this Python can make no environments; installing Debian's python3.11-venv")
    installer = Installer("apt-get")
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-y", "--no-install-recommends", "python3.11-venv"]
    if not installer.run(install, quiet):
        installer.run(["apt-get", "update"], quiet)
        installer.run(install, quiet)
    importlib.invalidate_caches()
    return has_module("ensurepip")


class Tools:
    """The installer's own folder, `.tools`, with uv in it."""

    def __init__(self, root: Path = ROOT) -> None:
        self.root = root
        self.folder = root / ".tools"
        self.record = self.folder / "uv.sha256"
        self.wanted = digest(root / UV_LOCK)

    def uv(self) -> Path | None:
        """uv, fetched when it is not there yet; None when it cannot be had."""
        own = self.folder / "bin" / "uv"
        if own.exists() and self.record.exists() and self.record.read_text(encoding="utf-8") == self.wanted:
            return own
        if self._fetch():
            self.record.write_text(self.wanted, encoding="utf-8")
            return own
        present = shutil.which("uv")
        if present:
            say("using the uv that is installed on this machine")
        return Path(present) if present else None

    def _fetch(self) -> bool:
        pip = pip_command(self.folder)
        if pip is None:
            return False
        say("fetching uv, the installer")
        installer = Installer("fetching uv")
        done = installer.run(
            [
                *pip,
                "install",
                "--quiet",
                "--no-deps",
                "--require-hashes",
                "--only-binary",
                ":all:",
                "-r",
                self.root / UV_LOCK,
            ]
        )
        if not done:
            say(f"uv could not be fetched:\n{installer.last_lines(5)}")
        return done and (self.folder / "bin" / "uv").exists()


def pip_command(folder: Path) -> list[str] | None:
    """A pip that installs into the environment at `folder` (made when it is missing); None when there is no pip."""
    python = folder / "bin" / "python"
    flags = ["--disable-pip-version-check", "--no-input"]
    own = [str(python), "-m", "pip", *flags]
    if python.exists() and runs([*own, "--version"]):
        return own
    # This Python's pip, pointed at the environment, saves the seconds that `ensurepip` takes.
    make = [sys.executable, "-m", "venv", "--without-pip", str(folder)]
    if has_module("pip") and Installer(f"making {folder.name}").run(make):
        outer = [sys.executable, "-m", "pip", "--python", str(python), *flags]
        if runs([*outer, "--version"]):
            return outer
    if has_module("ensurepip") or install_debian_venv():
        make = [sys.executable, "-m", "venv", str(folder)]
        if Installer(f"making {folder.name}").run(make):
            return own
    return None


def runs(command: Sequence[str]) -> bool:
    """True when the command ends with 0."""
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def make_folder(environment: Environment, uv: Path | None) -> None:
    """Makes `.venv` when it is missing or its interpreter is gone."""
    if environment.works():
        return
    if environment.folder.is_symlink():
        raise SetupError(".venv is a link to a folder without a working Python 3.11; mend or remove the link")
    say("making .venv")
    shutil.rmtree(environment.folder, ignore_errors=True)
    if uv is not None:
        command = [
            uv,
            "venv",
            "--quiet",
            "--no-project",
            "--python",
            sys.executable,
            environment.folder,
        ]
        if Installer("making .venv").run(command):
            return
    if pip_command(environment.folder) is None:
        refuse_without_pip()


def refuse_without_pip() -> NoReturn:
    """Says what to install when there is neither uv nor pip."""
    raise SetupError(
        "this Python has neither pip nor ensurepip and there is no uv: install one of them "
        "(Debian 12: apt install python3.11-venv)"
    )


def synchronise(environment: Environment, kind: str, uv: Path | None) -> None:
    """Installs the locked requirements; raises `SetupError` when neither uv nor pip can."""
    lock = environment.root / LOCKS[kind]
    say(f"installing {len(pins(lock))} packages ({kind})")
    started = time.monotonic()
    with environment.install() as interrupted:
        installer = Installer("installing")
        done = False
        if uv is not None:
            command = [uv, "pip", "sync", "--require-hashes", "--python", environment.python]
            command += ["--reinstall", lock] if interrupted else [lock]
            quiet = {"UV_NO_PROGRESS": "1"}
            done = installer.run(command, quiet)
            if not done and "certificate" in installer.output:
                # uv brings its own list of authorities; this machine's may hold one more.
                done = installer.run(command, {**quiet, "UV_SYSTEM_CERTS": "1"})
            if not done:
                say(f"uv could not install them; trying pip\n{installer.last_lines(5)}")
        if not done:
            pip = pip_command(environment.folder)
            if pip is None:
                refuse_without_pip()
            again = ["--force-reinstall"] if interrupted else []
            done = installer.run(
                [
                    *pip,
                    "install",
                    "--quiet",
                    "--no-deps",
                    "--ignore-requires-python",
                    "--require-hashes",
                    *again,
                    "-r",
                    lock,
                ]
            )
        if not done:
            print(installer.last_lines(), file=sys.stderr)
            raise SetupError("the packages could not be installed (details above)")
    environment.write_record(kind)
    say(f"environment ready after {time.monotonic() - started:.0f} s")


def prepare(kind: str) -> None:
    """Makes the environment of this kind current."""
    environment = Environment()
    if environment.is_current(kind):
        return
    if environment.holds(kind):
        environment.write_record(kind)
        return
    free = shutil.disk_usage(ROOT).free
    if free < NEEDED_BYTES:
        raise SetupError(f"the disk is nearly full: {free // 1_000_000} MB are free, the environment needs 2,000 MB")
    uv = Tools().uv()
    make_folder(environment, uv)
    synchronise(environment, kind, uv)


def main() -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(description="Makes or repairs .venv")
    parser.add_argument("kind", nargs="?", choices=sorted(LOCKS), default="runtime")
    parser.add_argument("--print-uv", action="store_true", help="print where uv is and do nothing else")
    arguments = parser.parse_args()
    try:
        if arguments.print_uv:
            uv = Tools().uv()
            if uv is None:
                raise SetupError("uv is not available")
            print(uv)
        else:
            prepare(arguments.kind)
    except SetupError as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        say("stopped; the next call goes on from here")
        return 130
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS):
            raise
        say(f"{error.strerror}: {error.filename or ROOT}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
