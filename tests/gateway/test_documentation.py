"""The reference says what the code does."""

from __future__ import annotations

import re

import pytest

from bot.dialogue.payload import GRAMMAR
from bot.gateway.problems import PROBLEMS, ProblemCode
from bot.privacy.detection import KINDS
from bot.settings import PROJECT_ROOT, Settings

API = (PROJECT_ROOT / "docs" / "api.md").read_text("utf-8")
OPERATIONS = (PROJECT_ROOT / "docs" / "operations.md").read_text("utf-8")
SECURITY = (PROJECT_ROOT / "docs" / "security.md").read_text("utf-8")


@pytest.mark.parametrize("code", PROBLEMS)
def test_every_problem_is_described_with_its_status(code: ProblemCode) -> None:
    rows = [line for line in API.splitlines() if line.startswith("|") and f"`{code}`" in line]
    assert len(rows) == 1
    assert rows[0].startswith(f"| {PROBLEMS[code][0]} |")


def test_every_payload_is_described() -> None:
    for name in GRAMMAR:
        assert re.search(rf"`{name}[`?]", API), name


def _settings_rows() -> dict[str, str]:
    return {match[1]: match[2] for match in re.finditer(r"^\| `([A-Z_]+)` \|([^|]*)\|", OPERATIONS, re.MULTILINE)}


def test_the_table_of_settings_is_complete_and_has_the_defaults() -> None:
    rows = _settings_rows()
    assert set(rows) == {name.upper() for name in Settings.model_fields}
    for name, field in Settings.model_fields.items():
        default = field.default
        if hasattr(default, "relative_to"):
            default = default.relative_to(PROJECT_ROOT)
        shown = rows[name.upper()].strip().strip("`").replace(",", "")
        assert shown == ("" if default in (None, "") else str(default)), name


def test_every_kind_of_personal_data_is_named() -> None:
    words = {
        "my_number": "My Number",
        "bank_card": "bank card",
        "residence_card": "residence card",
        "passport": "passport",
        "phone": "telephone",
        "email": "e-mail",
    }
    assert set(words) == set(KINDS)
    for kind in KINDS:
        assert f"| {words[kind]} |" in SECURITY
