from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.i18n.languages import enabled_languages
from bot.nlu.safety_phrases import KINDS, SafetyDataError, SafetyPhrases, safety_phrases
from bot.settings import settings


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("There is a fire", "fire"),
        ("HELP!! my house is on FIRE", "fire"),
        ("my husband hits me", "violence"),
        ("someone collapsed", "medical"),
        ("Someone just colapsed at the station", "medical"),
        ("I cant breathe", "medical"),
        ("I want to die", "suicide"),
        ("earthquake, what do I do", "disaster"),
        ("somebody broke into my house", "crime"),
        ("火事です", "fire"),
        ("ｶｼﾞです", "fire"),
        ("夫に 殴られました", "violence"),
        ("人が倒れている！", "medical"),
        ("しにたい", "suicide"),
        ("シニタイ", "suicide"),
        ("地震だ、どうすればいい？", "disaster"),
        ("泥棒に入られました", "crime"),
        ("where can I buy a fire extinguisher? there is a fire in my kitchen", "fire"),
    ],
)
def test_danger_is_seen(text: str, kind: str) -> None:
    found = safety_phrases().find(text)
    assert found is not None
    assert found.kind == kind


@pytest.mark.parametrize(
    "text",
    [
        "how do I prepare for an earthquake",
        "where is the fire station",
        "when should I call 119",
        "do I need fire insurance",
        "how can I kill time in Yokohama",
        "my phone battery died",
        "I was fired from my job",
        "hit me up",
        "my passport will die soon, how to renew",
        "消防署の見学",
        "私の電池が死んだ",
        "燃えるごみは何曜日ですか",
        "ウクライナから避難してきました",
        "地震に備えて何を買えばいいですか",
        "119番はいつかければいいですか",
        "パスポートの更新をしたい",
    ],
)
def test_calm_questions_are_no_danger(text: str) -> None:
    assert safety_phrases().find(text) is None


@pytest.mark.parametrize("code", [entry.code for entry in enabled_languages()])
def test_every_offered_language_has_phrases_of_every_kind_and_each_phrase_is_found_as_written(code: str) -> None:
    path = settings().data_dir / "safety" / f"{code}.yaml"
    listed = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert set(KINDS) <= {kind for kind, phrases in listed.items() if phrases}
    own = SafetyPhrases.from_mapping({code: {kind: p for kind, p in listed.items() if kind != "not"}})
    for kind in KINDS:
        for phrase in listed[kind]:
            text = " ".join(" ".join(p.split("|")[0] for p in part.split("*")) for part in phrase.split())
            found = own.find(text)
            assert found is not None, f"{code} {kind}: {phrase}"


def test_the_most_pressing_danger_comes_first() -> None:
    found = safety_phrases().find("my husband hits me and I want to die")
    assert found is not None
    assert found.kind == KINDS[0] == "suicide"


def test_harmless_look_alikes_are_known_as_such() -> None:
    assert safety_phrases().is_harmless("where is the fire station")
    assert not safety_phrases().is_harmless("where is the passport centre")
    assert not safety_phrases().is_harmless("fire station? there is a fire!")


@pytest.mark.parametrize("phrase", ["*", "* fire", "fire *", "!!", ""])
def test_a_phrase_without_words_at_its_ends_is_refused(phrase: str) -> None:
    with pytest.raises(SafetyDataError):
        SafetyPhrases.from_mapping({"en": {"fire": [phrase]}})


def test_gaps_alternatives_and_beginnings() -> None:
    phrases = SafetyPhrases.from_mapping({"xx": {"fire": ["house|flat * burn*", "火*消え"]}})
    assert phrases.find("the flat is really burning")
    assert phrases.find("house burns")
    assert not phrases.find("the flat one two three four five burns")
    assert phrases.find("火がぜんぜん消えない")
    assert not phrases.find("火がぜんぜんぜんぜんぜんぜんぜん消えない")


@pytest.mark.parametrize("content", ["fire: burning", "smoke: [a]", "- fire", "fire: [no]", "fire: ["])
def test_a_broken_file_is_refused_with_its_name(tmp_path, content: str) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "xx.yaml").write_text(content, encoding="utf-8")
    with pytest.raises(SafetyDataError, match=r"xx\.yaml"):
        SafetyPhrases.read(tmp_path)


@given(st.text(max_size=200))
def test_any_text_can_be_looked_through(text: str) -> None:
    safety_phrases().find(text)
    safety_phrases().is_harmless(text)
