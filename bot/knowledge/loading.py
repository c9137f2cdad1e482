"""Reads the curated YAML files into records and keeps the line of everything, so that a problem can be pointed at.

Plain scalars stay text until the model asks for a number or a truth value. `045`, `22:00`, `119`, `NO` and `2024-03`
are therefore what the writer typed, not what YAML 1.1 makes of them.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bot.knowledge.collection import KINDS, Knowledge
from bot.knowledge.models import Record
from bot.knowledge.problems import Problem, ProblemCode

NAMES_FOLDER = "names"
QUESTIONS_FOLDER = "questions"
NAMED_KINDS = ("offices", "wards", "stations", "procedures", "partnerships")
MAX_DEPTH = 20
MAX_NODES = 500_000
MAX_BYTES = 20_000_000

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
Location = tuple[int | str, ...]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a record was written. `lines` holds the line of each of its values, by their place inside the record."""

    file: str
    line: int
    lines: Mapping[Location, int] = field(default_factory=dict, repr=False)

    def line_of(self, place: Location) -> int:
        """The line of the value at `place`, or of the nearest value around it."""
        for length in range(len(place), 0, -1):
            if place[:length] in self.lines:
                return self.lines[place[:length]]
        return self.line


@dataclass(frozen=True, slots=True)
class Loaded:
    """What the files hold. With problems, `knowledge` has only the records that are well-formed by themselves."""

    knowledge: Knowledge
    origins: Mapping[tuple[str, str], Origin]
    problems: tuple[Problem, ...]


class _RefusalError(Exception):
    """A node that cannot become data; caught inside this module."""

    def __init__(self, node: yaml.Node, code: ProblemCode, what: str, mend: str) -> None:
        super().__init__(what)
        self.node, self.code, self.what, self.mend = node, code, what, mend


class _Reader:
    """Turns the YAML nodes of one file into plain data and remembers lines."""

    def __init__(self, file: str, problems: list[Problem]) -> None:
        self.file = file
        self.problems = problems
        self._nodes = 0

    def report(
        self, node: yaml.Node | None, code: ProblemCode, what: str, mend: str, record: str | None = None
    ) -> None:
        self.problems.append(Problem(self.file, _line(node), code, record, what, mend))

    def data(self, node: yaml.Node, lines: dict[Location, int], place: Location = ()) -> Any:
        """The node as text, None, list or dict. Raises `_RefusalError`."""
        self._nodes += 1
        if self._nodes > MAX_NODES or len(place) > MAX_DEPTH:
            raise _RefusalError(
                node, "wrong_shape", "too large or too deeply nested", "write values out, without YAML aliases"
            )
        lines[place] = _line(node)
        if isinstance(node, yaml.ScalarNode):
            return None if not node.style and node.value in _NULLS else str(node.value)
        if isinstance(node, yaml.SequenceNode):
            return [self.data(item, lines, (*place, index)) for index, item in enumerate(node.value)]
        result: dict[str, Any] = {}
        for key, value in self.pairs(node):
            result[key] = self.data(value, lines, (*place, key))
        return result

    def pairs(self, node: yaml.Node) -> Iterator[tuple[str, yaml.Node]]:
        """Keys and value nodes of a mapping; a key written twice is reported and its first value kept."""
        seen: dict[str, int] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise _RefusalError(key, "wrong_shape", "a key is not a plain word", "write keys as plain words")
            name = str(key.value)
            if name in seen:
                self.report(
                    key,
                    "duplicate_key",
                    f"the key {name!r} stands twice (first in line {seen[name]})",
                    "remove one of them",
                )
                continue
            seen[name] = _line(key)
            yield name, value


def _line(node: yaml.Node | None) -> int:
    mark = node.start_mark if node is not None else None
    return mark.line + 1 if mark is not None else 0


@dataclass(slots=True)
class _Draft:
    kind: str
    identifier: str | None
    data: dict[str, Any]
    origin: Origin


def yaml_files(folder: Path) -> list[Path]:
    """The curated files below a folder, in a stable order."""
    return sorted(path for path in folder.rglob("*") if path.suffix in {".yaml", ".yml"} and path.is_file())


