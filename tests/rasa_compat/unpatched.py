"""Looks at the installed libraries as they are, without the mends."""

from __future__ import annotations

import ast
import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any


def source_of(module: str) -> Path:
    """The file of a module of Rasa, found without importing Rasa."""
    package, *rest = module.split(".")
    spec = importlib.util.find_spec(package)
    assert spec is not None
    assert spec.submodule_search_locations
    folder = Path(spec.submodule_search_locations[0]).joinpath(*rest)
    return folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")


def imports_at_top(module: str) -> set[str]:
    """Full names of what a module imports when it is loaded (not within functions or for type checking)."""
    found: set[str] = set()
    for node in ast.parse(source_of(module).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def run_python(code: str, *, check: bool = True, timeout: float = 120) -> subprocess.CompletedProcess[str]:
    """Runs code in a fresh interpreter."""
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        capture_output=True,
        text=True,
        check=check,
        timeout=timeout,
        cwd=Path(__file__).parents[2],
    )


def evaluate(code: str) -> Any:
    """Runs code in a fresh interpreter; gives what its last printed line says as JSON."""
    return json.loads(run_python(code).stdout.strip().splitlines()[-1])
