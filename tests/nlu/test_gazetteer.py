from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from bot.i18n.languages import enabled_languages, registry
from bot.nlu.gazetteer_data import GazetteerData, GazetteerDataError, build
from bot.nlu.gazetteer_match import Entity, Gazetteer
from bot.nlu.knowledge_source import load_knowledge
from bot.nlu.normalization import fold
from bot.nlu.tokenization import spans
from bot.settings import settings

TODAY = dt.date(2026, 11, 25)


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    data = build(load_knowledge(), settings().data_dir / "gazetteer", registry())
    return Gazetteer(GazetteerData.from_dict(json.loads(json.dumps(data.as_dict()))), registry())


@pytest.mark.parametrize(
    ("language", "text", "country", "expected"),
    [
        ("ja", "パスポートを更新したいです", "TH", False),
        ("ja", "タイのパスポート", "TH", True),
        ("ja", "ﾀｲのパスポート", "TH", True),
        ("ja-x-easy", "たい の パスポート", "TH", True),
        ("ja-x-easy", "こうしん したい です", "TH", False),
        ("ko", "어떻게 가나요", "GH", False),
        ("ko", "가나 대사관", "GH", True),
        ("ko", "외국인도 되나요", "IN", False),
    ],
)
def test_short_names_are_not_found_inside_other_words(
    gazetteer: Gazetteer, language: str, text: str, country: str, expected: bool
) -> None:
    found = {entity.value for entity in find(gazetteer, language, text) if entity.entity == "country"}
    assert (country in found) is expected


def find(gazetteer: Gazetteer, language: str, text: str) -> list[Entity]:
    edges = {place for span in spans(text, language) for place in (span.start, span.end)}
    return gazetteer.find(text, language, TODAY, edges)


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "nearest lounge to Kannai station", {("office_kind", "lounge"), ("station", "kannai")}),
        ("en", "passport centre in turumi ward?", {("office_kind", "passport_centre"), ("ward", "tsurumi")}),
        ("en", "kouhoku ku lounge", {("office", "lounge_kohoku")}),
        ("en", "do they speak Portuguese there on Saturday", {("language", "pt"), ("weekday", "Sa")}),
        ("en", "weekend hours", {("weekday", "Sa"), ("weekday", "Su")}),
        ("en", "is it closed on public holidays", {("weekday", "PH")}),
        ("en", "is it open tomorrow at 5pm", {("date", "2026-11-26"), ("time", "17:00")}),
        ("en", "how much is a 10-year passport", {("passport_type", "10y")}),
        ("en", "Kanagawa prefecture", set()),
        ("en", "I live in Yokohama", set()),
        ("en", "Tsurumi station", {("station", "tsurumi")}),
        ("ja", "鶴見駅の近くのラウンジ", {("station", "tsurumi"), ("office_kind", "lounge")}),
        ("ja", "Kannai駅から近い", {("station", "kannai")}),
        ("ja", "日曜日の午後3時に開いてますか", {("weekday", "Su"), ("time", "15:00")}),
        ("ja", "12月3日は？", {("date", "2026-12-03")}),
        ("ja", "とうきょうのきょうしつ", set()),
        ("ja", "ﾗｳﾝｼﾞ", {("office_kind", "lounge")}),
        ("ja", "らうんじ", {("office_kind", "lounge")}),
        ("ja-x-easy", "なかくの ラウンジ", {("ward", "naka"), ("office_kind", "lounge")}),
        ("vi", "thứ bảy có mở cửa không", {("weekday", "Sa")}),
        ("vi", "thu bay co mo cua khong", {("weekday", "Sa")}),
        ("vi", "mùa thu có môn gì", set()),
        ("uk", "чи говорять там українською в суботу", {("language", "uk"), ("weekday", "Sa")}),
        ("uk", "найближчий лаундж до станції Каннай", {("office_kind", "lounge"), ("station", "kannai")}),
        ("zh-Hans", "星期天开门吗", {("weekday", "Su")}),
    ],
)
def test_entities_are_ids_and_codes(
    gazetteer: Gazetteer, language: str, text: str, expected: set[tuple[str, str]]
) -> None:
    assert {(found.entity, found.value) for found in find(gazetteer, language, text)} == expected


def test_a_bare_name_is_the_ward_first_and_the_station_less_surely(gazetteer: Gazetteer) -> None:
    found = {entity.entity: entity.confidence for entity in find(gazetteer, "en", "Tsurumi")}
    assert found["ward"] > found["station"] > 0


