"""Languages without texts of our own, over HTTP: with a translation service, without one, and with a bad one."""

from __future__ import annotations

import pytest

from bot.i18n import text
from bot.i18n.foreign import foreign_languages
from tests.gateway.conftest import Gateway, RunGateway, StubRasa, wait_until
from tests.translation.libretranslate import LibreTranslateServer

FRENCH = "Bonjour, je voudrais savoir où se trouve le centre des passeports à Yokohama"
PHONE = "045-222-1209"


@pytest.fixture
def translating(run_gateway: RunGateway, stub: StubRasa, libretranslate: LibreTranslateServer) -> Gateway:
    gateway = run_gateway(
        stub, translation_provider="libretranslate", translation_url=libretranslate.url, translation_timeout=1.0
    )
    with gateway.client() as client:
        wait_until(lambda: client.get("/readyz").status_code == 200, seconds=60)
    stub.reset()
    return gateway


def test_a_translated_question_gets_a_translated_answer(
    translating: Gateway, stub: StubRasa, libretranslate: LibreTranslateServer
) -> None:
    answer = translating.say(FRENCH)
    card = answer["messages"][0]["card"]
    assert stub.heard[0]["message"].startswith("<en> Bonjour")
    assert stub.heard[0]["metadata"]["language"] == "en"
    assert (answer["language"], card["translation"], card["title"]) == ("fr", "machine", "<fr> Heard")
    assert card["notices"][0] == f"<fr> {text('translation.machine', 'en')}"
    assert "<fr> Heard" in answer["messages"][0]["text"]


def test_personal_data_does_not_leave(translating: Gateway, libretranslate: LibreTranslateServer) -> None:
    translating.say(f"{FRENCH}, mon numéro est 090-1234-5678")
    assert libretranslate.heard
    assert not any("1234" in each["q"] for each in libretranslate.heard)


def test_danger_is_seen_in_the_translation(translating: Gateway, libretranslate: LibreTranslateServer) -> None:
    french = "Au secours, il y a un incendie dans ma cuisine et beaucoup de fumée"
    libretranslate.glossary = {french: "help, there is a fire in my kitchen and lots of smoke"}
    card = translating.say(french)["messages"][0]["card"]
    assert (card["status"], card["language"]) == ("emergency", "fr")
    assert any(row["target"] == "119" or row["value"] == "119" for row in card["rows"]) or "119" in card["body"]


@pytest.mark.parametrize("mode", ["500", "429", "garbage"])
def test_a_bad_service_leaves_an_honest_answer(
    translating: Gateway, libretranslate: LibreTranslateServer, stub: StubRasa, mode: str
) -> None:
    libretranslate.modes = [mode] * 10
    answer = translating.say(FRENCH)
    card = answer["messages"][0]["card"]
    assert stub.heard[0]["message"] == FRENCH
    assert card["notices"][0] == foreign_languages()["fr"].apology(PHONE)
    assert card["translation"] != "machine"


def test_failing_on_the_way_back_leaves_the_answer(translating: Gateway, libretranslate: LibreTranslateServer) -> None:
    libretranslate.modes = ["good", "garbage"]
    card = translating.say(FRENCH)["messages"][0]["card"]
    assert (card["language"], card["title"]) == ("en", "Heard")
    assert card["notices"][0] == foreign_languages()["fr"].apology(PHONE)


SENTENCES = {
    "fr": FRENCH,
    "my": "ယိုကိုဟားမားမှာ နိုင်ငံကူးလက်မှတ် ရုံး ဘယ်မှာလဲ",
    "km": "តើការិយាល័យលិខិតឆ្លងដែននៅឯណា",
    "bn": "পাসপোর্ট অফিস কোথায় এবং কখন খোলা থাকে",
    "hi": "पासपोर्ट कार्यालय कहाँ है और यह कितने बजे खुलता है",
    "ur": "پاسپورٹ کا دفتر کہاں ہے اور کب کھلتا ہے؟",
    "si": "විදේශ ගමන් බලපත්‍ර කාර්යාලය කොහේද",
    "mn": "Паспортын төв хаана байдаг вэ, хэдэн цагт нээдэг вэ",
    "ar": "أين يقع مركز جوازات السفر في المدينة ومتى يفتح",
    "fa": "مرکز گذرنامه کجاست و چه ساعتی باز می‌شود",
    "de": "Guten Tag, wo ist das Passzentrum und wann hat es geöffnet?",
    "it": "Buongiorno, vorrei sapere dove si trova il centro passaporti e quando apre",
    "tr": "Merhaba, pasaport merkezi nerede ve saat kaçta açılıyor?",
}


@pytest.mark.parametrize("code", sorted(SENTENCES))
def test_without_a_service_there_is_a_sentence_in_the_own_language(gateway: Gateway, code: str) -> None:
    card = gateway.say(SENTENCES[code])["messages"][0]["card"]
    assert card["notices"][0] == foreign_languages()[code].apology(PHONE)


def test_every_listed_language_is_tested_and_gives_the_number() -> None:
    assert set(foreign_languages()) == set(SENTENCES)
    assert all(PHONE in language.apology(PHONE) for language in foreign_languages().values())


def test_a_chosen_language_is_kept(translating: Gateway, libretranslate: LibreTranslateServer) -> None:
    assert translating.say(FRENCH, language="vi")["language"] == "vi"
    assert not libretranslate.heard


def test_languages_of_our_own_are_never_sent(translating: Gateway, libretranslate: LibreTranslateServer) -> None:
    for own in ("Where is the passport centre?", "パスポートセンターはどこですか", "trung tâm hộ chiếu ở đâu"):
        assert translating.say(own)["messages"][0]["card"]["translation"] != "machine"
    assert not libretranslate.heard
