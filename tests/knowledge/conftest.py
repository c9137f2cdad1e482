"""A small set of curated files with one of everything, and the real ones."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from bot.knowledge.importer import Inputs, examine, run
from bot.knowledge.loading import Loaded
from bot.knowledge.problems import Problem
from bot.knowledge.store import KnowledgeStore
from bot.settings import PROJECT_ROOT

TODAY = date(2026, 11, 25)

REGISTRY = """
languages:
  - {code: ja, name: 日本語, locale: ja_JP, spacy: ja, script: [Jpan], fallback: []}
  - {code: ja-x-easy, name: やさしい にほんご, locale: ja_JP, spacy: ja, script: [Jpan], fallback: [ja], variant_of: ja}
  - {code: en, name: English, locale: en_GB, spacy: en, script: [Latn], fallback: [ja]}
  - {code: vi, name: Tiếng Việt, locale: vi_VN, spacy: vi, script: [Latn], fallback: [en, ja]}
  - {code: uk, name: Українська, locale: uk_UA, spacy: uk, script: [Cyrl], fallback: [en, ja]}
"""

RECORDS = """
sources:
  - {id: city, title: 市のページ, url: https://example.org/city, kind: official, date: 2026-01-07, note: staff note}
  - {id: paper, title: 新聞, url: https://example.org/paper, kind: secondary, date: 2019-10}
  - {id: memory, title: 一般知識, kind: general_knowledge, date: 2026-11-23}
wards:
  - {id: north, names: {ja: 北区, en: North Ward}, office: north_ward_office, neighbours: [south]}
  - {id: south, names: {ja: 南区, en: South Ward}, office: south_ward_office}
stations:
  - id: north_station
    names: {ja: 北駅, en: North Station}
    aliases: {ja: [きたえき]}
    ward: north
    position: {lat: 35.51, lon: 139.62, confidence: official, source: city, date: 2026-01-07}
  - id: south_station
    names: {ja: 南駅, en: South Station}
    ward: south
    position: {lat: 35.36, lon: 139.60, confidence: official, source: city, date: 2026-01-07}
offices:
  - id: north_lounge
    kind: lounge
    names: {ja: 北国際交流ラウンジ, en: North International Lounge}
    aliases: {ja: [北ラウンジ], en: [North lounge]}
    provenance: {confidence: official, source: city, date: 2026-01-07, remark: the staff only}
    ward: north
    address: {text: {ja: 横浜市北区1-2, en: 1-2 North-ku}, confidence: unverified, source: memory, date: 2026-11-23}
    postal_code: {value: 220-0001, confidence: official, source: city, date: 2026-01-07}
    phones:
      - {number: 045-999-0001, confidence: official, source: city, date: 2026-01-07, remark: asked by phone}
      - {number: 045-999-0002, kind: fax, confidence: unverified, source: memory, date: 2026-11-23}
    schedules:
      - {hours: "Mo-Sa 09:00-21:00; Su,PH 09:00-17:00; Su[4] off; Dec 29-Jan 03 off",
         confidence: official, source: city, date: 2026-01-07}
    languages:
      - {code: vi, hours: "Mo,Sa 09:00-17:00", confidence: official, source: city, date: 2026-01-07}
      - {code: my, confidence: unverified, source: memory, date: 2026-11-23}
    access:
      - {text: {ja: 北駅から歩いて5分, en: 5 minutes from North Station}, station: north_station,
         walk_minutes: 5, confidence: official, source: city, date: 2026-01-07}
    position: {lat: 35.512, lon: 139.621, confidence: unverified, source: memory, date: 2026-11-23}
    services:
      - {text: {ja: 多言語の相談と日本語教室, en: Consultation in many languages and Japanese classes},
         confidence: official, source: city, date: 2026-01-07}
  - id: south_lounge
    kind: lounge
    names: {ja: 南国際交流ラウンジ, en: South International Lounge}
    provenance: {confidence: unverified, source: memory, date: 2026-11-23}
    ward: south
    phones:
      - {number: 045-999-0003, confidence: unverified, source: memory, date: 2026-11-23}
  - id: north_ward_office
    kind: ward_office
    names: {ja: 北区役所, en: North Ward Office}
    provenance: {confidence: official, source: city, date: 2026-01-07}
    ward: north
  - id: south_ward_office
    kind: ward_office
    names: {ja: 南区役所, en: South Ward Office}
    provenance: {confidence: secondary, source: paper, date: 2019-10}
    ward: south
procedures:
  - id: renewal
    names: {ja: 旅券の更新, en: Passport renewal}
    provenance: {confidence: official, source: city, date: 2026-01-07}
    offices: [north_ward_office]
    documents:
      - {text: {ja: 写真1枚, en: One photo}, confidence: official, source: city, date: 2026-01-07}
      - {text: {ja: 秘密の書類, en: A secret paper}, confidence: unverified, source: memory, date: 2026-11-23}
fees:
  - {id: old_fee, procedure: renewal, item: {ja: 10年用}, channel: window, amount: 16000,
     valid_to: 2026-06-30, confidence: official, source: city, date: 2026-01-07}
  - {id: new_fee, procedure: renewal, item: {ja: 10年用}, channel: window, amount: 9300,
     valid_from: 2026-07-01, confidence: secondary, source: paper, date: 2026-01}
  - {id: online_fee, procedure: renewal, item: {ja: 10年用}, channel: online, amount: 8900,
     valid_from: 2026-07-01, confidence: unverified, source: memory, date: 2026-11-23}
topics:
  - id: garbage_days
    area: garbage
    question: {ja: ごみはいつ出しますか, en: On which days is garbage collected?}
    alternative_questions: {ja: [ごみの収集日を知りたい], vi: [Ngày nào thu gom rác?]}
    answer: {ja: 地域の収集日の朝8時までに出します。, en: Put it out by 8 a.m. on the collection day of your area.}
    offices: [north_ward_office]
    intent: topic_garbage
    confidence: official
    source: city
    date: 2026-01-07
    remark: for the staff
  - id: secret_topic
    area: bureau
    question: {ja: 秘密の予算はいくらですか, en: How large is the secret budget?}
    answer: {ja: 十二兆円です。, en: Twelve trillion yen.}
    offices: [north_ward_office]
    confidence: unverified
    source: memory
    date: 2026-11-23
  - id: plain_statement
    area: bureau
    kind: statement
    answer: {ja: 国際局は姉妹都市との交流を進めます。, en: The bureau furthers exchange with sister cities.}
    confidence: official
    source: city
    date: 2022-05-16
    status: historical
  - id: hidden_statement
    area: bureau
    kind: statement
    answer: {ja: 誰も確かめていない文です。}
    confidence: unverified
    source: memory
    date: 2026-11-23
budget:
  - {id: total, name: {ja: 総額}, fiscal_year: 2022, amount: 3600, confidence: official, source: city, date: 2022-05-16}
  - {id: part, name: {ja: 一部}, fiscal_year: 2022, amount: 600,
     parent: total, confidence: unverified, source: memory, date: 2022-05-16}
partnerships:
  - {id: odesa, kind: sister_city, names: {ja: オデーサ, en: Odesa}, country: UA, since: 1965-07-01,
     confidence: official, source: city, date: 2022-05-16}
"""

NAMES_VI = """
offices:
  north_lounge: {name: Phòng giao lưu quốc tế Bắc, aliases: [lounge Bắc]}
wards:
  north: Quận Bắc
"""

CATALOGUE_UK = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Language: uk\\n"

msgctxt "topic.garbage_days.question"
msgid "ごみはいつ出しますか"
msgstr "Коли вивозять сміття?"

msgctxt "topic.garbage_days.answer"
msgid "古い文です。"
msgstr "Застарілий переклад про вівторок."
"""


def write_data(folder: Path, **files: str) -> Inputs:
    """A data folder with the sample; `files` add or replace files of data/knowledge (`names__vi` → names/vi.yaml)."""
    data = folder / "data"
    texts = {"records": RECORDS, "names__vi": NAMES_VI, **files}
    for name, text in texts.items():
        path = data / "knowledge" / (name.replace("__", "/") + ".yaml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (data / "languages.yaml").write_text(REGISTRY, encoding="utf-8")
    catalogue = data / "locale" / "uk" / "topics.po"
    catalogue.parent.mkdir(parents=True, exist_ok=True)
    catalogue.write_text(CATALOGUE_UK, encoding="utf-8")
    (folder / "domain.yml").write_text("intents: [greet, topic_garbage]\n", encoding="utf-8")
    return Inputs(data, folder / "domain.yml")


@pytest.fixture
def sample(tmp_path: Path) -> Inputs:
    """The sample as files."""
    return write_data(tmp_path)


@pytest.fixture(scope="session")
def sample_db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample, imported once."""
    folder = tmp_path_factory.mktemp("sample")
    target = folder / "var" / "knowledge.sqlite3"
    problems = run(write_data(folder), target, TODAY)
    assert problems == []
    return target


@pytest.fixture
def store(sample_db: Path) -> Iterator[KnowledgeStore]:
    """The sample's store."""
    with KnowledgeStore(sample_db) as opened:
        yield opened


@pytest.fixture(scope="session")
def real() -> tuple[Loaded, list[Problem]]:
    """The project's own knowledge, as the importer sees it today."""
    return examine(Inputs(PROJECT_ROOT / "data", PROJECT_ROOT / "domain.yml"), date.today())  # noqa: DTZ011
