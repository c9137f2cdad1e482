from __future__ import annotations

import json

import pytest

from bot.answers import AnswerService, Card
from tests.conftest import request_in


def test_a_card_survives_json(answers: AnswerService) -> None:
    card = answers.office("hours", ["lounge_tsurumi"], request_in("en"))
    assert Card.from_dict(json.loads(json.dumps(card.as_dict()))) == card


@pytest.mark.parametrize("data", [{}, {"status": "nonsense"}, {"status": "answered", "rows": [{"x": 1}]}])
def test_what_is_no_card_is_refused(data: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="card"):
        Card.from_dict(data)