def load(folder: Path, languages: Sequence[str]) -> Loaded:
    """Read every YAML file below `folder` (normally `data/knowledge`).

    `languages` are the codes of the registry; `names/<code>.yaml` files are merged into the records' names,
    `questions/<code>.yaml` into the topics' alternative questions.
    Whatever the files hold, this returns; problems are values.
    """
    problems: list[Problem] = []
    drafts: dict[tuple[str, str], _Draft] = {}
    additions: list[tuple[Path, _Addition]] = []
    for path in yaml_files(folder):
        if path.parent.parent == folder and path.parent.name in _ADDITIONS:
            additions.append((path, _ADDITIONS[path.parent.name]))
            continue
        for draft in _drafts(path, _shown(path, folder), problems):
            _add(draft, drafts, problems)
    for path, addition in additions:
        _merge(path, _Reader(_shown(path, folder), problems), addition, languages, drafts)
    records: dict[str, dict[str, Any]] = {kind: {} for kind in KINDS}
    origins: dict[tuple[str, str], Origin] = {}
    for draft in drafts.values():
        try:
            record = KINDS[draft.kind].model_validate(draft.data)
        except ValidationError as error:
            problems.extend(_problem(draft, detail) for detail in error.errors(include_url=False, include_context=True))
            continue
        identifier = str(draft.identifier)
        records[draft.kind][identifier] = record
        origins[draft.kind, identifier] = draft.origin
    return Loaded(Knowledge(**records), origins, tuple(sorted(problems, key=_order)))


def _order(problem: Problem) -> tuple[str, int, str, str]:
    return problem.file, problem.line, problem.code, problem.what


def _shown(path: Path, folder: Path) -> str:
    try:
        return path.relative_to(folder.parent.parent).as_posix()
    except ValueError:
        return path.as_posix()


def _add(draft: _Draft, drafts: dict[tuple[str, str], _Draft], problems: list[Problem]) -> None:
    key = (
        draft.kind,
        draft.identifier if draft.identifier is not None else f"?{draft.origin.file}:{draft.origin.line}",
    )
    if key in drafts:
        first = drafts[key].origin
        problems.append(
            Problem(
                draft.origin.file, draft.origin.line, "duplicate_id", draft.identifier,
                f"the id {draft.identifier!r} is used twice in {draft.kind} (first in {first.file}:{first.line})",
                "give one of the two records another id, or join them",
            )
        )  # fmt: skip
        return
    drafts[key] = draft


def _compose(path: Path, reader: _Reader) -> yaml.MappingNode | None:
    try:
        if path.stat().st_size > MAX_BYTES:
            reader.report(None, "unreadable_file", "the file is larger than 20 MB", "split it into several files")
            return None
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        reader.report(None, "unreadable_file", f"not UTF-8 (byte {error.start})", "save the file as UTF-8")
        return None
    except OSError as error:
        reader.report(None, "unreadable_file", f"cannot be read: {error.strerror}", "check the file's permissions")
        return None
    try:
        root = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reader.problems.append(
            Problem(
                reader.file, mark.line + 1 if mark else 0, "bad_yaml", None,
                f"no valid YAML: {error.problem or error.context}",
                "mend the line or the one above it: indentation, an unclosed quote, or a colon that needs quotes",
            )
        )  # fmt: skip
        return None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        reader.report(None, "bad_yaml", f"no valid YAML: {str(error).splitlines()[0]}", "remove the characters named")
        return None
    if root is None:
        return None
    if not isinstance(root, yaml.MappingNode):
        reader.report(root, "wrong_shape", "the file is not a mapping", f"start it with one of: {', '.join(KINDS)}")
        return None
    return root


def _sections(path: Path, reader: _Reader) -> Iterator[tuple[str, yaml.Node]]:
    root = _compose(path, reader)
    if root is None:
        return
    try:
        yield from reader.pairs(root)
    except _RefusalError as refusal:
        reader.report(refusal.node, refusal.code, refusal.what, refusal.mend)


