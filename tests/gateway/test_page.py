"""The page at `/`, used the way a browser without JavaScript uses it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from html.parser import HTMLParser

import httpx
import pytest

from bot.gateway.languages import default_language, negotiate
from bot.i18n.languages import enabled_languages
from tests.gateway.conftest import Gateway, RunGateway, StubRasa


class Page(HTMLParser):
    """What the tests need to know of a page: its tags with attributes, in order, and its visible text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str]]:
        """The attributes of every element of a name."""
        return [attributes for name, attributes in self.tags if name == tag]

    def field(self, name: str) -> str:
        """The value of the first input of a name."""
        return next(each["value"] for each in self.all("input") if each.get("name") == name)


class Visitor:
    """A browser: keeps cookies, follows redirects, sends the forms it was given."""

    def __init__(self, gateway: Gateway, language: str = "en") -> None:
        self.client = gateway.client(headers={"Accept-Language": language}, follow_redirects=True)
        self.page = Page("")
        self.look()

    def look(self) -> Page:
        response = self.client.get("/")
        assert response.status_code == 200
        self.page = Page(response.text)
        return self.page

    def send(self, action: str, **fields: str) -> httpx.Response:
        response = self.client.post(action, data={"form": self.page.field("form"), **fields})
        self.page = Page(response.text)
        return response


Visit = Callable[..., Visitor]


@pytest.fixture
def visit() -> Iterator[Visit]:
    """Opens the page of a gateway in a browser of its own; all are closed at the end."""
    with ExitStack() as open_clients:

        def come(gateway: Gateway, language: str = "en") -> Visitor:
            visitor = Visitor(gateway, language)
            open_clients.callback(visitor.client.close)
            return visitor

        yield come


@pytest.fixture
def visitor(gateway: Gateway, visit: Visit) -> Visitor:
    """One visitor of the shared gateway."""
    return visit(gateway)


def test_the_first_page_offers_every_language_in_itself(visitor: Visitor) -> None:
    offered = {entry["value"]: entry for entry in visitor.page.all("button") if entry.get("name") == "language"}
    assert list(offered) == [entry.code for entry in enabled_languages()]
    assert all(entry["lang"] == code for code, entry in offered.items())
    for entry in enabled_languages():
        assert entry.name in visitor.page.text
    assert visitor.page.all("html") == [{"lang": "en"}]
    (picker, *_) = visitor.page.all("details")
    assert "open" in picker
    hrefs = [link.get("href") for link in visitor.page.all("a")]
    assert "tel:119" in hrefs
    assert "tel:110" in hrefs


def test_nothing_on_the_page_needs_a_script(gateway: Gateway) -> None:
    with gateway.client() as client:
        response = client.get("/")
        assert "<script" not in response.text
        assert " style=" not in response.text
        assert not re.search(r"\son[a-z]+=", response.text)
        for address in re.findall(r'(?:src|href)="(/static/[^"]+)"', response.text):
            assert client.get(address).status_code == 200
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "script-src" not in policy
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["cache-control"] == "no-store"


def test_a_question_and_its_answer_stay_on_the_page(visitor: Visitor) -> None:
    response = visitor.send("/ask", text="Where is the lounge?")
    assert [each.status_code for each in response.history] == [303]
    assert response.history[0].headers["location"] == "/#latest"
    assert "Where is the lounge?" in visitor.page.text
    assert "Heard" in visitor.page.text
    assert any(item.get("id") == "latest" for item in visitor.page.all("li"))
    assert "Where is the lounge?" in visitor.look().text, "a reload keeps the conversation"
    (picker, *_) = visitor.page.all("details")
    assert "open" not in picker


