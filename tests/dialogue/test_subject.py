from __future__ import annotations

from typing import Any

import pytest

from bot.dialogue.context import Context
from bot.dialogue.subject import list_kind, office_subject
from bot.dialogue.turn import Turn
from bot.knowledge.store import KnowledgeStore
from tests.conftest import WEDNESDAY_NOON


def turn(entities: dict[str, str], offices: tuple[str, ...] = ()) -> Turn:
    raw = [{"entity": name, "value": value} for name, value in entities.items()]
    slots = {"context": Context(offices=tuple(offices)).as_slot(WEDNESDAY_NOON)}
    return Turn.read({"intent": {"name": "office_hours"}, "entities": raw}, slots, WEDNESDAY_NOON)


@pytest.mark.parametrize(
    ("entities", "slots", "expected"),
    [
        ({"office": "lounge_naka"}, {"offices": ["lounge_tsurumi"]}, ("lounge_naka",)),
        ({}, {"offices": ["lounge_tsurumi"]}, ("lounge_tsurumi",)),
        ({"office_kind": "lounge", "ward": "tsurumi"}, {}, ("lounge_tsurumi",)),
        ({"office_kind": "ward_office", "ward": "tsurumi"}, {"offices": ["lounge_tsurumi"]}, ("ward_tsurumi",)),
        ({"office_kind": "passport_centre"}, {}, ("ypc_main", "ypc_center_minami")),
        ({"office_kind": "passport_centre"}, {"offices": ["ypc_center_minami"]}, ("ypc_center_minami",)),
        ({"ward": "tsurumi"}, {}, ("lounge_tsurumi",)),
        ({"ward": "tsurumi"}, {"offices": ["ward_naka"]}, ("ward_tsurumi",)),
        ({"ward": "nishi"}, {}, ("ward_nishi",)),
        ({"office_kind": "lounge", "ward": "nishi"}, {}, ()),
        ({}, {}, ()),
        ({}, {"offices": ["gone"]}, ()),
    ],
)
def test_which_office(
    store: KnowledgeStore, entities: dict[str, str], slots: dict[str, Any], expected: tuple[str, ...]
) -> None:
    assert office_subject(turn(entities, **slots), store.public).offices == expected


def test_kind_of_a_list(store: KnowledgeStore) -> None:
    assert list_kind(turn({}), store.public) == "lounge"
    assert list_kind(turn({"office_kind": "ward_office"}), store.public) == "ward_office"
    assert list_kind(turn({"office": "ypc_main"}), store.public) == "passport_centre"
    assert list_kind(turn({}), None) == "lounge"