def _drafts(path: Path, shown: str, problems: list[Problem]) -> Iterator[_Draft]:
    reader = _Reader(shown, problems)
    for kind, section in _sections(path, reader):
        if kind not in KINDS:
            reader.report(section, "unknown_key", f"unknown top-level key {kind!r}", _closest(kind, KINDS))
            continue
        if isinstance(section, yaml.ScalarNode) and not section.style and section.value in _NULLS:
            continue
        if not isinstance(section, yaml.SequenceNode):
            reader.report(section, "wrong_shape", f"{kind} is not a list", "start every record with a dash")
            continue
        for node in section.value:
            lines: dict[Location, int] = {}
            if not isinstance(node, yaml.MappingNode):
                reader.report(
                    node, "wrong_shape", f"an entry of {kind} is not a record", "write it as key: value lines"
                )
                continue
            try:
                data = reader.data(node, lines)
            except _RefusalError as refusal:
                reader.report(refusal.node, refusal.code, refusal.what, refusal.mend)
                continue
            identifier = data.get("id")
            yield _Draft(
                kind, identifier if isinstance(identifier, str) else None, data, Origin(shown, _line(node), lines)
            )


@dataclass(frozen=True, slots=True)
class _Addition:
    """What the files of a folder, one a language, add to records: which sections hold which kind, and how it is put."""

    kinds: Mapping[str, str]
    put: Callable[[_Reader, yaml.Node, _Draft, str], None]


def _merge(
    path: Path,
    reader: _Reader,
    addition: _Addition,
    languages: Sequence[str],
    drafts: Mapping[tuple[str, str], _Draft],
) -> None:
    """Merge one `<code>.yaml`: sections of the form `id: value`."""
    code, kinds = path.stem, addition.kinds
    if code not in languages:
        reader.report(
            None, "unknown_language", f"{code!r} is not a language of the registry", _closest(code, languages)
        )
        return
    for key, section in _sections(path, reader):
        if key not in kinds:
            reader.report(section, "unknown_key", f"unknown top-level key {key!r}", _closest(key, kinds))
            continue
        if not isinstance(section, yaml.MappingNode):
            if not (isinstance(section, yaml.ScalarNode) and section.value in _NULLS):
                reader.report(section, "wrong_shape", f"{key} is not a mapping", "write lines of the form id: value")
            continue
        try:
            for identifier, node in reader.pairs(section):
                draft = drafts.get((kinds[key], identifier))
                if draft is None:
                    known = [other for of_kind, other in drafts if of_kind == kinds[key]]
                    what = f"no record of {kinds[key]} has this id"
                    reader.report(node, "unknown_id", what, _closest(identifier, known), identifier)
                else:
                    addition.put(reader, node, draft, code)
        except _RefusalError as refusal:
            reader.report(refusal.node, refusal.code, refusal.what, refusal.mend)


def _name_and_aliases(reader: _Reader, node: yaml.Node) -> tuple[str | None, list[str]]:
    value = reader.data(node, {})
    if isinstance(value, dict) and set(value) <= {"name", "aliases"}:
        name, aliases = value.get("name"), value.get("aliases") or []
        if (
            (name is None or isinstance(name, str))
            and isinstance(aliases, list)
            and all(isinstance(a, str) for a in aliases)
        ):
            return name, aliases
    elif value is None or isinstance(value, str):
        return value, []
    raise _RefusalError(node, "wrong_shape", "not a name", "write the name, or {name: …, aliases: [ …, … ]}")


def _put_name(reader: _Reader, node: yaml.Node, draft: _Draft, code: str) -> None:
    """A name, or `{name: …, aliases: […]}`. Raises `_RefusalError`."""
    name, aliases = _name_and_aliases(reader, node)
    names = draft.data.get("names")
    if name is not None and isinstance(names, dict):
        if names.get(code) not in (None, name):
            reader.report(
                node, "duplicate_key",
                f"the record has another name in {code} ({draft.origin.file}:{draft.origin.line})",
                "keep the name in one place", draft.identifier,
            )  # fmt: skip
        else:
            names[code] = name
    if aliases:
        known = draft.data.setdefault("aliases", {})
        if isinstance(known, dict) and isinstance(known.get(code, []), list):
            known[code] = list(dict.fromkeys([*known.get(code, []), *aliases]))