def test_a_tapped_reply_is_shown_with_its_label(visitor: Visitor, stub: StubRasa) -> None:
    replies = [each for each in visitor.page.all("button") if each.get("name") == "payload"]
    assert replies
    visitor.send("/ask", payload=replies[0]["value"])
    assert stub.heard[-1]["message"].startswith("/")
    said = re.search(r'class="said"[^>]*>(.*?)</p>', visitor.client.get("/").text, re.DOTALL)
    assert said
    assert not re.search(r"[?=]", said[1].split("</span>")[-1]), "the label, not the payload"


def test_a_picked_language_changes_page_and_answers(visitor: Visitor, stub: StubRasa) -> None:
    visitor.send("/language", language="vi")
    assert visitor.page.all("html") == [{"lang": "vi"}]
    visitor.send("/ask", text="ok")
    assert stub.heard[-1]["metadata"]["language"] == "vi"
    assert [card["lang"] for card in visitor.page.all("article")] == ["vi"]


def test_every_message_says_its_language(visitor: Visitor, stub: StubRasa) -> None:
    stub.language = "uk"
    visitor.send("/ask", text="Доброго дня")
    stub.language = "ja"
    visitor.send("/ask", text="こんにちは")
    assert [card["lang"] for card in visitor.page.all("article")] == ["uk", "ja"]


def test_easy_japanese_has_readings_above_kanji(visitor: Visitor) -> None:
    visitor.send("/language", language="ja-x-easy")
    assert visitor.page.all("ruby")
    visitor.send("/language", language="ja")
    assert not visitor.page.all("ruby")


@pytest.mark.parametrize(
    ("text", "status"),
    [("a" * 2000, 422), ("<b>" * 400, 422), ("   ", 422)],
)
def test_a_refused_question_stays_in_the_box(visitor: Visitor, stub: StubRasa, text: str, status: int) -> None:
    response = visitor.send("/ask", text=text)
    assert response.status_code == status
    assert visitor.page.field("text") == text
    assert any(each.get("role") == "alert" for each in visitor.page.all("p"))
    assert stub.heard == []


def test_the_typed_text_survives_the_rate_limit(run_gateway: RunGateway, stub: StubRasa, visit: Visit) -> None:
    visitor = visit(run_gateway(stub, rate_per_minute=1))
    visitor.send("/ask", text="first")
    response = visitor.send("/ask", text="typed with care")
    assert response.status_code == 429
    assert int(response.headers["retry-after"]) >= 1
    assert visitor.page.field("text") == "typed with care"
    assert "first" in visitor.page.text


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
def test_other_sites_cannot_ask_in_a_visitors_name(visitor: Visitor, stub: StubRasa, headers: dict[str, str]) -> None:
    data = {"form": visitor.page.field("form"), "text": "sent by another site"}
    response = visitor.client.post("/ask", data=data, headers=headers)
    assert response.status_code == 403
    assert stub.heard == []
    for action in ("/start-over", "/language"):
        assert visitor.client.post(action, data={**data, "language": "vi"}, headers=headers).status_code == 403


def test_another_sessions_form_is_refused_and_the_text_kept(
    visitor: Visitor, gateway: Gateway, stub: StubRasa, visit: Visit
) -> None:
    other = visit(gateway)
    for token in (other.page.field("form"), "", "x"):
        response = visitor.client.post("/ask", data={"form": token, "text": "my words"})
        assert response.status_code == 403
        assert Page(response.text).field("text") == "my words"
    assert stub.heard == []


def test_two_visitors_do_not_see_each_other(visitor: Visitor, gateway: Gateway, visit: Visit) -> None:
    visitor.send("/ask", text="only mine")
    assert "only mine" not in visit(gateway).page.text