@pytest.mark.parametrize("text", ["鶴見ラウンジは何時から", "鶴見 ラウンジ"])
def test_a_short_name_of_an_office_is_the_office(gazetteer: Gazetteer, text: str) -> None:
    assert ("office", "lounge_tsurumi") in {(e.entity, e.value) for e in find(gazetteer, "ja", text)}


def test_directions_are_told(gazetteer: Gazetteer) -> None:
    found = find(gazetteer, "en", "how do I get from Yokohama station to the passport center")
    assert [(e.value, e.direction) for e in found if e.entity == "station"] == [("yokohama", "from")]
    assert [e.direction for e in find(gazetteer, "en", "lounges in Tsurumi")] == [None, None, None]


def test_positions_are_those_of_the_original(gazetteer: Gazetteer) -> None:
    text = "  ＴＳＵＲＵＭＩ　ward の ﾗｳﾝｼﾞ"
    found = {entity.entity: text[entity.start : entity.end] for entity in find(gazetteer, "ja", text)}
    assert found["office_kind"] == "ﾗｳﾝｼﾞ"
    assert found["ward"].startswith("ＴＳＵＲＵＭＩ")


def test_every_office_ward_and_station_is_found_by_its_names(gazetteer: Gazetteer) -> None:
    knowledge = load_knowledge()
    alone = {fold(name) for name in gazetteer.data.alone}
    for kind, records in (("office", knowledge.offices), ("ward", knowledge.wards), ("station", knowledge.stations)):
        for identifier, record in records.items():
            for language, name in record.names.by_language().items():
                if registry().find(language) is None or fold(name) in alone or len(fold(name)) < 4:
                    continue
                values = {(e.entity, e.value) for e in find(gazetteer, language, name)}
                same = [
                    other
                    for other, one in records.items()
                    if other != identifier and name in one.names.by_language().values()
                ]
                assert (kind, identifier) in values or same, f"{identifier} is not found by {name!r}: {values}"


@pytest.mark.parametrize("code", [e.code for e in enabled_languages() if e.variant_of is None])
def test_phrases_of_the_files_are_found_in_their_language(gazetteer: Gazetteer, code: str) -> None:
    raw = yaml.safe_load((settings().data_dir / "gazetteer" / f"{code}.yaml").read_text(encoding="utf-8"))
    knowledge = load_knowledge()
    missed = []
    number = 0
    for entity, values in raw["phrases"].items():
        if entity in ("day", "time"):
            continue
        for value, texts in values.items():
            if entity == "procedure" and value not in knowledge.procedures:
                continue
            for text in texts:
                number += 1
                found = {(e.entity, e.value) for e in find(gazetteer, code, text)}
                if not {(entity, single) for single in value.split(",")} <= found:
                    missed.append((entity, value, text, found))
    assert len(missed) <= 0.03 * number, missed


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        ("ja", "磯子のラウンジ", ("ward", "isogo")),
        ("ja", "関内から一番近い", ("station", "kannai")),
        ("zh-Hans", "鹤见的交流中心", ("ward", "tsurumi")),
        ("zh-Hans", "中国护照快过期了", ("country", "CN")),
    ],
)
def test_bare_places_and_countries_in_scripts_without_spaces(
    gazetteer: Gazetteer, code: str, text: str, expected: tuple[str, str]
) -> None:
    assert expected in {(entity.entity, entity.value) for entity in find(gazetteer, code, text)}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("phrases: {animal: {cat: [cat]}}", "animal"),
        ("phrases: {weekday: {Mo: monday}}", "list of texts"),
        ("phrases: {time: {'12:00': [12:00]}}", "list of texts"),
        ("affixes: {tower: [tower]}", "tower"),
        ("names: {weekday: {Mo: [x]}}", "weekday"),
        ("- a", "keys with values"),
        ("phrases: [", "xx.yaml"),
    ],
)
def test_a_broken_file_is_refused_with_its_name(tmp_path: Path, content: str, says: str) -> None:
    (tmp_path / "xx.yaml").write_text(content, encoding="utf-8")
    with pytest.raises(GazetteerDataError, match=says):
        build(load_knowledge(), tmp_path, registry())


@hypothesis_settings(max_examples=100, deadline=None)
@given(text=st.text(max_size=80), code=st.sampled_from([e.code for e in enabled_languages()]))
def test_any_text_can_be_looked_through(gazetteer: Gazetteer, text: str, code: str) -> None:
    for entity in find(gazetteer, code, text):
        assert 0 <= entity.start < entity.end <= len(text)
        assert 0.0 < entity.confidence <= 1.0
