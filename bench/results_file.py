"""Keeps the figures on disk, part by part, so that an interrupted benchmark goes on where it was."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pydantic

from bench.errors import BenchError
from bench.figures import SIDES, PartName, Results, Side, SideName
from bench.figures import Part as PartFigures


class ResultsFile:
    """`var/bench/results.json`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.results = self._read()

    def _read(self) -> Results:
        try:
            return Results.model_validate_json(self._path.read_bytes())
        except FileNotFoundError:
            return Results()
        except pydantic.ValidationError as error:
            raise BenchError(
                f"{self._path} is of another benchmark ({error.error_count()} errors); remove it"
            ) from error

    def begin(self, inputs: Mapping[SideName, str], *, keep_stock: bool, trial: bool) -> None:
        """Continues the last run when it is unfinished; forgets the figures of a side that is not the same any more.

        `inputs`: fingerprint of what each side is measured from. `keep_stock`: stock's figures stay in any case.
        """
        for name in SIDES:
            kept = name == "stock" and keep_stock
            if not kept and (self.results.finished or self.results.side(name).inputs != inputs[name]):
                setattr(self.results, name, Side(inputs=inputs[name]))
        self.results.finished, self.results.trial = False, trial
        self.save()

    def part(self, side: SideName, part: PartName) -> PartFigures | None:
        """The figures of a part; None when it has not been measured."""
        found: PartFigures | None = getattr(self.results.side(side), part)
        return found

    def put(self, side: SideName, part: PartName, figures: PartFigures) -> None:
        """Keeps the figures of a part and writes the file."""
        setattr(self.results.side(side), part, figures)
        self.save()

    def save(self) -> None:
        """Writes the file; an interrupted writing leaves the old one."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        new = self._path.with_suffix(".new")
        new.write_text(self.results.model_dump_json(indent=1) + "\n", encoding="utf-8")
        new.replace(self._path)