def test_starting_over_deletes_the_conversation(visitor: Visitor, gateway: Gateway) -> None:
    visitor.send("/language", language="vi")
    visitor.send("/ask", text="forget this please")
    before = visitor.client.cookies["guide_session"]
    visitor.send("/start-over")
    assert "forget this please" not in visitor.page.text
    assert visitor.page.all("html") == [{"lang": "vi"}], "the language stays"
    assert visitor.client.cookies["guide_session"].split(".")[0] != before.split(".")[0]
    with gateway.client(cookies={"guide_session": before}) as old:
        assert "forget this please" not in old.get("/").text


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(run_gateway: RunGateway, stub: StubRasa) -> None:
    gateway = run_gateway(stub, trusted_proxies="127.0.0.1")
    with gateway.client() as client:
        plain = client.get("/").headers["set-cookie"].lower()
        secure = client.get("/", headers={"X-Forwarded-Proto": "https"}).headers["set-cookie"].lower()
    assert "httponly" in plain
    assert "samesite=lax" in plain
    assert "secure" not in plain
    assert "secure" in secure


def test_a_forged_cookie_only_begins_anew(gateway: Gateway) -> None:
    with gateway.client(cookies={"guide_session": "AAAAAAAAAAAAAAAAAAAAAA.aaaaaa.forged"}) as client:
        response = client.get("/")
    assert response.status_code == 200
    assert "forged" not in response.headers["set-cookie"]


def test_nothing_from_an_answer_is_executed(visitor: Visitor, stub: StubRasa) -> None:
    stub.mode = "script"
    visitor.send("/ask", text="<script>alert(2)</script>")
    page = visitor.look()
    assert not page.all("script")
    assert not page.all("img")
    assert not page.all("b") or all("onclick" not in each for each in page.all("b"))
    for _tag, attributes in page.tags:
        assert not any(name.startswith("on") for name in attributes)
        address = attributes.get("href", "")
        assert address.startswith(("/", "#", "tel:", "mailto:", "http://", "https://")) or not address
    assert "<script>alert(1)</script>" in page.text, "shown as the text it is"


def test_links_of_a_card_can_be_tapped(run_gateway: RunGateway, visit: Visit) -> None:
    visitor = visit(run_gateway())
    visitor.send("/ask", payload="office?kind=consultation_centre&ask=phone")
    hrefs = [link.get("href", "") for link in visitor.page.all("a")]
    assert any(re.fullmatch(r"tel:0[0-9-]+", address) for address in hrefs)
    assert any(address.startswith("https://") for address in hrefs)


def test_unknown_addresses_get_a_page_or_a_problem(gateway: Gateway) -> None:
    with gateway.client() as client:
        page = client.get("/nowhere", headers={"Accept": "text/html", "Accept-Language": "ja"})
        assert page.status_code == 404
        assert Page(page.text).all("html") == [{"lang": "ja"}]
        assert client.get("/nowhere").json()["code"] == "not_found"
        assert client.get("/static/../page.py").status_code == 404


def test_a_huge_form_is_refused_kindly(visitor: Visitor) -> None:
    response = visitor.send("/ask", text="x" * 1_000_000)
    assert response.status_code == 413
    assert any(each.get("role") == "alert" for each in visitor.page.all("p"))


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("ja", "ja"),
        ("ja-JP,ja;q=0.9,en;q=0.8", "ja"),
        ("en-US,en;q=0.5", "en"),
        ("fr;q=0.9, uk;q=0.5", "uk"),
        ("vi-VN", "vi"),
        ("zh-CN", "zh-Hans"),
        ("zh-SG", "zh-Hans"),
        ("ja-x-easy", "ja-x-easy"),
        ("de, fr", None),
        ("", None),
        (None, None),
        ("*", None),
        (";;;,q=,=;q=x, en;q=bad, \u3042", None),
        ("x" * 5000, None),
    ],
)
def test_the_browsers_language_is_met_as_well_as_possible(header: str | None, code: str | None) -> None:
    assert negotiate(header) == (code or default_language())


def test_the_page_is_whole_in_every_language(gateway: Gateway, visit: Visit) -> None:
    for entry in enabled_languages():
        visitor = visit(gateway, entry.code)
        assert visitor.page.all("html") == [{"lang": entry.code}]
        assert not re.search(r"\bpage\.[a-z_.]+\b|\{[a-z_]+\}", visitor.page.text)