def _put_questions(reader: _Reader, node: yaml.Node, draft: _Draft, code: str) -> None:
    """A list of further ways to ask a topic. Raises `_RefusalError`."""
    questions = reader.data(node, {})
    if not isinstance(questions, list) or not all(isinstance(question, str) and question for question in questions):
        raise _RefusalError(node, "wrong_shape", "not a list of questions", "write [ question, question ]")
    known = draft.data.setdefault("alternative_questions", {})
    if isinstance(known, dict) and isinstance(known.get(code, []), list):
        known[code] = list(dict.fromkeys([*known.get(code, []), *questions]))


_ADDITIONS: Mapping[str, _Addition] = {
    NAMES_FOLDER: _Addition({kind: kind for kind in NAMED_KINDS}, _put_name),
    QUESTIONS_FOLDER: _Addition({"questions": "topics"}, _put_questions),
}


def _closest(word: str, known: Iterator[str] | Sequence[str] | Mapping[str, Any]) -> str:
    choices = list(known)
    near = difflib.get_close_matches(word, choices, n=3)
    if near:
        return f"perhaps: {', '.join(near)}"
    return f"known: {', '.join(choices)}" if 0 < len(choices) <= 40 else "use one that exists"


_FORMS: Mapping[str, tuple[str, str]] = {
    "number": ("no telephone number", "write it as dialled in Japan: 045-222-1209, 0120-279-889, #7119, 119"),
    "date": ("no date", "write 2024, 2024-03 or 2024-03-21"),
    "since": ("no date", "write 2024, 2024-03 or 2024-03-21"),
    "valid_from": ("no full date", "write it as 2024-03-21"),
    "valid_to": ("no full date", "write it as 2024-03-21"),
    "url": ("no web address", "start with https:// and leave no spaces"),
    "id": ("no id", "use small letters, digits and underscores, starting with a letter, 60 characters at most"),
    "country": ("no country code", "write the two capital letters of ISO 3166-1, such as UA"),
    "serves_country": ("no country code", "write the two capital letters of ISO 3166-1, such as UA"),
}


def _problem(draft: _Draft, detail: ErrorDetails) -> Problem:
    place = detail["loc"]
    field_name = next((str(part) for part in reversed(place) if isinstance(part, str)), "")
    path = ".".join(str(part) for part in place) or "record"
    code: ProblemCode = "bad_value"
    what, mend = f"{path}: {detail['msg']}", "compare with a record that is accepted, or see docs/knowledge.md"
    kind = detail["type"]
    if kind == "missing":
        code, what, mend = "missing_key", f"{path} is missing", f"add {field_name}:"
    elif kind == "extra_forbidden":
        code, what, mend = "unknown_key", f"unknown key {path}", _closest(field_name, _siblings(draft.kind, place[:-1]))
    elif kind == "string_pattern_mismatch":
        form = _FORMS.get(field_name, ("not of the right form", "use small letters, digits and underscores for an id"))
        what, mend = f"{path}: {_shorten(detail['input'])} is {form[0]}", form[1]
    elif kind == "literal_error":
        what, mend = (
            f"{path}: {_shorten(detail['input'])} is not allowed",
            f"one of: {(detail.get('ctx') or {}).get('expected')}",
        )
    elif kind in {"string_type", "string_too_short"}:
        what, mend = f"{path} needs a text", "write the text, or leave the key out"
    elif kind in {"tuple_type", "dict_type", "model_type", "model_attributes_type"}:
        code, what, mend = (
            "wrong_shape",
            f"{path} has the wrong shape",
            "a list has dashes, a record has key: value lines",
        )
    return Problem(draft.origin.file, draft.origin.line_of(place), code, draft.identifier, what, mend)


def _siblings(kind: str, place: Location) -> list[str]:
    """The keys allowed at a place inside a record."""
    model: type[Record] | None = KINDS[kind]
    for part in place:
        if model is None or not isinstance(part, str):
            continue
        found = model.model_fields.get(part)
        model = _record_type(found.annotation) if found is not None else None
    return list(model.model_fields) if model is not None else []


def _record_type(annotation: Any) -> type[Record] | None:
    if isinstance(annotation, type) and issubclass(annotation, Record):
        return annotation
    return next((found for inner in get_args(annotation) if (found := _record_type(inner)) is not None), None)


def _shorten(value: Any) -> str:
    text = repr(value) if isinstance(value, str | int | float) else f"a {type(value).__name__}"
    return text if len(text) <= 60 else f"{text[:57]}…"
