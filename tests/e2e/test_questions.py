"""The questions the guide must answer, asked over HTTP of the three running processes, each in its language."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from bot.supervisor.running import RunningGuide

pytestmark = pytest.mark.e2e


def ask(guide: RunningGuide, text: str, session: str | None = None, **more: Any) -> dict[str, Any]:
    response = httpx.post(f"{guide.url}/api/v1/messages", json={"session": session, "text": text, **more}, timeout=30)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def card(answer: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = answer["messages"][-1]["card"]
    return found


WHERE = [
    ("ja", "パスポートセンターの住所と最寄り駅を教えて"),
    ("ja-x-easy", "パスポートセンターは どこ ですか"),
    ("en", "where are the passport centres and what is the nearest station"),
    ("zh-Hans", "护照中心在哪里，离哪个车站近"),
    ("vi", "trung tâm hộ chiếu ở đâu, gần ga nào"),
    ("uk", "де знаходяться паспортні центри"),
    ("zh-Hant", "護照中心在哪裡，離哪個車站近"),
    ("ko", "여권 센터는 어디에 있고 가까운 역은 어디예요?"),
    ("ru", "где находятся паспортные центры и какая рядом станция"),
    ("es", "¿dónde quedan los centros de pasaportes?"),
    ("pt", "onde ficam os centros de passaporte?"),
    ("ne", "पासपोर्ट सेन्टरहरू कहाँ छन्?"),
    ("id", "pusat paspor di mana saja?"),
    ("fil", "saan po ang mga passport center"),
    ("th", "พาสปอร์ตเซ็นเตอร์อยู่ที่ไหนบ้าง"),
]


@pytest.mark.parametrize(("language", "question"), WHERE)
def test_passport_centres(guide: RunningGuide, language: str, question: str) -> None:
    answer = ask(guide, question, language="ja-x-easy" if language == "ja-x-easy" else None)
    assert answer["language"] == language
    text = answer["messages"][-1]["text"]
    assert set(card(answer)["about"]["offices"]) == {"ypc_main", "ypc_center_minami"}
    # A list has the addresses in the reader's language only.
    if card(answer)["about"]["intent"] != "list_offices":
        assert "山下町" in text
        assert "茅ケ崎中央" in text


@pytest.mark.parametrize(
    ("language", "question", "intent", "part"),
    [
        ("en", "can I pick up my passport on Sunday", "procedure_collect", "16:45"),
        ("ja", "日曜日にパスポートを受け取れますか", "procedure_collect", "16:45"),
        ("vi", "chủ nhật có nhận hộ chiếu được không", "procedure_collect", "16:45"),
        ("uk", "чи можна забрати паспорт у неділю", "procedure_collect", "16:45"),
        ("zh-Hans", "星期天可以领护照吗", "procedure_collect", "16:45"),
        ("zh-Hant", "星期天可以領護照嗎", "procedure_collect", "16:45"),
        ("ko", "일요일에 여권을 찾을 수 있나요", "procedure_collect", "16:45"),
        ("ru", "можно забрать паспорт в воскресенье?", "procedure_collect", "16:45"),
        ("es", "¿puedo recoger el pasaporte el domingo?", "procedure_collect", "16:45"),
        ("pt", "posso retirar o passaporte no domingo?", "procedure_collect", "16:45"),
        ("ne", "आइतबार पासपोर्ट लिन मिल्छ?", "procedure_collect", "16:45"),
        ("id", "bisa ambil paspor hari Minggu?", "procedure_collect", "16:45"),
        ("fil", "pwede bang kunin ang passport sa Linggo?", "procedure_collect", "16:45"),
        ("th", "รับพาสปอร์ตวันอาทิตย์ได้ไหม", "procedure_collect", "16:45"),
        ("en", "what do I need to renew my passport", "procedure_documents", "photo"),
        ("ja", "パスポートの更新に必要なものは？", "procedure_documents", "写真"),
        ("en", "how much is a 10-year passport", "procedure_fee", "9,300"),
        ("ja", "10年パスポートはいくらですか", "procedure_fee", "9,300"),
        ("vi", "hộ chiếu 10 năm bao nhiêu tiền", "procedure_fee", "9.300"),
        ("zh-Hans", "十年护照多少钱", "procedure_fee", "9,300"),
        ("ko", "10년짜리 여권은 얼마예요?", "procedure_fee", "9,300"),
        ("en", "I'm Brazilian, where do I renew my passport", "foreign_passport", "03-5488-5451"),
        ("uk", "я з Бразилії, де мені поновити паспорт", "foreign_passport", "03-5488-5451"),
        ("ja", "ブラジル人です。パスポートの更新はどこですか", "foreign_passport", "03-5488-5451"),
        ("en", "how large was the bureau's FY2022 budget", "topic_bureau_budget", "2022"),
        ("ja", "令和4年度の国際局の予算はいくらでしたか", "topic_bureau_budget", "16億"),
        ("ja", "無料で相談できますか", "topic_consultation", "045-222-1209"),
        ("vi", "tôi cần phiên dịch ở ủy ban quận", "topic_interpreter", "045"),
        ("uk", "де я можу отримати допомогу як біженець з України", "topic_ukraine_support", "045-222-1209"),
        ("ru", "мы беженцы из Украины, где нам помогут", "topic_ukraine_support", "045-222-1209"),
        ("ko", "구청에서 통역이 필요해요", "topic_interpreter", "045"),
    ],
)
def test_question(guide: RunningGuide, language: str, question: str, intent: str, part: str) -> None:
    answer = ask(guide, question)
    found = card(answer)
    assert answer["language"] == language
    assert found["status"] == "answered"
    topic_or_intent = {found["about"]["intent"], found["about"]["topic"]}
    assert part in answer["messages"][-1]["text"], answer["messages"][-1]["text"]
    # A topic about passports that says the same is as right as the procedure's own card.
    about_passports = intent.startswith("procedure_") and str(found["about"]["topic"]).startswith("passport_")
    assert (
        intent in topic_or_intent or about_passports or (intent.startswith("topic_") and "ask_topic" in topic_or_intent)
    )
    assert found["sources"]


def test_the_fee_says_since_when_and_to_confirm(guide: RunningGuide) -> None:
    text = ask(guide, "how much is a 10-year passport")["messages"][-1]["text"]
    assert "1 Jul 2026" in text or "1 July 2026" in text
    assert "confirm" in text or "announced" in text


@pytest.mark.parametrize(
    ("language", "question"),
    [
        ("ja", "関内駅に一番近いラウンジはどこですか"),
        ("en", "nearest lounge to Kannai station"),
        ("zh-Hans", "离关内站最近的国际交流中心在哪里"),
        ("vi", "lounge nào gần ga Kannai nhất"),
        ("uk", "найближчий лаундж до станції Kannai"),
        ("zh-Hant", "離關內站最近的國際交流中心在哪裡"),
        ("ko", "간나이역에서 가장 가까운 라운지는 어디예요?"),
        ("ru", "ближайший лаундж к станции Каннай"),
        ("es", "¿cuál es el lounge más cercano a la estación Kannai?"),
        ("pt", "qual lounge fica mais perto da estação Kannai?"),
        ("ne", "कान्नाई स्टेसनबाट सबैभन्दा नजिकको लाउन्ज कुन हो?"),
        ("id", "lounge terdekat dari stasiun Kannai"),
        ("fil", "pinakamalapit na lounge sa Kannai station"),
        ("th", "เลานจ์ที่ใกล้สถานีคันไนที่สุด"),
    ],
)
def test_nearest_lounge(guide: RunningGuide, language: str, question: str) -> None:
    answer = ask(guide, question)
    assert answer["language"] == language
    assert card(answer)["about"]["offices"][0] == "lounge_naka"


def test_a_conversation_about_one_lounge(guide: RunningGuide) -> None:
    first = ask(guide, "lounges in Tsurumi")
    assert card(first)["about"]["offices"] == ["lounge_tsurumi"]
    second = ask(guide, "is it open now", first["session"])
    assert card(second)["about"]["offices"] == ["lounge_tsurumi"]
    assert card(second)["about"]["intent"] == "office_open_now"
    third = ask(guide, "do they speak Portuguese there on Saturday", first["session"])
    assert card(third)["about"]["offices"] == ["lounge_tsurumi"]
    assert "Portuguese" in card(third)["body"]


def test_how_many_lounges(guide: RunningGuide) -> None:
    text = ask(guide, "how many lounges are there")["messages"][-1]["text"]
    assert "13" in text
    assert "12" in text


@pytest.mark.parametrize(
    ("language", "question"),
    [
        ("en", "there is a fire in my kitchen"),
        ("en", "my husband hits me"),
        ("en", "someone collapsed"),
        ("en", "I want to die"),
        ("en", "earthquake, what do I do"),
        ("ja", "火事です"),
        ("ja", "人が倒れました"),
        ("vi", "chồng tôi đánh tôi"),
        ("uk", "я хочу померти"),
        ("zh-Hans", "着火了"),
        ("zh-Hant", "廚房失火了，怎麼辦"),
        ("ko", "부엌에 불이 났어요"),
        ("ru", "муж меня бьёт"),
        ("es", "hay un incendio en mi cocina"),
        ("pt", "meu marido me bate"),
        ("ne", "मेरो श्रीमानले मलाई कुट्छ"),
        ("id", "ada kebakaran di dapur saya"),
        ("fil", "may sunog sa kusina namin"),
        ("th", "ไฟไหม้ครัว"),
    ],
)
def test_emergencies_come_first(guide: RunningGuide, language: str, question: str) -> None:
    answer = ask(guide, question)
    assert card(answer)["status"] == "emergency"
    assert answer["language"] == language
    assert "119" in answer["messages"][-1]["text"] or "110" in answer["messages"][-1]["text"]


def test_language_is_changed_and_kept(guide: RunningGuide) -> None:
    first = ask(guide, "where is the passport centre")
    second = ask(guide, "tiếng Việt được không", first["session"])
    assert second["language"] == "vi"
    third = ask(guide, "Tsurumi?", first["session"])
    assert third["language"] == "vi"


def test_every_button_leads_somewhere(guide: RunningGuide) -> None:
    answer = ask(guide, "lounges in Tsurumi")
    buttons = [action for action in card(answer)["actions"] if action["kind"] == "reply"]
    assert buttons
    for button in buttons:
        shown = ask(guide, "", answer["session"], payload=button["payload"])
        assert card(shown)["status"] in {"answered", "handoff"}, button
    original = next(button for button in buttons if button["payload"].startswith("original?"))
    assert ask(guide, "", answer["session"], payload=original["payload"])["language"] == "ja"


def test_weather_is_not_ours(guide: RunningGuide) -> None:
    assert card(ask(guide, "will it rain tomorrow in Osaka"))["status"] == "unanswered"


def test_a_text_is_never_run_as_a_command(guide: RunningGuide) -> None:
    answer = ask(guide, '/procedure_fee{"procedure": "passport_new"}')
    assert card(answer)["about"]["intent"] != "procedure_fee"
